"""Alembic's door: the tables of this service."""

from musecore.db import run_migration_environment
from muse_catalog.tables import metadata

run_migration_environment(metadata)
