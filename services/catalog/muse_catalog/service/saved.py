"""Questions that a project keeps under a name, for all its members."""

from collections.abc import Callable, Iterator
from typing import Any

from muse_catalog.models.frames import storable
from muse_catalog.models.query import ObjectQuery
from muse_catalog.models.saved import SavedQuery, SavedRecord
from muse_catalog.rules import (
    EditClash,
    NotOwner,
    QueryInvalid,
    SavedExists,
    SavedNotFound,
    access_of,
    require_member,
)
from muse_catalog.service.objects import Objects
from muse_catalog.store import SavedStore
from musecore.db import Database, Transaction
from musecore.identity import Principal
from musecore.times import utcnow

__all__ = ["Saved"]


class Saved:
    """Keeps queries; every member of the project may use and replace them."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    async def create(
        self, caller: Principal, project: str, name: str, query: ObjectQuery, doc: str
    ) -> SavedQuery:
        """Keep a query under a name that is free.

        Raises
        ------
        ProjectNotWritable, SavedExists, QueryInvalid, UnknownAttribute
        """
        require_member(caller, project)
        self._check(query)
        saved = SavedRecord(
            project=project,
            name=name,
            version=1,
            owner=caller.subject,
            doc=doc,
            query=query,
            changed_by=caller.subject,
            changed_at=utcnow(),
        )
        formed = self._formed(saved)
        async with self._database.begin() as tx:
            if not await SavedStore(tx).add(saved):
                raise SavedExists(
                    f"{project} keeps a query {name!r} already.",
                    hint="Choose another name, or replace it: "
                    "give the version that you saw as expect.",
                )
        return formed

    async def replace(
        self,
        caller: Principal,
        project: str,
        name: str,
        change: Callable[[SavedRecord], SavedRecord],
        *,
        expect: int,
    ) -> SavedQuery:
        """Put what `change` makes of a query in its place; its owner stays.

        Raises
        ------
        SavedNotFound, EditClash, ProjectNotWritable, QueryInvalid, UnknownAttribute
        """
        async with self._database.begin() as tx:
            old = await self._find(tx, caller, project, name, lock=True)
            require_member(caller, project)
            if expect != old.version:
                who = "you" if old.changed_by == caller.subject else "someone else"
                raise EditClash(
                    f"The query {name!r} was changed by {who} meanwhile.",
                    hint=f"Look at it and pass expect={old.version}.",
                )
            told = {
                "version": old.version + 1,
                "changed_by": caller.subject,
                "changed_at": utcnow(),
            }
            saved = change(old).model_copy(update=told)
            self._check(saved.query)
            formed = self._formed(saved)
            await SavedStore(tx).replace(saved)
        return formed

    async def get(self, caller: Principal, project: str, name: str) -> SavedQuery:
        """Give a query in all its forms.

        Raises
        ------
        SavedNotFound
        """
        async with self._database.begin() as tx:
            return self._formed(await self._find(tx, caller, project, name))

    async def all(self, caller: Principal, project: str | None) -> list[SavedQuery]:
        """Give the queries of a project, or of all projects of the caller."""
        async with self._database.begin() as tx:
            found = await SavedStore(tx).all(access_of(caller), project)
        return [self._formed(one) for one in found]

    async def delete(self, caller: Principal, project: str, name: str) -> None:
        """Forget a query; only its owner may.

        Raises
        ------
        SavedNotFound, NotOwner
        """
        async with self._database.begin() as tx:
            saved = await self._find(tx, caller, project, name, lock=True)
            if saved.owner != caller.subject and not caller.is_service:
                raise NotOwner(
                    f"The query {name!r} of {project} is not yours.",
                    hint="Ask its owner, or save your own under another name.",
                )
            await SavedStore(tx).delete(project, name)

    @staticmethod
    async def _find(
        tx: Transaction,
        caller: Principal,
        project: str,
        name: str,
        *,
        lock: bool = False,
    ) -> SavedRecord:
        access = access_of(caller)
        found = None
        if access.everything or project in access.projects:
            found = await SavedStore(tx).find(project, name, lock=lock)
        if found is None:
            raise SavedNotFound(
                f"{project} keeps no query {name!r}.",
                hint="musewise saved lists those that there are.",
            )
        return found

    def _check(self, query: ObjectQuery) -> None:
        """Refuse what cannot be asked, and what cannot be kept."""
        self._objects.check(query)
        try:
            for text in _texts(query.model_dump()):
                storable(text)
        except ValueError as error:
            raise QueryInvalid(
                f"The question cannot be kept: {error}.", hint="Leave that sign out."
            ) from error

    def _formed(self, saved: SavedRecord) -> SavedQuery:
        forms = self._objects.forms(saved.query)
        kept = {name: getattr(saved, name) for name in SavedRecord.model_fields}
        return SavedQuery(
            **kept, q=forms.q, order=forms.order, columns=forms.columns, url=forms.url
        )


def _texts(value: Any) -> Iterator[str]:
    """Give all texts in a tree."""
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list() | tuple():
            for one in value:
                yield from _texts(one)
        case _:
            return
