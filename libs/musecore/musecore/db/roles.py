"""One role per service: it sees its own schema, and no other."""

import re
from urllib.parse import unquote, urlsplit

from sqlalchemy.exc import ProgrammingError

from musecore.db.engine import Database, Transaction
from musecore.errors import Forbidden

__all__ = ["Login", "grant_role", "login_of"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")


class RoleNotAllowed(Forbidden):
    """The administrator's role may not make roles."""

    code = "role_not_allowed"


class Login:
    """A role and its password, which does not show."""

    def __init__(self, role: str, password: str | None = None) -> None:
        if not _NAME.fullmatch(role):
            raise RoleNotAllowed(
                f"{role!r} cannot be a role of a service.",
                hint="Use letters, digits, _ and -.",
            )
        self.role = role
        self.password = password


def login_of(url: str) -> Login | None:
    """Give the role and password in a database's URL; None where it names no role."""
    parts = urlsplit(url)
    if not parts.username:
        return None
    password = None if parts.password is None else unquote(parts.password)
    return Login(unquote(parts.username), password)


async def grant_role(database: Database, login: Login) -> bool:
    """Let a role work in the schema of `database`; tells whether it was made.

    The role is made if there is none, gets the password if one is given, and may read
    and write rows of this schema, also of tables that come later. It may not change
    the tables, and gets no right on any other schema. May be repeated.

    Raises
    ------
    RoleNotAllowed
        The role that does this may not make roles.
    """
    async with database.begin() as tx:
        try:
            made = await _make(tx, login)
        except ProgrammingError as error:
            raise RoleNotAllowed(
                f"The role {login.role} cannot be made or changed: {error.orig}.",
                hint="Give admin_database_url of a role with CREATEROLE, or make the "
                f"role by hand: CREATE ROLE {login.role} LOGIN PASSWORD '…'",
            ) from error
        for statement in _grants(database.schema, f'"{login.role}"'):
            await tx.execute(statement)
    return made


async def _make(tx: Transaction, login: Login) -> bool:
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('musewise roles'))")
    found = await tx.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = :role", {"role": login.role}
    )
    made = found.first() is None
    if made:
        await tx.execute(f'CREATE ROLE "{login.role}" LOGIN')
    if login.password is not None:
        quoted = await tx.execute(
            "SELECT quote_literal(CAST(:password AS text))",
            {"password": login.password},
        )
        connection = await tx.connection()
        await connection.exec_driver_sql(
            f'ALTER ROLE "{login.role}" PASSWORD {quoted.scalar()}'
        )
    return made


def _grants(schema: str, role: str) -> tuple[str, ...]:
    rows = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
    later = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}"
    return (
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.alembic_version FROM {role}",
        f"{later} GRANT {rows} ON TABLES TO {role}",
        f"{later} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        f"{later} GRANT EXECUTE ON FUNCTIONS TO {role}",
    )
