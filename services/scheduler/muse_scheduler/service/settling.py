"""What comes of attempts: products taken in, children released, failures judged."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from muse_scheduler.models import TaskState, may_become
from muse_scheduler.service.context import Context
from muse_scheduler.service.eviction import Eviction
from muse_scheduler.service.failures import Failures
from muse_scheduler.service.partial import Partial
from muse_scheduler.service.release import dispatch, release
from muse_scheduler.store import (
    ProductStore,
    Standing,
    TaskStore,
    WorkStore,
    ending,
)
from musecore.db import Transaction
from musecore.errors import MuseError
from musecore.fits import SIMULATED_PIPELINE
from musecore.log import get_logger
from musecore.messages import (
    Envelope,
    FileUnwanted,
    TaskCancelled,
    TaskFailed,
    TaskFinished,
    TaskStarted,
)
from musecore.outbox import publish, publish_many

log = get_logger(__name__)

Event = TaskStarted | TaskFinished | TaskFailed


@dataclass(frozen=True)
class Heard:
    """One message about an attempt.

    ``envelope`` is given when it did not come by the broker: those who listen there
    are told too.
    """

    message_id: UUID
    event: Event
    envelope: Envelope | None = None


class Settling:
    """Hears how attempts start and end; each message acts once.

    Attributes
    ----------
    under_way
        Tasks that were queued or running when messages were settled last; before that
        as many as there may be.
    """

    def __init__(
        self,
        context: Context,
        partial: Partial,
        failures: Failures,
        eviction: Eviction,
    ) -> None:
        self._context = context
        self._partial = partial
        self._failures = failures
        self._eviction = eviction
        self.under_way = sys.maxsize

    async def finished(self, message_id: UUID, event: TaskFinished) -> None:
        """Take in products, or ignore an answer that comes too late."""
        await self.settle([Heard(message_id, event)])

    async def failed(self, message_id: UUID, event: TaskFailed) -> None:
        """Judge a failure by its class: again, with more, later, or given up."""
        await self.settle([Heard(message_id, event)])

    async def settle_each(self, heard: Sequence[Heard]) -> list[Exception | None]:
        """Settle messages together; one that breaks does not sink the others.

        Gives what was wrong with each, None where nothing was.
        """
        try:
            await self.settle(heard)
        except MuseError as error:
            if error.transient or len(heard) == 1:
                return [error] * len(heard)
        except Exception as error:
            if len(heard) == 1:
                log.exception("message not settled", message=str(heard[0].message_id))
                return [error]
        else:
            return [None] * len(heard)
        log.warning("settled one by one", messages=len(heard))
        return [(await self.settle_each([one]))[0] for one in heard]

    async def settle(self, heard: Sequence[Heard]) -> None:
        """Settle messages in one transaction, in the order in which they came."""
        async with self._context.database.begin() as tx:
            ids = [one.message_id for one in heard]
            fresh = await WorkStore(tx).heard_in_turn(ids)
            news = [one for one in heard if one.message_id in fresh]
            by_id = {one.message_id: one for one in news}
            await self._forward(tx, list(by_id.values()))
            for events in _rounds([one.event for one in by_id.values()]):
                await self._settle(tx, events)
            under_way = await dispatch(self._context, tx)
        self.under_way = under_way
        if any(_is_full(one.event) for one in by_id.values()):
            await self._eviction.make_room()

    async def _forward(self, tx: Transaction, heard: Sequence[Heard]) -> None:
        bodies = {
            one.message_id: (one.event.name, one.envelope.model_dump_json())
            for one in heard
            if one.envelope is not None
        }
        if bodies:
            await WorkStore(tx).forward(bodies)

    async def _settle(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Settle messages about different tasks."""
        work = WorkStore(tx)
        started = {
            (e.task_id, e.attempt): e.pid for e in events if isinstance(e, TaskStarted)
        }
        finished = [e for e in events if isinstance(e, TaskFinished)]
        failed = [e for e in events if isinstance(e, TaskFailed)]
        if started:
            await work.set_pids(started)
        ended: list[TaskFinished | TaskFailed] = [*finished, *failed]
        if not ended:
            return
        standing = await work.standing([e.task_id for e in ended])
        simulated = [e for e in finished if self._is_refused(e)]
        finished = [e for e in finished if e not in simulated]
        await work.end_attempts(
            [_finished(e, standing) for e in finished]
            + [_failed(e) for e in failed]
            + [_simulated(e) for e in simulated]
        )
        await self._finish(tx, finished, standing)
        for answer in simulated:
            await self._refuse_simulated(tx, answer, standing.get(answer.task_id))
        for event in failed:
            await self._fail(tx, event, standing.get(event.task_id))
        if any(task.partial for task in standing.values()):
            await self._partial.look_after(tx, [e.task_id for e in ended])

    # -- finished
    async def _finish(
        self,
        tx: Transaction,
        events: Sequence[TaskFinished],
        standing: Mapping[UUID, Standing],
    ) -> None:
        accepted = []
        for event in events:
            task = standing.get(event.task_id)
            if task is None:
                log.warning("result of an unknown task", task_id=str(event.task_id))
            elif may_become(task.state, TaskState.DONE):
                accepted.append((task, event))
            else:
                await self._ignore(tx, task, event)
        if accepted:
            await self._accept(tx, accepted)

    async def _accept(
        self, tx: Transaction, answers: Sequence[tuple[Standing, TaskFinished]]
    ) -> None:
        for task, event in answers:
            if task.state is TaskState.RUNNING and task.attempt != event.attempt:
                await self._stop_newer(tx, task)
        made = {e.task_id: (e.attempt, e.products) for _, e in answers if e.products}
        if made:
            await ProductStore(tx).add_many(made)
        await WorkStore(tx).finish([_done(task, event) for task, event in answers])
        ids = [event.task_id for _, event in answers]
        released = await TaskStore(tx).release_children(ids)
        await release(self._context, tx, released)

    def _is_refused(self, event: TaskFinished) -> bool:
        simulated = event.versions.get("pipeline") == SIMULATED_PIPELINE
        return simulated and not self._context.policy.simulation

    async def _refuse_simulated(
        self, tx: Transaction, event: TaskFinished, task: Standing | None
    ) -> None:
        """Fail a task that a simulated worker answered: no such product is data."""
        why = _why_simulated(event)
        said = [FileUnwanted(file_id=p.file_id, reason=why) for p in event.products]
        await publish_many(tx, [(one, None, 0) for one in said])
        if _is_current(task, event.attempt):
            kept = await TaskStore(tx).task(event.task_id)
            assert kept is not None
            await self._failures.give_up(tx, kept, event.worker, f"bad_product: {why}")

    async def _stop_newer(self, tx: Transaction, task: Standing) -> None:
        why = "an earlier attempt answered first"
        row = ending(task.task_id, task.attempt, "superseded", why)
        await WorkStore(tx).end_attempts([row])
        order = TaskCancelled(task_id=task.task_id, attempt=task.attempt, reason=why)
        await publish(tx, order)

    async def _ignore(
        self, tx: Transaction, task: Standing, event: TaskFinished
    ) -> None:
        """Drop the bytes of a second answer; the same answer twice is harmless."""
        files = [product.file_id for product in event.products]
        if await ProductStore(tx).of_attempt(task.task_id, files):
            return
        said = [
            FileUnwanted(file_id=one, reason=_late(task), superseded=True)
            for one in files
        ]
        await publish_many(tx, [(one, None, 0) for one in said])

    # -- failed
    async def _fail(
        self, tx: Transaction, event: TaskFailed, task: Standing | None
    ) -> None:
        if task is None:
            log.warning("failure of an unknown task", task_id=str(event.task_id))
        elif _is_current(task, event.attempt):
            kept = await TaskStore(tx).task(event.task_id)
            assert kept is not None
            await self._failures.judge(tx, kept, event)
            await self._failures.judge_worker(tx, event.worker)


