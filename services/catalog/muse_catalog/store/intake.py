"""Refusals and twins: SQL of what was not registered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, true
from sqlalchemy.dialects.postgresql import insert

from muse_catalog.models import Access, RefusalRecord
from muse_catalog.tables import RefusalRow, TwinRow
from musecore.db import Transaction

__all__ = ["IntakeStore"]

_REFUSAL = RefusalRow.__table__.c


class IntakeStore:
    """What was refused, and what was there already, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_refusal(self, identity: str, refusal: RefusalRecord) -> None:
        """Note a refusal; the newest of the same file or row counts."""
        values = {
            name: value.replace("\x00", "") if isinstance(value, str) else value
            for name, value in refusal.model_dump().items()
        }
        await self._tx.session.execute(
            insert(RefusalRow)
            .values(identity=identity, **values)
            .on_conflict_do_update(
                index_elements=[RefusalRow.identity, RefusalRow.project], set_=values
            )
        )

    async def forget_refusals(self, identities: Sequence[str], project: str) -> None:
        """Forget the refusals of what is taken in now."""
        await self._tx.session.execute(
            delete(RefusalRow).where(
                RefusalRow.identity.in_(identities), RefusalRow.project == project
            )
        )

    async def refusals(
        self,
        access: Access,
        *,
        since: datetime | None,
        filename: str | None,
        limit: int,
    ) -> list[RefusalRecord]:
        """Give refusals, newest first."""
        mine = true() if access.everything else _REFUSAL.project.in_(access.projects)
        columns = [_REFUSAL[name] for name in RefusalRecord.model_fields]
        query = select(*columns).where(mine).order_by(_REFUSAL.at.desc()).limit(limit)
        if since is not None:
            query = query.where(_REFUSAL.at >= since)
        if filename is not None:
            query = query.where(_REFUSAL.filename == filename)
        found = await self._tx.session.execute(query)
        return [RefusalRecord.model_validate(dict(row._mapping)) for row in found]

    async def refused(
        self, file_ids: Sequence[UUID], access: Access
    ) -> dict[UUID, RefusalRecord]:
        """Give the refusals of files, by their ids."""
        mine = true() if access.everything else _REFUSAL.project.in_(access.projects)
        columns = [_REFUSAL[name] for name in RefusalRecord.model_fields]
        found = await self._tx.session.execute(
            select(*columns).where(mine, _REFUSAL.file_id.in_(file_ids))
        )
        rows = [RefusalRecord.model_validate(dict(row._mapping)) for row in found]
        return {row.file_id: row for row in rows if row.file_id is not None}

    async def add_twin(self, file_id: UUID, known_id: UUID) -> None:
        """Note that a file has the bytes of one that is known."""
        await self._tx.session.execute(
            insert(TwinRow)
            .values(file_id=file_id, known_id=known_id)
            .on_conflict_do_nothing()
        )

    async def twins(self, file_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Give the known file of each of these that is a twin."""
        found = await self._tx.session.execute(
            select(TwinRow.file_id, TwinRow.known_id).where(
                TwinRow.file_id.in_(file_ids)
            )
        )
        return {row.file_id: row.known_id for row in found}

    async def delivered_before(self, file_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Give for raw files of exposures that were here the last file before each."""
        found = await self._tx.execute(
            "SELECT DISTINCT ON (f.file_id) f.file_id, o.file_id FROM file f JOIN file o "
            "ON o.arcfile = f.arcfile AND o.project = f.project AND o.tag = f.tag "
            "AND o.mjd_us = f.mjd_us AND o.kind = 'raw' AND o.file_id < f.file_id "
            "WHERE f.file_id = ANY(:ids) AND f.kind = 'raw' "
            "ORDER BY f.file_id, o.file_id DESC",
            {"ids": list(file_ids)},
        )
        return {UUID(str(row[0])): UUID(str(row[1])) for row in found}
