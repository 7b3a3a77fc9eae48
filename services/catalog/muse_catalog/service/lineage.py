"""Lineage: what a product was made from, down to the raw files; and differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from uuid import UUID

from muse_catalog.models import (
    Access,
    Difference,
    FileRecord,
    Frame,
    InputDifference,
    InputRow,
    LineageFrame,
    LineageNode,
    ProductDiff,
    TaskRun,
    ValueDifference,
)
from muse_catalog.rules import NoProduct, access_of
from muse_catalog.service.queries import find_frame
from muse_catalog.store import FrameStore, MakingStore, RunId
from musecore.db import Database, Transaction
from musecore.identity import Principal

__all__ = ["Lineage"]

_Place = tuple[UUID, int | None]
"""File and IFU."""


@dataclass
class _Graph:
    """What is known of the ancestors of a frame."""

    files: dict[UUID, FileRecord] = field(default_factory=dict)
    frames: dict[UUID, dict[int | None, Frame]] = field(default_factory=dict)
    runs: dict[RunId, TaskRun] = field(default_factory=dict)
    inputs: dict[RunId, list[InputRow]] = field(default_factory=dict)
    elsewhere: dict[UUID, RunId] = field(default_factory=dict)

    def run_of(self, file_id: UUID) -> RunId | None:
        """Give the run that made a file, here or as a header tells."""
        file = self.files.get(file_id)
        if file is None:
            return self.elsewhere.get(file_id)
        if file.task_id is not None and file.attempt is not None:
            return file.task_id, file.attempt
        return None if file.recipe is None else (file.file_id, 1)

    def add_inputs(self, inputs: Mapping[RunId, list[InputRow]]) -> set[UUID]:
        """Add inputs of runs; give their files."""
        self.inputs.update(inputs)
        rows = [one for some in inputs.values() for one in some]
        for one in rows:
            if one.made_by is not None:
                self.elsewhere[one.file_id] = (one.task_id, one.made_by)
        return {one.file_id for one in rows}

    def frame(self, place: _Place) -> Frame | None:
        """Give the frame of an IFU; that of the field where there is none for it."""
        file_id, ifu = place
        frames = self.frames.get(file_id, {})
        return frames.get(ifu) or frames.get(None) or next(iter(frames.values()), None)


class Lineage:
    """Walks from products to what they were made from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tree(
        self, caller: Principal, frame_id: str, depth: int | None
    ) -> LineageNode:
        """Give the tree of a frame; with `depth`, so many generations of inputs only.

        Raises
        ------
        FrameNotFound, FrameAmbiguous
        """
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            graph = await _ancestors(tx, frame.file_id, access_of(caller), depth)
        graph.frames.setdefault(frame.file_id, {})[frame.ifu] = frame
        whole = LineageFrame(**frame.model_dump(include=set(LineageFrame.model_fields)))
        return _Planter(graph).node(whole, depth)

    async def diff(self, caller: Principal, a: str, b: str) -> ProductDiff:
        """Say in what two products differ.

        Raises
        ------
        FrameNotFound, FrameAmbiguous
        NoProduct
            One of the two was not made here.
        """
        async with self._database.begin() as tx:
            left = await _product(tx, caller, a)
            right = await _product(tx, caller, b)
        return ProductDiff(
            a=left.frame,
            b=right.frame,
            same_content=left.frame.content_key == right.frame.content_key,
            inputs=_input_differences(left.inputs, right.inputs),
            parameters=_differences(
                _plain(left.run.parameters), _plain(right.run.parameters)
            ),
            versions=_differences(
                _plain(left.run.versions), _plain(right.run.versions)
            ),
            qc=_differences(left.qc, right.qc),
        )


async def _ancestors(
    tx: Transaction, file_id: UUID, access: Access, depth: int | None
) -> _Graph:
    """Load generation by generation, each with four queries."""
    graph = _Graph()
    making, store = MakingStore(tx), FrameStore(tx)
    frontier = {file_id}
    generation = 0
    while frontier:
        graph.files.update(await store.files(list(frontier)))
        for frame in await store.frames_of(list(frontier), access):
            graph.frames.setdefault(frame.file_id, {})[frame.ifu] = frame
        of_files = {graph.run_of(one) for one in frontier}
        wanted = [run for run in of_files if run is not None and run not in graph.runs]
        if not wanted:
            break
        graph.runs.update(await making.runs(wanted))
        if depth is not None and generation >= depth:
            break
        generation += 1
        used = graph.add_inputs(await making.inputs(wanted))
        frontier = used - graph.files.keys()
    return graph


