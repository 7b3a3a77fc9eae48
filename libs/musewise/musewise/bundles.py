"""A product with all that it was made of, to be made again by plain ``esorex``.

The folder holds the raw and static files (``data/``), a folder for each run of a recipe
with its set of frames and its parameters (``tasks/``), ``manifest.json``,
``SHA256SUMS``, and ``run.sh``, which needs nothing but ``esorex`` and the MUSE recipes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musewise.classes import name_in_sof
from musewise.downloads import Remote, download, local_name
from musewise.errors import NotFoundError, UsageError
from musewise.exports import room_or_error, whole

if TYPE_CHECKING:
    from musewise.session import Session

__all__ = ["Bundle", "export_bundle"]

Node = dict[str, Any]

HEAD = """#!/bin/sh
# Makes {product} again: {tasks} recipes, one after the other.
# Was made with {versions}.
set -eu
cd "$(dirname "$0")"
sha256sum --check --quiet SHA256SUMS
"""
STEP = """
echo {spoken}
mkdir -p {folder}/out
(cd {folder} && esorex --suppress-prefix=true --output-dir=out --log-dir=. \\
    --log-file={recipe}.log --recipe-config={recipe}.rc {recipe} {recipe}.sof)
"""


@dataclass
class _Task:
    """A run of a recipe: its folder in the bundle, and what it read."""

    folder: str
    run: Node
    inputs: list[tuple[str, str]] = field(default_factory=list)  # path, tag


@dataclass(frozen=True)
class Bundle:
    """What was written.

    Attributes
    ----------
    folder
        Where.
    product
        The product, as a path below ``folder``, after ``run.sh`` has run.
    files
        How many raw and static files it holds.
    tasks
        How many recipes ``run.sh`` runs.
    """

    folder: Path
    product: str
    content_key: str
    files: int
    tasks: int


class _Writer:
    """Walks a lineage tree, inputs before what is made of them."""

    def __init__(self, tree: Node) -> None:
        self._nodes = {node["frame"]["frame_id"]: node for node in _walk(tree)}
        self.tasks: dict[str, _Task] = {}
        self.data: dict[str, Node] = {}

    def place(self, node: Node) -> str:
        """Give where a file lies in the bundle, after what makes it."""
        node = self._nodes[node["ref"]] if node["ref"] else node
        frame = node["frame"]
        if _is_given(node):
            place = f"data/{frame['sha256'][:12]}/{local_name(frame['filename'])}"
            self.data[place] = frame
            return place
        return f"tasks/{self._task(node).folder}/out/{frame['filename']}"

    def _task(self, node: Node) -> _Task:
        run = node["task"]
        if run["task_id"] not in self.tasks:
            inputs = [(self.place(one), one["tag"]) for one in node["inputs"]]
            ifu = "" if run["ifu"] is None else f"-ifu{run['ifu']:02d}"
            name = f"{len(self.tasks) + 1:03d}-{run['recipe']}{ifu}"
            self.tasks[run["task_id"]] = _Task(name, run, inputs)
        return self.tasks[run["task_id"]]


def _is_given(node: Node) -> bool:
    """Whether a file is taken as it is: raw, static, or a product made elsewhere."""
    return node["task"] is None or node["task"].get("rec") is not None


def _walk(node: Node) -> Iterator[Node]:
    if node["frame"] is not None:
        yield node
    for one in node["inputs"]:
        yield from _walk(one)


def export_bundle(
    session: Session,
    frame_id: str,
    folder: Path,
    *,
    told: Callable[[str], None] = lambda words: None,
) -> Bundle:
    """Write a bundle; files that are there already with the right sum are kept.

    ``run.sh`` comes last: a folder without it was broken off, and the same call goes
    on with it.

    Raises
    ------
    UsageError
        The frame was not made here: there is nothing to be run.
    NotFoundError
        The bytes of a raw or static file are not in the store.
    """
    tree = session.lineage(frame_id)
    if _is_given(tree):
        raise UsageError(
            f"{tree['frame']['filename']} was not made here, so nothing can be run.",
            hint="Name a product of ours; musewise get fetches the file itself, and "
            "musewise tree shows what its header tells of its making.",
        )
    writer = _Writer(tree)
    product = writer.place(tree)
    _require_bytes(writer)
    (folder / "run.sh").unlink(missing_ok=True)
    for place, frame in writer.data.items():
        told(place)
        remote = Remote(
            file_id=frame["file_id"],
            filename=frame["filename"],
            sha256=frame["sha256"],
            size=frame["size"],
        )
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        download(session.connection, remote, path)
    with room_or_error(folder):
        for task in writer.tasks.values():
            _write_task(folder / "tasks" / task.folder, task)
        _write_sums(folder, writer)
        _write_manifest(folder, writer, tree, product)
        _write_script(folder, writer, product)
    return Bundle(
        folder,
        product,
        tree["frame"]["content_key"],
        len(writer.data),
        len(writer.tasks),
    )


def _require_bytes(writer: _Writer) -> None:
    gone = [one for one in writer.data.values() if one["state"] not in (None, "STORED")]
    if gone:
        names = ", ".join(one["filename"] for one in gone[:5])
        detail = f"{len(gone)} files have no bytes in the store: {names}."
        raise NotFoundError(404, {"detail": detail, "hint": "Put them again."})


def _write_task(folder: Path, task: _Task) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    recipe = task.run["recipe"]
    frames = [f"../../{path} {name_in_sof(tag)}\n" for path, tag in task.inputs]
    (folder / f"{recipe}.sof").write_text("".join(frames))
    parameters = [
        f"muse.{recipe}.{name}={_value(value)}\n"
        for name, value in task.run["parameters"].items()
        if value is not None
    ]
    (folder / f"{recipe}.rc").write_text("".join(parameters))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)


def _write_sums(folder: Path, writer: _Writer) -> None:
    lines = [f"{one['sha256']}  {place}\n" for place, one in writer.data.items()]
    (folder / "SHA256SUMS").write_text("".join(lines))


def _write_manifest(folder: Path, writer: _Writer, tree: Node, product: str) -> None:
    told = {
        "product": {**tree["frame"], "path": product},
        "tasks": [
            {
                "folder": f"tasks/{task.folder}",
                "inputs": [{"path": path, "tag": tag} for path, tag in task.inputs],
                **task.run,
            }
            for task in writer.tasks.values()
        ],
        "files": [{**frame, "path": place} for place, frame in writer.data.items()],
    }
    with whole(folder / "manifest.json") as part:
        part.write_text(json.dumps(told, indent=1))


def _write_script(folder: Path, writer: _Writer, product: str) -> None:
    versions = writer.tasks and next(reversed(writer.tasks.values())).run["versions"]
    text = HEAD.format(
        product=product,
        tasks=len(writer.tasks),
        versions=", ".join(f"{name} {one}" for name, one in (versions or {}).items()),
    )
    for task in writer.tasks.values():
        recipe = task.run["recipe"]
        text += STEP.format(
            spoken=shlex.quote(task.folder),
            folder=f"tasks/{task.folder}",
            recipe=recipe,
        )
    with whole(folder / "run.sh") as part:
        part.write_text(text + f"\necho made: {product}\n")
        part.chmod(0o755)
