"""Turn a plan into tasks: reuse what exists, add what does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from muse_scheduler.models import FINAL_STATES, Outline, TaskState
from muse_scheduler.service.context import Context
from muse_scheduler.service.inputs import USABLE
from muse_scheduler.service.planting import Existing, Planting
from muse_scheduler.service.release import dispatch, settle, unblock_below
from muse_scheduler.store import (
    JobStore,
    KeptJob,
    KeptProduct,
    KeptTask,
    ProductStore,
    TaskStore,
    WindowStore,
)
from musecore.db import Transaction
from musecore.errors import Conflict
from musecore.identity import is_trial


class ProductMarkedBad(Conflict):
    """A product that the plan would use again was marked bad by a person."""

    code = "product_marked_bad"


async def look_up(
    tx: Transaction,
    outline: Outline,
    project: str,
    projects: Collection[str] | None,
) -> Existing:
    """Find what a plan has in common with what was asked before.

    A task of the own project wins; of another visible project only a finished one
    counts, and of trials none: they are used for nothing else.
    """
    found = await TaskStore(tx).by_keys(outline.keys, projects)
    tasks: dict[str, KeptTask] = {}
    for task in found:
        own = task.project == project
        if not own and is_trial(task.project):
            continue
        if own or (task.state is TaskState.DONE and task.key not in tasks):
            tasks[task.key] = task
    products = await ProductStore(tx).current({t.source_id for t in tasks.values()})
    return Existing(tasks, products, _to_run(outline, tasks, products))


def _to_run(
    outline: Outline,
    tasks: Mapping[str, KeptTask],
    products: Mapping[tuple[UUID, str, int], KeptProduct],
) -> tuple[str, ...]:
    """Walk back from the targets to what exists; give what lies on the way."""
    if not tasks:
        return tuple(outline.keys)
    wanted: dict[str, list[str]] = {}  # tags matter where there is a task
    for target in outline.targets:
        wanted.setdefault(target.key, []).append(target.tag)
    run: set[str] = set()
    for unit in reversed(outline.units):
        reads = unit.reads(outline.by_id)
        for ifu, key in unit.key_of.items():
            tags = wanted.get(key)
            if tags is None or _stands(tasks.get(key), tags, products):
                continue
            run.add(key)
            for parent, tag in reads.products(ifu):
                if parent in tasks or parent not in wanted:
                    wanted.setdefault(parent, []).append(tag)
    return tuple(key for key in outline.keys if key in run)


def _stands(
    task: KeptTask | None,
    tags: Collection[str],
    products: Mapping[tuple[UUID, str, int], KeptProduct],
) -> bool:
    """Whether a task is finished and its wanted products have their bytes."""
    if task is None or task.state is not TaskState.DONE:
        return False
    source = task.source_id
    states = {
        product.state
        for (owner, tag, _), product in products.items()
        if owner == source and tag in tags
    }
    return "EVICTED" not in states and bool(states & (USABLE | {"BAD"}))


async def put_in_place(
    context: Context,
    tx: Transaction,
    job: KeptJob,
    outline: Outline,
    *,
    keep: Collection[UUID] = (),
    prepared: Planting | None = None,
) -> None:
    """Insert the tasks of a job, let them wait for each other, start what can start.

    Parameters
    ----------
    keep
        Tasks that the job goes on showing though the plan has none of them.
    prepared
        Used where nothing has changed since it was made; all is found anew otherwise.

    Raises
    ------
    ProductMarkedBad
        A finished task that the plan needs has a product marked bad.
    """
    existing = await look_up(tx, outline, job.project, job.projects)
    _refuse_bad(existing)
    if prepared is not None and prepared.fits(existing):
        planting = prepared
    else:
        planting = Planting(context, job, outline, existing)
    roots = await planting.insert(tx)
    await planting.connect(tx)
    await _start(context, tx, job, planting.known_to_run(), roots)
    wants = planting.wants(keep)
    await JobStore(tx).set_wants(job.job_id, wants, planting.reused())
    older = wants.keys() - set(planting.born)  # the others were born with it
    await WindowStore(tx).prioritise(job.job_id, older)
    await dispatch(context, tx)


def _refuse_bad(existing: Existing) -> None:
    bad = existing.bad()
    if bad:
        raise ProductMarkedBad(
            f"{bad[0].filename} ({bad[0].tag}) was marked bad: {bad[0].reason}.",
            hint="Mark the raw frames it is made of as bad too, change a parameter of "
            "its recipe, or take the mark back.",
        )


async def _start(
    context: Context,
    tx: Transaction,
    job: KeptJob,
    known: Sequence[KeptTask],
    roots: Sequence[UUID],
) -> None:
    """Settle new tasks, and run again what failed, was cancelled or was dropped."""
    again = [t.task_id for t in known if t.state in FINAL_STATES]
    store = TaskStore(tx)
    await store.renew(again)
    for task in known:
        if task.state is TaskState.DONE:
            await store.hold_children(task.task_id)
    why = f"wanted by job {job.job_id}"
    await settle(context, tx, [*again, *roots], who=job.owner, why=why)
    await unblock_below(tx, again)