class _Planter:
    """Makes a tree of a graph; what comes again is given by reference."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        self._planted: set[UUID] = set()

    def node(self, frame: LineageFrame, depth: int | None) -> LineageNode:
        if frame.frame_id is not None:
            if frame.frame_id in self._planted:
                return LineageNode(
                    tag=frame.tag, frame=None, task=None, inputs=[], ref=frame.frame_id
                )
            self._planted.add(frame.frame_id)
        run_id = self._graph.run_of(frame.file_id)
        run = None if run_id is None else self._graph.runs.get(run_id)
        inputs: list[InputRow] = []
        if run_id is not None and depth != 0:
            inputs = self._graph.inputs.get(run_id, [])
        below = None if depth is None else depth - 1
        return LineageNode(
            tag=frame.tag,
            frame=frame,
            task=run,
            inputs=[self.node(self._frame(one), below) for one in inputs],
            ref=None,
        )

    def _frame(self, used: InputRow) -> LineageFrame:
        """Give the frame of an input, as far as the caller may know of it."""
        frame = self._graph.frame((used.file_id, used.ifu))
        known: dict[str, Any] = {
            "frame_id": None,
            "kind": None,
            "arcfile": None,
            "size": None,
            "night": None,
            "state": None,
            "recipe": None,
            "is_valid": None,
            "quality_flags": [],
        }
        if frame is not None:
            known = frame.model_dump(include=set(LineageFrame.model_fields))
        recorded = used.model_dump(include=set(LineageFrame.model_fields))
        return LineageFrame.model_validate({**known, **recorded})


@dataclass(frozen=True)
class _Product:
    frame: LineageFrame
    run: TaskRun
    inputs: list[InputRow]
    qc: dict[tuple[str, int | None], Any]


async def _product(tx: Transaction, caller: Principal, text: str) -> _Product:
    frame = await find_frame(tx, caller, text)
    graph = await _ancestors(tx, frame.file_id, access_of(caller), 1)
    run_id = graph.run_of(frame.file_id)
    if run_id is None or run_id not in graph.runs:
        raise NoProduct(
            f"{frame.filename} ({frame.tag}): it is not known how it was made.",
            hint="Give the ids of two products: musewise ls --kind product.",
        )
    qc = await MakingStore(tx).qc(frame.frame_id)
    return _Product(
        frame=LineageFrame(**frame.model_dump(include=set(LineageFrame.model_fields))),
        run=graph.runs[run_id],
        inputs=graph.inputs.get(run_id, []),
        qc={
            (name, ifu): number if text is None else text
            for name, ifu, number, text, _unit in qc
        },
    )


def _plain(values: Mapping[str, Any]) -> dict[tuple[str, int | None], Any]:
    return {(name, None): value for name, value in values.items()}


def _differences(
    left: Mapping[tuple[str, int | None], Any],
    right: Mapping[tuple[str, int | None], Any],
) -> list[ValueDifference]:
    names = sorted(left.keys() | right.keys(), key=lambda one: (one[0], one[1] or 0))
    return [
        ValueDifference(
            name=name, ifu=ifu, a=left.get((name, ifu)), b=right.get((name, ifu))
        )
        for name, ifu in names
        if left.get((name, ifu)) != right.get((name, ifu))
    ]


def _input_differences(
    left: Iterable[InputRow], right: Iterable[InputRow]
) -> list[InputDifference]:
    """Pair what only one of two runs used, tag by tag; content decides, not names."""
    ours = {(one.tag, one.ifu, one.identity): one for one in left}
    theirs = {(one.tag, one.ifu, one.identity): one for one in right}
    only_a = [one for key, one in ours.items() if key not in theirs]
    only_b = [one for key, one in theirs.items() if key not in ours]
    tags = sorted({one.tag for one in (*only_a, *only_b)})
    return [
        InputDifference(tag=tag, a=_difference(a), b=_difference(b))
        for tag in tags
        for a, b in zip_longest(
            (one for one in only_a if one.tag == tag),
            (one for one in only_b if one.tag == tag),
        )
    ]


def _difference(used: InputRow | None) -> Difference | None:
    if used is None:
        return None
    return Difference(**used.model_dump(include=set(Difference.model_fields)))
