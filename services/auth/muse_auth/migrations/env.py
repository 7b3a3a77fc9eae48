from muse_auth.tables import metadata
from musecore.db import run_migration_environment

run_migration_environment(metadata)
