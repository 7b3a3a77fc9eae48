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
    quick,
)
from musecore.db.migrations import (
    NoWayBack,
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
from musecore.db.roles import Login, grant_role, login_of

__all__ = [
    "DataDirectoryInUse",
    "Database",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "EmbeddedPostgres",
    "Login",
    "NoWayBack",
    "Page",
    "PostgresNotStartable",
    "Revisions",
    "SchemaOutdated",
    "Transaction",
    "grant_role",
    "is_current",
    "keyset_page",
    "login_of",
    "make_revision",
    "model_differences",
    "quick",
    "require_current",
    "revisions",
    "run_migration_environment",
    "upgrade",
]
