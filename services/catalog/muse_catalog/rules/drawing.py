"""A graph of lineage as rows, and as text for programs that draw: DOT and Mermaid."""

import json
from typing import Literal

from muse_catalog.models import GraphNode, LineageGraph, LineageRow

__all__ = ["Language", "drawn", "rows_of"]

Language = Literal["dot", "mermaid"]


def rows_of(graph: LineageGraph) -> list[LineageRow]:
    """Give each frame once in each role, nearest first; the root is left out."""
    nodes = {node.id: node for node in graph.nodes}
    up = graph.direction == "up"
    rows: dict[tuple[str, str], LineageRow] = {}
    for edge in graph.edges:
        node = nodes[edge.input if up else edge.product]
        row = LineageRow(
            depth=node.depth, role=edge.role, frame=node.frame, recipe=node.recipe
        )
        rows.setdefault((node.id, edge.role), row)
    return sorted(rows.values(), key=lambda row: row.depth)


def drawn(graph: LineageGraph, language: Language) -> str:
    """Give the text of a drawing; arrows go from what went in to what was made."""
    names = {node.id: f"n{n}" for n, node in enumerate(graph.nodes)}
    boxes = [f"  {names[one.id]}{_box(one, language)}" for one in graph.nodes]
    arrows = [
        _arrow(names[one.input], names[one.product], one.role, language)
        for one in graph.edges
    ]
    tail = ["}"] if language == "dot" else []
    return "\n".join([_HEAD[language], *boxes, *arrows, *tail]) + "\n"


_HEAD = {"dot": "digraph lineage {\n  node [shape=box];", "mermaid": "flowchart LR"}


def _label(node: GraphNode) -> list[str]:
    frame = node.frame
    ifu = "" if frame.ifu is None else f" IFU {frame.ifu}"
    return [f"{frame.tag}{ifu}", frame.filename, node.id[:13]]


def _box(node: GraphNode, language: Language) -> str:
    lines = _label(node)
    if language == "dot":
        style = ', color="red"' if node.frame.is_valid == "no" else ""
        text = json.dumps("\n".join(lines), ensure_ascii=False)
        return f" [label={text}{style}];"
    text = "<br/>".join(lines).replace('"', "#quot;")
    return f'["{text}"]'


def _arrow(start: str, end: str, role: str, language: Language) -> str:
    if language == "dot":
        return f"  {start} -> {end} [label={json.dumps(role)}];"
    return f"  {start} -->|{role}| {end}"
