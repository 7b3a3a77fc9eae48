"""Lineage as a tree, down to each raw file; what repeats is folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text
from rich.tree import Tree

from musewise.display.formats import ifus_text, short_ids, short_sha
from musewise.display.tables import task_text

Node = Mapping[str, Any]


@dataclass
class _Drawing:
    """What is known while a tree is drawn."""

    nodes: dict[str, Node]
    short: dict[str, str]
    full: bool
    unfolded: bool
    drawn: set[str]
    kinds: dict[str, str]
    down: bool


def lineage_tree(root: Node, *, full: bool = False, unfolded: bool = False) -> Tree:
    """Draw a lineage; ``full`` whole checksums, ``unfolded`` every IFU by itself.

    Inputs that differ in nothing but their IFU and come from the same raw files share
    a branch; a subtree that was drawn above is named only.
    """
    nodes = _index(root)
    drawing = _Drawing(
        nodes, short_ids(nodes), full, unfolded, set(), {}, bool(root.get("used_by"))
    )
    tree = Tree(_label(root, drawing, []), guide_style="dim")
    drawing.drawn.add(_id(root))
    _grow(tree, root, drawing)
    return tree


def _index(root: Node) -> dict[str, Node]:
    """Give every node by the id of its frame; a reference stands for one of them."""
    nodes: dict[str, Node] = {}
    left = [root]
    while left:
        node = left.pop()
        if node.get("frame"):
            nodes[_id(node)] = node
        left += _kin(node)
    return nodes


def _kin(node: Node) -> Sequence[Node]:
    """Give what went in; of a tree that goes down, what was made of it."""
    found: Sequence[Node] = node.get("inputs") or node.get("used_by") or []
    return found


def _id(node: Node) -> str:
    """Give the id of a node's frame; of its file where the catalog has no frame."""
    frame = node.get("frame")
    if not frame:
        return str(node.get("ref"))
    return str(frame.get("frame_id") or frame.get("file_id"))


def _grow(branch: Tree, node: Node, drawing: _Drawing) -> None:
    inputs = [_resolved(one, drawing) for one in _kin(node)]
    for group in _alike(inputs, drawing):
        first = group[0]
        label = _label(first, drawing, [one["frame"].get("ifu") for one in group])
        if _id(first) in drawing.drawn and _kin(first):
            branch.add(label.append("  (as above)", "dim"))
            continue
        drawing.drawn.update(_id(one) for one in group)
        _grow(branch.add(label), first, drawing)


def _resolved(node: Node, drawing: _Drawing) -> Node:
    """Give the node itself, or what a reference stands for under its own tag."""
    if node.get("frame"):
        return node
    found = drawing.nodes.get(_id(node))
    if found is None:
        return {"tag": node.get("tag"), "frame": {"frame_id": _id(node)}}
    return {**found, "tag": node.get("tag") or found.get("tag")}


def _alike(inputs: Sequence[Node], drawing: _Drawing) -> list[list[Node]]:
    if drawing.unfolded:
        return [[one] for one in inputs]
    groups: dict[str, list[Node]] = {}
    for one in inputs:
        groups.setdefault(f"{one.get('tag')} {_kind(one, drawing)}", []).append(one)
    return list(groups.values())


def _kind(node: Node, drawing: _Drawing) -> str:
    """Say what a node is, but for its IFU: equal for inputs that share a branch."""
    found = drawing.kinds.get(_id(node))
    if found is None:
        frame, task = node["frame"], node.get("task")
        inputs = [_resolved(one, drawing) for one in _kin(node)]
        below = sorted({_kind(one, drawing) for one in inputs})
        own = str(task.get("recipe")) if task else str(frame.get("sha256") or _id(node))
        whole = "" if frame.get("ifu") is not None or not task else _id(node)
        found = f"{frame.get('tag')}|{own}|{_set(task)}|{whole}|{below}"
        found = str(hash(found))
        drawing.kinds[_id(node)] = found
    return found


def _set(task: Node | None) -> str:
    parameters = (task or {}).get("parameters") or {}
    return str(sorted((k, v) for k, v in parameters.items() if k != "nifu"))


def _label(node: Node, drawing: _Drawing, ifus: Sequence[int | None]) -> Text:
    frame = node["frame"]
    tag = node.get("tag") or frame.get("tag") or "?"
    own = frame.get("tag") or tag
    label = Text(str(own if drawing.down else tag), "bold")
    if own != tag and not drawing.down:
        label.append(f" ({own})", "dim not bold")
    numbers = ifus_text(ifus)
    if numbers:
        label.append(f" IFU {numbers}", "not bold")
    if own != tag and drawing.down:
        label.append(f" (used the {tag})", "dim not bold")
    if len(ifus) > 1:
        label.append(f" alike, {ifus_text(ifus[:1])} shown", "dim not bold")
    return label.append_text(_file_and_making(node, drawing, ifus))


def _file_and_making(node: Node, drawing: _Drawing, ifus: Sequence[int | None]) -> Text:
    frame, task = node["frame"], node.get("task")
    label = Text()
    pending = bool(frame.get("pending"))
    if not pending:
        label.append(f"  {drawing.short.get(_id(node), _id(node))}", "cyan not bold")
    label.append(f"  {frame.get('filename') or frame.get('arcfile') or ''}", "not bold")
    if pending:
        md5 = frame.get("data_md5")
        known = f" (data md5 {short_sha(md5, full=drawing.full)})" if md5 else ""
        label.append(f"  pending{known}", "yellow not bold")
    if task:
        ifu = None if len(ifus) > 1 else task.get("ifu")
        label.append(f"  by {task_text(task.get('recipe'), ifu)}", "green not bold")
    elif not pending:
        sha = short_sha(frame.get("sha256"), full=drawing.full)
        label.append(f"  sha256 {sha}", "dim not bold")
    return label
