"""Where the inputs of a task really are, once its parents are done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from muse_scheduler.models import ClaimedInput, PlannedInput, PlannedTask
from muse_scheduler.rules.keys import realised_key
from muse_scheduler.service.context import Context
from muse_scheduler.store import (
    FrameStore,
    KeptFile,
    KeptProduct,
    KeptTask,
    Parent,
    ProductStore,
    TaskStore,
    UnitStore,
)
from musecore.db import Transaction

USABLE = frozenset({"VALID", "STALE"})


@dataclass(frozen=True)
class Found:
    """One line of a set of frames with its bytes.

    Attributes
    ----------
    parent
        Task that makes it; None for a raw or static file.
    evicted
        Its bytes were dropped: the parent must make it again.
    unusable
        Why it can never be used as it is, None when it can.
    """

    entry: PlannedInput
    file: KeptFile | KeptProduct | None
    parent: UUID | None
    evicted: bool
    unusable: str | None

    @property
    def content_key(self) -> str:
        """What is in it, by content."""
        assert self.file is not None
        return self.file.content_key

    def claimed(self) -> ClaimedInput:
        """Give it as the worker is told."""
        assert self.file is not None
        assert self.file.object_key is not None
        return ClaimedInput(
            tag=self.entry.tag,
            file_id=self.file.file_id,
            object_key=self.file.object_key,
            filename=self.file.filename,
            sha256=self.file.sha256,
            content_key=self.file.content_key,
            size=self.file.size,
            ifu=self.entry.ifu,
        )


class Inputs(list[Found]):
    """The inputs of a task in set-of-frames order, and what it runs."""

    def __init__(self, planned: PlannedTask, found: Iterable[Found]) -> None:
        super().__init__(found)
        self.planned = planned


async def find_inputs(
    tx: Transaction, tasks: Sequence[KeptTask], *, choices: bool = False
) -> dict[UUID, Inputs]:
    """Find the inputs of tasks, in a few queries for all; with choices if asked."""
    plans = await UnitStore(tx).planned(tasks, choices=choices)
    edges = await TaskStore(tx).parents([task.task_id for task in tasks])
    by_child: dict[UUID, dict[str, Parent]] = defaultdict(dict)
    for edge in edges:
        by_child[edge.child][edge.key] = edge
    products = await ProductStore(tx).current({edge.source for edge in edges})
    wanted = {e.file_id for p in plans.values() for e in p.inputs if e.file_id}
    files = await FrameStore(tx).stored(wanted)
    return {
        task_id: Inputs(
            planned,
            (
                _find(entry, files, by_child[task_id], products)
                for entry in planned.inputs
            ),
        )
        for task_id, planned in plans.items()
    }


def _find(
    entry: PlannedInput,
    files: Mapping[UUID, KeptFile],
    parents: Mapping[str, Parent],
    products: Mapping[tuple[UUID, str, int], KeptProduct],
) -> Found:
    if entry.file_id is not None:
        file = files.get(entry.file_id)
        return Found(entry, file, None, False, _why_not_file(entry, file))
    edge = parents.get(entry.from_key or "")
    if edge is None:
        return Found(entry, None, None, False, f"nothing makes {entry.tag}")
    tag = entry.from_tag or entry.tag
    product = products.get((edge.source, tag, entry.ordinal))
    evicted = product is not None and product.state == "EVICTED"
    why = None if evicted else _why_not_product(entry, product)
    return Found(entry, product, edge.parent, evicted, why)


def _why_not_file(entry: PlannedInput, file: KeptFile | None) -> str | None:
    if file is None:
        return f"file {entry.file_id} ({entry.tag}) is not known"
    if file.object_key is None:
        return f"{file.filename} ({entry.tag}) is known by its metadata only: put it"
    return None


def _why_not_product(entry: PlannedInput, product: KeptProduct | None) -> str | None:
    if product is None:
        return f"its parent made no {entry.from_tag or entry.tag} no. {entry.ordinal}"
    if product.state not in USABLE:
        return f"{product.filename} is marked {product.state}: {product.reason}"
    return None


def realised(context: Context, task: KeptTask, found: Inputs) -> str:
    """Give the key over the content of a task's actual inputs."""
    return realised_key(
        task.recipe,
        task.ifu,
        found.planned.parameters,
        [(one.entry.tag, one.content_key) for one in found],
        context.versions,
    )
