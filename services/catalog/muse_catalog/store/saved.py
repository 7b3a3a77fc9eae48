"""Saved queries. SQL."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from muse_catalog.models import Access
from muse_catalog.models.saved import SavedRecord
from muse_catalog.tables import SavedQueryRow
from musecore.db import Transaction

__all__ = ["SavedStore"]

_SAVED = SavedQueryRow.__table__.c


class SavedStore:
    """Queries that projects keep, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, saved: SavedRecord) -> bool:
        """Keep a query; False when the project has one of this name."""
        done = await self._tx.session.execute(
            insert(SavedQueryRow)
            .values(_row(saved))
            .on_conflict_do_nothing()
            .returning(SavedQueryRow.name)
        )
        return done.scalar() is not None

    async def find(
        self, project: str, name: str, *, lock: bool = False
    ) -> SavedRecord | None:
        """Give a query; with `lock` nobody else changes it until the end."""
        asked = select(*_SAVED).where(_SAVED.project == project, _SAVED.name == name)
        if lock:
            asked = asked.with_for_update()
        row = (await self._tx.session.execute(asked)).first()
        return None if row is None else SavedRecord.model_validate(dict(row._mapping))

    async def all(self, access: Access, project: str | None) -> list[SavedRecord]:
        """Give the queries of projects, by project and name."""
        asked = select(*_SAVED).order_by(_SAVED.project, _SAVED.name)
        if not access.everything:
            asked = asked.where(_SAVED.project.in_(access.projects))
        if project is not None:
            asked = asked.where(_SAVED.project == project)
        found = await self._tx.session.execute(asked)
        return [SavedRecord.model_validate(dict(row._mapping)) for row in found]

    async def replace(self, saved: SavedRecord) -> None:
        """Put a query in the place of the one of its name."""
        row = _row(saved)
        await self._tx.session.execute(
            insert(SavedQueryRow)
            .values(row)
            .on_conflict_do_update(index_elements=["project", "name"], set_=row)
        )

    async def delete(self, project: str, name: str) -> None:
        """Forget a query."""
        await self._tx.session.execute(
            delete(SavedQueryRow).where(
                SavedQueryRow.project == project, SavedQueryRow.name == name
            )
        )


def _row(saved: SavedRecord) -> dict[str, object]:
    kept = saved.model_dump(exclude={"query"})
    return {**kept, "query": saved.query.model_dump(mode="json", by_alias=True)}
