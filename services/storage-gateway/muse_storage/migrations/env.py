"""Alembic's door: the tables of this service."""

from muse_storage.tables import metadata
from musecore.db import run_migration_environment

run_migration_environment(metadata)
