"""The kin of a frame, upwards and downwards: as tree, rows, graph and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musewise.connection import Connection

__all__ = ["Walking"]


class Walking:
    """The part of a session that walks lineage; ``depth`` counts runs of recipes."""

    connection: Connection

    def lineage(
        self, frame_id: str, depth: int | None = None, *, up: bool = True
    ) -> dict[str, Any]:
        """Give what a frame was made from, or what was made of it, as a tree."""
        tree: dict[str, Any] = self._kin(frame_id, "", depth, up=up)
        return tree

    def lineage_table(
        self, frame_id: str, depth: int | None = None, *, up: bool = True
    ) -> list[dict[str, Any]]:
        """Give the same as rows, nearest first: depth, role, frame, recipe."""
        rows: list[dict[str, Any]] = self._kin(frame_id, "/table", depth, up=up)
        return rows

    def lineage_graph(
        self, frame_id: str, depth: int | None = None, *, up: bool = True
    ) -> dict[str, Any]:
        """Give the same as a graph: nodes and edges."""
        graph: dict[str, Any] = self._kin(frame_id, "/graph", depth, up=up)
        return graph

    def lineage_text(
        self,
        frame_id: str,
        language: str,
        depth: int | None = None,
        *,
        up: bool = True,
    ) -> str:
        """Give the graph as text for a program that draws: ``dot`` or ``mermaid``."""
        direction = "up" if up else "down"
        return self.connection.text(
            f"/catalog/frames/{frame_id}/lineage/text",
            language=language,
            depth=depth,
            direction=direction,
        )

    def _kin(self, frame_id: str, form: str, depth: int | None, *, up: bool) -> Any:
        path = f"/catalog/frames/{frame_id}/lineage{form}"
        direction = None if up else "down"
        return self.connection.get(path, depth=depth, direction=direction)
