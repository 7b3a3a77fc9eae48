"""Lineage: what a product was made from, what was made of it; and differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from muse_catalog.models import (
    Difference,
    Direction,
    InputDifference,
    InputRow,
    LineageFrame,
    LineageGraph,
    LineageNode,
    LineageRow,
    ProductDiff,
    TaskRun,
    ValueDifference,
)
from muse_catalog.rules import Language, NoProduct, access_of, drawn, rows_of
from muse_catalog.service.kin import Kin, ancestors, descendants, shown
from muse_catalog.service.queries import find_frame
from muse_catalog.store import KinStore, MakingStore
from musecore.db import Database, Transaction
from musecore.identity import Principal

__all__ = ["Lineage"]


class Lineage:
    """Walks from products to what they were made from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tree(
        self, caller: Principal, frame_id: str, direction: Direction, depth: int | None
    ) -> LineageNode:
        """Give a frame with its kin as a tree, so many runs away at most.

        Raises
        ------
        FrameNotFound, FrameAmbiguous
        """
        root, kin = await self._kin(caller, frame_id, direction, depth, runs=True)
        return kin.tree(root, direction, depth)

    async def graph(
        self, caller: Principal, frame_id: str, direction: Direction, depth: int | None
    ) -> LineageGraph:
        """Give a frame with its kin as a graph; see `tree`."""
        root, kin = await self._kin(caller, frame_id, direction, depth)
        return kin.graph(root, direction, depth)

    async def table(
        self, caller: Principal, frame_id: str, direction: Direction, depth: int | None
    ) -> list[LineageRow]:
        """Give the kin of a frame, nearest first, once in each role; see `tree`."""
        return rows_of(await self.graph(caller, frame_id, direction, depth))

    async def text(
        self,
        caller: Principal,
        frame_id: str,
        direction: Direction,
        depth: int | None,
        language: Language,
    ) -> str:
        """Give a graph in the words of a program that draws it; see `tree`."""
        return drawn(await self.graph(caller, frame_id, direction, depth), language)

    async def _kin(
        self,
        caller: Principal,
        frame_id: str,
        direction: Direction,
        depth: int | None,
        *,
        runs: bool = False,
    ) -> tuple[LineageFrame, Kin]:
        access = access_of(caller)
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            if direction == "up":
                kin = await ancestors(tx, frame.file_id, access, depth)
            else:
                kin = await descendants(tx, frame, access, depth)
                kin.run_of.update(await KinStore(tx, access).runs_of([frame.file_id]))
                if runs:
                    made_by = list(set(kin.run_of.values()))
                    kin.runs.update(await MakingStore(tx).runs(made_by))
        root = shown(frame)
        kin.add([(root, None)])
        return root, kin

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


@dataclass(frozen=True)
class _Product:
    frame: LineageFrame
    run: TaskRun
    inputs: list[InputRow]
    qc: dict[tuple[str, int | None], Any]


async def _product(tx: Transaction, caller: Principal, text: str) -> _Product:
    frame = await find_frame(tx, caller, text)
    graph = await ancestors(tx, frame.file_id, access_of(caller), 1)
    run_id = graph.run_of.get(frame.file_id)
    if run_id is None or run_id not in graph.runs:
        raise NoProduct(
            f"{frame.filename} ({frame.tag}): it is not known how it was made.",
            hint="Give the ids of two products: musewise ls --kind product.",
        )
    qc = await MakingStore(tx).qc(frame.frame_id)
    return _Product(
        frame=shown(frame),
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
