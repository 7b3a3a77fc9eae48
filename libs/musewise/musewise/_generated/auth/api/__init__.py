"""Calls by subject; nothing is imported here."""
