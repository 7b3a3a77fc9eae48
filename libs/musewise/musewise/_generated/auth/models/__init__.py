"""Models of requests and answers, a module each; nothing is imported here."""
