"""Migrations of the scheduler's schema."""
