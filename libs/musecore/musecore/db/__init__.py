"""PostgreSQL: transactions, COPY, pages, notifications, migrations, private server."""

from musecore.db.embedded import (
    DataDirectoryInUse,
    EmbeddedPostgres,
    PostgresNotStartable,
)
from musecore.db.engine import (
    Database,
    DatabaseRefused,
    DatabaseUnavailable,
    Page,
    Transaction,
    keyset_page,
)
from musecore.db.migrations import (
    Revisions,
    SchemaOutdated,
    is_current,
    make_revision,
    model_differences,
    require_current,
    revisions,
    run_migration_environment,
    upgrade,
)

__all__ = [
    "DataDirectoryInUse",
    "Database",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "EmbeddedPostgres",
    "Page",
    "PostgresNotStartable",
    "Revisions",
    "SchemaOutdated",
    "Transaction",
    "is_current",
    "keyset_page",
    "make_revision",
    "model_differences",
    "require_current",
    "revisions",
    "run_migration_environment",
    "upgrade",
]
