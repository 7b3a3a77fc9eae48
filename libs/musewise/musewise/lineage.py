"""The kin of a frame, upwards and downwards: as tree, rows, graph and text."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from musewise.errors import UsageError

if TYPE_CHECKING:
    from musewise.connection import Connection

__all__ = ["Walking", "of_category"]


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


def of_category(
    found: Mapping[str, Any], category: str, ifu: int | None = None
) -> dict[str, Any]:
    """Give a ``why`` with the choices of one category only, and of one IFU.

    Raises
    ------
    UsageError
        Nothing was chosen there; the nearest category is named.
    """

    def narrowed(task: Mapping[str, Any]) -> dict[str, Any]:
        rows = [
            one
            for one in task.get("choices") or ()
            if one["category"] == category.upper()
            and (ifu is None or not one.get("ifus") or ifu in one["ifus"])
        ]
        return {**task, "choices": rows}

    tasks = [found, *(found.get("ancestors") or ())]
    above = [narrowed(one) for one in tasks[1:]]
    kept = {**narrowed(found), "ancestors": [one for one in above if one["choices"]]}
    if kept["choices"] or kept["ancestors"]:
        return kept
    known = sorted(
        {row["category"] for one in tasks for row in one.get("choices") or ()}
    )
    near = difflib.get_close_matches(category.upper(), known, 1, 0.5)
    of_ifu = "" if ifu is None else f" for IFU {ifu}"
    raise UsageError(
        f"No {category} was chosen on the way to {found.get('filename')}{of_ifu}.",
        hint=f"Did you mean {near[0]}?"
        if near and near[0] != category.upper()
        else f"There were: {', '.join(known) or 'no choices'}.",
    )
