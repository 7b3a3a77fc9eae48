"""The auth service: users, projects and tokens."""
