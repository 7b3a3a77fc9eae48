"""Run tasks: slots, attempts, staging, storing, reports."""
