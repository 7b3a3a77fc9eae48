"""Why a product is what it is: choices, reuse, parameters, other versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from muse_scheduler.models import (
    Choice,
    Model,
    RecordedInput,
    TaskRecord,
)
from muse_scheduler.rules import differences, why
from muse_scheduler.service.access import visible_projects
from muse_scheduler.service.context import Context
from muse_scheduler.service.inputs import Inputs, find_inputs
from muse_scheduler.store import (
    JobStore,
    KeptProduct,
    KeptTask,
    ProductStore,
    TaskStore,
    UnitStore,
)
from musecore.db import Transaction
from musecore.errors import NotFound
from musecore.identity import Principal


class ProductNotFound(NotFound):
    """No product with this frame id was made here, or not for the caller."""

    code = "product_not_found"


class ShownDifference(Model):
    """One thing in which two versions differ; null: a version has none of it."""

    kind: str
    what: str
    this: str | None
    other: str | None
    sentence: str


class OtherVersion(Model):
    """Another version of the same product: same recipe, IFU and group."""

    task_id: UUID
    state: str
    frame_ids: tuple[UUID, ...]
    set_parameters: dict[str, Any]
    differences: tuple[ShownDifference, ...]


class AncestorChoices(Model):
    """What a task above the product's chose."""

    task_id: UUID
    recipe: str
    ifu: int | None
    group: str
    choices: tuple[Choice, ...]


class Explanation(Model):
    """Everything that made a product what it is."""

    frame_id: UUID
    tag: str
    filename: str
    state: str
    state_reason: str
    task_id: UUID
    key: str
    realised_key: str | None
    recipe: str
    ifu: int | None
    group: str
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    versions: dict[str, str]
    caveats: tuple[str, ...]
    reuse: tuple[str, ...]
    choices: tuple[Choice, ...]
    ancestors: tuple[AncestorChoices, ...]
    other_versions: tuple[OtherVersion, ...]
    sentences: tuple[str, ...]


class Explaining:
    """Answers "why"."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def why(self, principal: Principal, frame_id: UUID) -> Explanation:
        """Explain a product of ours by its frame id; raises `ProductNotFound`."""
        projects = visible_projects(principal)
        async with self._context.database.begin() as tx:
            product = await ProductStore(tx).product(frame_id)
            store = TaskStore(tx)
            task = await store.task(product.task_id) if product else None
            hidden = task is None or (
                projects is not None and task.project not in projects
            )
            if product is None or task is None or hidden:
                raise ProductNotFound(
                    f"No product {frame_id} was made here.",
                    hint="Raw frames and statics have no why; see: musewise show.",
                )
            others = await store.siblings(task)
            found = await find_inputs(tx, [task, *others], choices=True)
            records = _records([task, *others], found)
            versions = [
                await _version(tx, records[task.task_id], other, (records, found))
                for other in others
            ]
            above = await _ancestors(tx, task)
            uses = await JobStore(tx).uses(task.task_id, projects)
        return _explanation(
            product, task, (records, found[task.task_id]), (versions, above, uses)
        )


def _explanation(
    product: KeptProduct,
    task: KeptTask,
    made: tuple[dict[UUID, TaskRecord], Inputs],
    around: tuple[
        list[OtherVersion], tuple[AncestorChoices, ...], Sequence[tuple[UUID, bool]]
    ],
) -> Explanation:
    (records, inputs), (versions, above, uses) = made, around
    planned = inputs.planned
    named = [(f"task {v.task_id} ({v.state})", records[v.task_id]) for v in versions]
    record = records[task.task_id]
    reuse = tuple(
        f"job {job_id} {'used it as it was' if reused else 'asked for it to be made'}"
        for job_id, reused in uses
    )
    return Explanation(
        frame_id=product.product_id,
        tag=product.tag,
        filename=product.filename,
        state=product.state,
        state_reason=product.reason,
        task_id=task.task_id,
        key=task.key,
        realised_key=task.realised_key,
        recipe=task.recipe,
        ifu=task.ifu,
        group=task.group_label,
        parameters=planned.parameters,
        set_parameters=planned.set_parameters,
        versions=task.versions,
        caveats=task.caveats,
        reuse=reuse,
        choices=planned.choices,
        ancestors=above,
        other_versions=tuple(versions),
        sentences=why(record, planned.choices, named),
    )


async def _ancestors(tx: Transaction, task: KeptTask) -> tuple[AncestorChoices, ...]:
    above = await TaskStore(tx).ancestors(task.task_id)
    planned = await UnitStore(tx).planned(above, choices=True)
    return tuple(
        AncestorChoices(
            task_id=parent.task_id,
            recipe=parent.recipe,
            ifu=parent.ifu,
            group=parent.group_label,
            choices=planned[parent.task_id].choices,
        )
        for parent in above
    )


def _records(
    tasks: Sequence[KeptTask], found: Mapping[UUID, Inputs]
) -> dict[UUID, TaskRecord]:
    return {
        task.task_id: TaskRecord(
            recipe=task.recipe,
            ifu=task.ifu,
            group=task.group_label,
            parameters=found[task.task_id].planned.parameters,
            inputs=tuple(
                RecordedInput(
                    tag=one.entry.tag,
                    ifu=one.entry.ifu,
                    filename=one.file.filename,
                    sha256=one.file.sha256,
                    content_key=one.file.content_key,
                )
                for one in found[task.task_id]
                if one.file is not None
            ),
            versions=task.versions,
            caveats=task.caveats,
        )
        for task in tasks
    }


async def _version(
    tx: Transaction,
    this: TaskRecord,
    other: KeptTask,
    known: tuple[Mapping[UUID, TaskRecord], Mapping[UUID, Inputs]],
) -> OtherVersion:
    records, inputs = known
    products = await ProductStore(tx).current([other.source_id])
    found = differences(this, records[other.task_id])
    return OtherVersion(
        task_id=other.task_id,
        state=other.state.value,
        frame_ids=tuple(product.product_id for product in products.values()),
        set_parameters=inputs[other.task_id].planned.set_parameters,
        differences=tuple(
            ShownDifference(
                kind=one.kind,
                what=one.what,
                this=one.left,
                other=one.right,
                sentence=one.sentence(),
            )
            for one in found
        ),
    )
