"""History of the schema (alembic)."""
