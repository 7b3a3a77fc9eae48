"""SQL of the auth service; takes a transaction, returns models."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from muse_auth.models import AccessRequest, Account, Member, Owner, Project
from muse_auth.tables import (
    AccessRequestRow,
    AccountRow,
    AuditRow,
    MembershipRow,
    ProjectRow,
)
from musecore.db import Transaction

__all__ = ["AuthStore"]


def _account(row: AccountRow) -> Account:
    return Account.model_validate(
        {
            "subject": row.subject,
            "name": row.name,
            "kind": row.kind,
            "scopes": row.scopes,
        }
    )


class AuthStore:
    """Accounts, projects, memberships and the audit trail."""

    def __init__(self, tx: Transaction) -> None:
        self._session = tx.session

    async def account(self, subject: str) -> Account | None:
        """Return an account."""
        row = await self._session.get(AccountRow, subject)
        return None if row is None else _account(row)

    async def secret_hash(self, subject: str) -> str | None:
        """Return the hash of an account's secret."""
        row = await self._session.get(AccountRow, subject)
        return None if row is None else row.secret_hash

    async def put_account(self, account: Account, secret_hash: str | None) -> None:
        """Make an account, or change the one with this subject."""
        fields: dict[str, Any] = account.model_dump()
        if secret_hash is not None:
            fields["secret_hash"] = secret_hash
        statement = insert(AccountRow).values(**fields)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["subject"], set_=fields)
        )

    async def add_project(self, project: Project) -> bool:
        """Make a project; False when the name is taken."""
        statement = (
            insert(ProjectRow)
            .values(**project.model_dump())
            .on_conflict_do_nothing()
            .returning(ProjectRow.name)
        )
        return (await self._session.execute(statement)).first() is not None

    async def projects(self, subject: str) -> list[Project]:
        """Return the projects of an account, by name."""
        statement = (
            select(ProjectRow)
            .join(MembershipRow, MembershipRow.project == ProjectRow.name)
            .where(MembershipRow.subject == subject)
            .order_by(ProjectRow.name)
        )
        rows = await self._session.scalars(statement)
        return [Project(name=row.name, doc=row.doc) for row in rows]

    async def levels(self, subject: str) -> dict[str, int]:
        """Return project -> level of an account."""
        rows = await self._session.scalars(
            select(MembershipRow).where(MembershipRow.subject == subject)
        )
        return {row.project: row.level for row in rows}

    async def put_member(self, member: Member) -> None:
        """Give an account a level in a project."""
        statement = insert(MembershipRow).values(**member.model_dump())
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["project", "subject"], set_={"level": member.level}
            )
        )

    async def owners(self, project: str, level: int) -> list[Owner] | None:
        """Return who has this level in a project, by name; None: no such project."""
        if await self._session.get(ProjectRow, project) is None:
            return None
        statement = (
            select(AccountRow)
            .join(MembershipRow, MembershipRow.subject == AccountRow.subject)
            .where(MembershipRow.project == project, MembershipRow.level >= level)
            .order_by(AccountRow.name)
        )
        rows = await self._session.scalars(statement)
        return [Owner(subject=row.subject, name=row.name) for row in rows]

    async def put_request(self, project: str, subject: str, reason: str) -> None:
        """Write down a request, or another reason for it."""
        given = {"project": project, "subject": subject, "reason": reason}
        statement = insert(AccessRequestRow).values(given)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["project", "subject"], set_={"reason": reason}
            )
        )

    async def requests(self, project: str) -> list[AccessRequest]:
        """Return the open requests of a project, the oldest first."""
        statement = (
            select(AccessRequestRow, AccountRow.name)
            .join(AccountRow, AccountRow.subject == AccessRequestRow.subject)
            .where(AccessRequestRow.project == project)
            .order_by(AccessRequestRow.created_at)
        )
        return [
            AccessRequest(
                project=row.project,
                subject=row.subject,
                name=name,
                reason=row.reason,
                created_at=row.created_at,
            )
            for row, name in await self._session.execute(statement)
        ]

    async def drop_request(self, project: str, subject: str) -> bool:
        """Remove a request; False when there is none."""
        statement = (
            delete(AccessRequestRow)
            .where(
                AccessRequestRow.project == project,
                AccessRequestRow.subject == subject,
            )
            .returning(AccessRequestRow.subject)
        )
        return (await self._session.execute(statement)).first() is not None

    async def audit(self, by: str, what: str, **detail: Any) -> None:
        """Write down who changed which right."""
        self._session.add(AuditRow(by=by, what=what, detail=detail))
        await self._session.flush()