def _rounds(events: Sequence[Event]) -> list[list[Event]]:
    """Split messages so that each part has one ending of a task at most."""
    rounds: list[list[Event]] = []
    last: dict[UUID, int] = {}
    for event in events:
        n = last.get(event.task_id, -1) + 1
        last[event.task_id] = n
        if n == len(rounds):
            rounds.append([])
        rounds[n].append(event)
    return rounds


def _is_full(event: Event) -> bool:
    return isinstance(event, TaskFailed) and event.failure_class == "storage_full"


def _is_current(task: Standing | None, attempt: int) -> bool:
    running = task is not None and task.state is TaskState.RUNNING
    return running and task is not None and task.attempt == attempt


def _why_simulated(event: TaskFinished) -> str:
    return (
        f"the result of {event.worker} is simulated, and this server keeps real "
        "data: stop that worker, or start the server with MUSEWISE_SIMULATION=true"
    )


def _simulated(event: TaskFinished) -> dict[str, object]:
    return ending(
        event.task_id,
        event.attempt,
        "bad_product",
        _why_simulated(event),
        ended=event.ended,
        resources=event.resources,
        exit_code=0,
        log_file_id=event.log_file_id,
        telling_lines=event.warnings,
    )


def _late(task: Standing) -> str:
    return f"late answer: {task.spoken} is {task.state} already"


def _done(task: Standing, event: TaskFinished) -> dict[str, object]:
    return {
        "task_id": event.task_id,
        "worker": event.worker,
        "why": f"attempt {event.attempt} made {len(event.products)} products",
        "started": event.started,
        "ended": event.ended,
        "caveats": list(dict.fromkeys((*task.caveats, *event.caveats))),
    }


def _finished(
    event: TaskFinished, standing: Mapping[UUID, Standing]
) -> dict[str, object]:
    task = standing.get(event.task_id)
    late = task is not None and not may_become(task.state, TaskState.DONE)
    return ending(
        event.task_id,
        event.attempt,
        "late" if late else "finished",
        _late(task) if late and task is not None else "",
        ended=event.ended,
        resources=event.resources,
        exit_code=0,
        log_file_id=event.log_file_id,
        telling_lines=event.warnings,
    )


def _failed(event: TaskFailed) -> dict[str, object]:
    return ending(
        event.task_id,
        event.attempt,
        outcome_of(event),
        event.detail,
        ended=event.ended,
        resources=event.resources,
        exit_code=event.exit_code,
        signal=event.signal,
        log_file_id=event.log_file_id,
        telling_lines=event.telling_lines,
    )


def outcome_of(event: TaskFailed) -> str:
    """Give what the attempt is recorded as: given back is no failure."""
    return "handed_back" if Failures.is_handed_back(event) else event.failure_class
