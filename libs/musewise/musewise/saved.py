"""Questions that a project keeps under a name, for all its members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from musewise.query import OR, Query, parts

if TYPE_CHECKING:
    from musewise.connection import Connection
    from musewise.session import Session

__all__ = ["Keeping"]


class Keeping:
    """The part of a session that keeps questions; a name may be ``project/name``."""

    connection: Connection

    def saved(self, name: str) -> Query:
        """Give the question that is kept under a name.

        Raises
        ------
        NotFoundError
        """
        kept = self.saved_record(name)
        tree = kept["query"]
        query = Query(
            tag=tree.get("tag"),
            where=kept["q"],
            holds=OR,
            order=parts(kept["order"]),
            columns=parts(kept["columns"]),
            projects=tuple(tree.get("projects") or ()),
        )
        return query.bound_to(self._session())

    def saved_record(self, name: str) -> dict[str, Any]:
        """Give all that is kept with a question: version, owner, doc, url, forms."""
        found: dict[str, Any] = self.connection.get(self._path(name))
        return found

    def saved_queries(self, project: str | None = None) -> list[dict[str, Any]]:
        """Give what is kept in a project, or in all of yours."""
        found: list[dict[str, Any]] = self.connection.get(
            "/catalog/saved", project=project
        )
        return found

    def save(
        self, name: str, query: Query, *, doc: str = "", replace: int | None = None
    ) -> dict[str, Any]:
        """Keep a question under a name; gives what is kept.

        ``replace`` is the version that was seen, of the question to replace.

        Raises
        ------
        ConflictError
            The name is taken, or somebody replaced it meanwhile.
        """
        body: dict[str, Any] = {**query.parameters(), "doc": doc}
        if replace is None:
            made: dict[str, Any] = self.connection.post(self._path(name), body)
            return made
        body["expect"] = replace
        kept: dict[str, Any] = self.connection.replace(self._path(name), body)
        return kept

    def unsave(self, name: str) -> None:
        """Forget a question; only its owner may."""
        self.connection.delete(self._path(name))

    def _path(self, name: str) -> str:
        project, _, own = name.removeprefix("@").rpartition("/")
        return f"/catalog/saved/{project or self._session().project}/{own}"

    def _session(self) -> Session:
        return self  # type: ignore[return-value]
