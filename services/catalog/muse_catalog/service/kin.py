"""The kin of a frame: loaded generation by generation, and made a tree or a graph."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from muse_catalog.models import (
    Access,
    Direction,
    Frame,
    GraphNode,
    InputRow,
    LineageEdge,
    LineageFrame,
    LineageGraph,
    LineageNode,
    TaskRun,
)
from muse_catalog.store import KinStore, MakingStore, Relative, RunId
from musecore.db import Transaction

__all__ = ["Kin", "ancestors", "descendants", "shown"]

_Place = tuple[UUID, int | None]
"""File and IFU."""

_UNKNOWN: dict[str, Any] = {
    "frame_id": None,
    "kind": None,
    "arcfile": None,
    "size": None,
    "night": None,
    "state": None,
    "recipe": None,
    "is_valid": "unknown",
    "quality_flags": [],
}
"""What is said of a frame that is not in the catalogue, or that one may not see."""


def shown(frame: Frame) -> LineageFrame:
    """Give the part of a frame that lineage shows."""
    return LineageFrame(**frame.model_dump(include=set(LineageFrame.model_fields)))


@dataclass
class Kin:
    """What is known of the ancestors or descendants of a frame."""

    seen: set[UUID] = field(default_factory=set)
    frames: dict[UUID, dict[int | None, LineageFrame]] = field(default_factory=dict)
    run_of: dict[UUID, RunId] = field(default_factory=dict)
    runs: dict[RunId, TaskRun] = field(default_factory=dict)
    inputs: dict[RunId, list[InputRow]] = field(default_factory=dict)
    uses: dict[UUID, list[InputRow]] = field(default_factory=dict)
    made: dict[RunId, list[LineageFrame]] = field(default_factory=dict)

    def frame(self, place: _Place) -> LineageFrame | None:
        """Give the frame of an IFU; that of the field where there is none for it."""
        file_id, ifu = place
        frames = self.frames.get(file_id, {})
        return frames.get(ifu) or frames.get(None) or next(iter(frames.values()), None)

    def add(self, relatives: Iterable[Relative]) -> None:
        """Take over frames."""
        for frame, run_id in relatives:
            self.frames.setdefault(frame.file_id, {})[frame.ifu] = frame
            if run_id is not None:
                self.run_of[frame.file_id] = run_id

    def add_inputs(self, inputs: Mapping[RunId, list[InputRow]]) -> set[UUID]:
        """Take over inputs of runs; give their files.

        A run elsewhere is known by the header of what was made in the end.
        """
        self.inputs.update(inputs)
        rows = [one for some in inputs.values() for one in some]
        for one in rows:
            if one.made_by is not None:
                self.run_of[one.file_id] = (one.task_id, one.made_by)
        return {one.file_id for one in rows}

    # ---------------------------------------------------------------- one step
    def next_to(
        self, frame: LineageFrame, direction: Direction
    ) -> list[tuple[LineageFrame, InputRow]]:
        """Give the frames one run away, each with the input that joins the two."""
        if direction == "up":
            run_id = self.run_of.get(frame.file_id)
            inputs = [] if run_id is None else self.inputs.get(run_id, [])
            return [(self._input(one), one) for one in inputs]
        return [
            (made, used)
            for used in self.uses.get(frame.file_id, [])
            if used.ifu is None or frame.ifu is None or used.ifu == frame.ifu
            for made in self.made.get((used.task_id, used.attempt), [])
        ]

    def _input(self, used: InputRow) -> LineageFrame:
        """Give the frame of an input, as far as the caller may know of it."""
        frame = self.frame((used.file_id, used.ifu))
        known = _UNKNOWN if frame is None else frame.model_dump()
        recorded = used.model_dump(include=set(LineageFrame.model_fields))
        return LineageFrame.model_validate({**known, **recorded})

    # ---------------------------------------------------------------- forms
    def tree(
        self, root: LineageFrame, direction: Direction, depth: int | None
    ) -> LineageNode:
        """Give a tree; what comes again is given by reference."""
        return _Planter(self, direction).node(root, root.tag, depth)

    def graph(
        self, root: LineageFrame, direction: Direction, depth: int | None
    ) -> LineageGraph:
        """Give nodes in the order of their depth, and the edges between them."""
        nodes = {_id(root): self._node(root, 0)}
        edges: dict[LineageEdge, None] = {}
        frontier, far = [root], 0
        while frontier and (depth is None or far < depth):
            far += 1
            following = []
            for frame in frontier:
                for other, used in self.next_to(frame, direction):
                    made, given = (
                        (frame, other) if direction == "up" else (other, frame)
                    )
                    edge = LineageEdge(
                        product=_id(made), input=_id(given), role=used.tag, ifu=used.ifu
                    )
                    edges.setdefault(edge)
                    if _id(other) not in nodes:
                        nodes[_id(other)] = self._node(other, far)
                        following.append(other)
            frontier = following
        return LineageGraph(
            root=_id(root),
            direction=direction,
            nodes=list(nodes.values()),
            edges=list(edges),
        )

    def _node(self, frame: LineageFrame, depth: int) -> GraphNode:
        run_id = self.run_of.get(frame.file_id)
        return GraphNode(
            id=_id(frame),
            depth=depth,
            frame=frame,
            recipe=frame.recipe,
            task_id=None if run_id is None else run_id[0],
        )


def _id(frame: LineageFrame) -> str:
    return str(frame.frame_id or frame.file_id)


class _Planter:
    """Makes a tree; what comes again is given by reference."""

    def __init__(self, kin: Kin, direction: Direction) -> None:
        self._kin = kin
        self._direction = direction
        self._planted: set[UUID] = set()

    def node(self, frame: LineageFrame, tag: str, depth: int | None) -> LineageNode:
        if frame.frame_id is not None:
            if frame.frame_id in self._planted:
                return LineageNode(
                    tag=tag, frame=None, task=None, inputs=[], ref=frame.frame_id
                )
            self._planted.add(frame.frame_id)
        run_id = self._kin.run_of.get(frame.file_id)
        below = None if depth is None else depth - 1
        others = [] if depth == 0 else self._kin.next_to(frame, self._direction)
        nodes = [self.node(other, used.tag, below) for other, used in others]
        up = self._direction == "up"
        return LineageNode(
            tag=tag,
            frame=frame,
            task=None if run_id is None else self._kin.runs.get(run_id),
            inputs=nodes if up else [],
            used_by=[] if up else nodes,
            ref=None,
        )


# -------------------------------------------------------------------- loading
async def ancestors(
    tx: Transaction, file_id: UUID, access: Access, depth: int | None
) -> Kin:
    """Load what a file was made from, generation by generation, four queries each."""
    kin = Kin()
    making, store = MakingStore(tx), KinStore(tx, access)
    frontier = {file_id}
    generation = 0
    while frontier:
        kin.seen |= frontier
        kin.add(await store.of_files(frontier))
        kin.run_of.update(await store.runs_of(frontier))
        of_files = {kin.run_of.get(one) for one in frontier}
        wanted = [run for run in of_files if run is not None and run not in kin.runs]
        if not wanted:
            break
        kin.runs.update(await making.runs(wanted))
        if depth is not None and generation >= depth:
            break
        generation += 1
        inputs = await making.inputs(wanted)
        frontier = kin.add_inputs(inputs) - kin.seen
    return kin


def _told_by(made: LineageFrame, runs: Iterable[RunId]) -> list[RunId]:
    """Give the runs that the header of a product tells of: they count as one step."""
    return [run for run in runs if run[0] == made.file_id]


async def descendants(
    tx: Transaction, frame: Frame, access: Access, depth: int | None
) -> Kin:
    """Load what was made of a frame, generation by generation, two queries each."""
    kin = Kin()
    making, store = MakingStore(tx), KinStore(tx, access)
    frontier = {frame.file_id}
    generation = 0
    while frontier and (depth is None or generation < depth):
        kin.seen |= frontier
        uses = await making.uses(list(frontier))
        if not generation:  # of a raw file other IFUs made much else
            uses = [one for one in uses if _same_ifu(one, frame)]
        generation += 1
        for one in uses:
            kin.uses.setdefault(one.file_id, []).append(one)
        runs = {(one.task_id, one.attempt) for one in uses} - kin.made.keys()
        kin.made.update((run_id, []) for run_id in runs)
        products = await store.made_by(runs)
        kin.add(products)
        for made, run_id in products:
            for run in runs.intersection({run_id, *_told_by(made, runs)}):
                kin.made[run].append(made)
        frontier = {made.file_id for made, _ in products} - kin.seen
    return kin


def _same_ifu(used: InputRow, frame: Frame) -> bool:
    return used.ifu is None or frame.ifu is None or used.ifu == frame.ifu
