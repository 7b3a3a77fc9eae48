"""One attempt at one task: from the claim to the report, with the lease kept."""

import asyncio
import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from muse_worker.engine.contract import Engine, RecipeCall, RecipeRun
from muse_worker.engine.diagnosis import Diagnosis, FailureClass
from muse_worker.engine.log import telling_lines, warnings_of
from muse_worker.engine.process import Ended
from muse_worker.engine.sof import write_sof
from muse_worker.engine.verify import BadProduct, VerifiedProduct, verify
from muse_worker.models import ClaimedTask
from muse_worker.providers import SchedulerClient
from muse_worker.service.measuring import ATTEMPTS, RECIPE_BYTES, RECIPE_SECONDS
from muse_worker.service.notes import Notes
from muse_worker.service.reports import Report, send_report, tell
from muse_worker.service.staging import stage
from muse_worker.service.storing import SiteStore
from musecore.blobs import StorageFull
from musecore.broker import Broker
from musecore.errors import MuseError, NotFound
from musecore.log import get_logger
from musecore.messages import (
    InputUsed,
    ProductMade,
    Resources,
    TaskFailed,
    TaskFinished,
    TaskStarted,
)
from musecore.muse.schema import MuseModel
from musecore.telemetry import Span, fail, traced
from musecore.times import utcnow

__all__ = ["Attempt", "Tools"]

log = get_logger(__name__)

BEATS_PER_LEASE = 4
"""Heartbeats in the time of one lease: three may be lost."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Tools:
    """What every attempt of a worker uses.

    ``versions`` are those of the pipeline and of musewise; ``patience_s`` is how long
    a report is repeated while the broker does not answer.
    """

    worker: str
    engine: Engine
    versions: Mapping[str, str]
    model: MuseModel
    store: SiteStore
    scheduler: SchedulerClient
    broker: Broker
    patience_s: float = 30.0


class _Failed(Exception):
    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.detail)
        self.diagnosis = diagnosis


class Attempt:
    """Runs a claimed task in a folder of its own and reports how it ended."""

    def __init__(self, task: ClaimedTask, tools: Tools, folder: Path) -> None:
        self.task = task
        self._tools = tools
        self._folder = folder
        self._notes = Notes(folder)
        self._log_id: UUID | None = None
        self._started = utcnow()
        self._run: RecipeRun | None = None
        self._order: Diagnosis | None = None
        self._work: asyncio.Task[TaskFinished] | None = None

    async def run(self) -> None:
        """Do the work, keep the lease, report. Ends without an exception."""
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        lease = asyncio.create_task(self._keep_lease())
        self._work = asyncio.create_task(self._finish())
        try:
            with traced(
                f"recipe {self.task.recipe}",
                musewise_recipe=self.task.recipe,
                musewise_ifu=self.task.ifu,
                musewise_task=str(self.task.task_id),
                musewise_attempt=self.task.attempt,
                musewise_worker=self._tools.worker,
            ) as span:
                report = await self._report(self._work)
                self._measure(report, span)
            await send_report(
                self._tools.broker,
                self._folder,
                report,
                patience_s=self._tools.patience_s,
            )
        finally:
            lease.cancel()

    def _measure(self, report: Report, span: Span) -> None:
        failed = isinstance(report, TaskFailed)
        outcome = report.failure_class if isinstance(report, TaskFailed) else "finished"
        recipe = self.task.recipe
        ATTEMPTS.labels(recipe, outcome).inc()
        if self._run is not None:
            ended = self._run.ended
            RECIPE_SECONDS.labels(recipe).observe(ended.wall_s)
            RECIPE_BYTES.labels(recipe).observe(ended.max_rss_mb * 1e6)
            if ended.exit_code is not None:
                span.set_attribute("musewise.exit_code", ended.exit_code)
        span.set_attribute("musewise.outcome", outcome)
        if failed:
            fail(span, outcome)

    def stop(self, failure_class: FailureClass, detail: str) -> None:
        """Order the end: the recipe is stopped and the task reported as failed."""
        if self._work is not None and not self._work.done() and self._order is None:
            self._order = Diagnosis(failure_class, detail)
            self._work.cancel()

    async def _report(self, work: asyncio.Task[TaskFinished]) -> Report:
        try:
            return await work
        except asyncio.CancelledError:
            if self._order is None:  # it is us who are cancelled
                raise
            return await self._failure(self._order)
        except Exception as error:  # noqa: BLE001  every end must be reported
            return await self._failure(self._diagnosis_of(error))

    def _diagnosis_of(self, error: Exception) -> Diagnosis:
        match error:
            case _Failed() | BadProduct():
                return error.diagnosis
            case StorageFull():
                return Diagnosis("storage_full", str(error))
            case MuseError():
                return Diagnosis("infrastructure", str(error))
            case OSError() if error.errno in _NO_ROOM:
                return Diagnosis(
                    "storage_full", f"The disk of {self._folder} is full: {error}."
                )
            case _:
                log.error("attempt broke", task=self.task.spoken, exc_info=error)
                return Diagnosis("infrastructure", f"{type(error).__name__}: {error}")

    async def _keep_lease(self) -> None:
        """Say that we live until told to stop; a silent scheduler stops nothing."""
        task = self.task
        while True:
            await asyncio.sleep(task.lease_s / BEATS_PER_LEASE)
            try:
                answer = await self._tools.scheduler.heartbeat(
                    task.task_id, task.attempt, self._tools.worker
                )
            except MuseError as error:
                log.warning("heartbeat failed", of=task.spoken, detail=str(error))
                if error.status in (404, 409):
                    self.stop("cancelled", f"The scheduler knows it no more: {error}")
                continue
            if not answer.go_on:
                self.stop("cancelled", answer.reason or "Nobody wants it any more.")

    async def _finish(self) -> TaskFinished:
        """Stage, run, verify, store."""
        run = self._run = await self._reduce()
        if run.diagnosis is not None:
            raise _Failed(run.diagnosis)
        recipe = self._tools.model.recipe(self.task.recipe)
        products = await asyncio.to_thread(verify, self.task, recipe, run.products)
        log_id, made = await self._store(run, products)
        finished = self._finished(run, log_id, made)
        await self._tools.store.manifest(finished)
        return finished

    async def _reduce(self) -> RecipeRun:
        task, tools = self.task, self._tools
        staged = await stage(task.inputs, self._folder / "in", tools.store)
        sof = self._folder / f"{task.recipe}.sof"
        frames = [
            (Path("..") / path.relative_to(self._folder), self._tag_in_sof(entry.tag))
            for path, entry in zip(staged, task.inputs, strict=True)
        ]
        await asyncio.to_thread(write_sof, sof, frames)
        call = RecipeCall(
            recipe=task.recipe,
            spoken=task.spoken,
            options=self._options(),
            sof=Path("..") / sof.name,
            folder=self._folder,
            threads=task.threads,
            memory_mb=task.memory_mb,
            timeout_s=task.timeout_s,
            attempt=task.attempt,
        )
        return await tools.engine.run(call, started=self._tell_start)

    def _options(self) -> dict[str, Any]:
        recipe = self._tools.model.recipe(self.task.recipe)
        options: dict[str, Any] = {}
        if self.task.ifu is not None and recipe.takes_nifu:
            options["nifu"] = self.task.ifu
        return options | self.task.set_parameters | options

    def _tag_in_sof(self, tag: str) -> str:
        try:
            return self._tools.model.frame_class(tag).name_in_sof
        except NotFound:  # a tag that only a set of frames knows
            return tag

    async def _tell_start(self, pid: int) -> None:
        task = self.task
        started = TaskStarted(
            task_id=task.task_id,
            attempt=task.attempt,
            worker=self._tools.worker,
            pid=pid,
        )
        try:
            await tell(self._tools.broker, started)
        except (MuseError, OSError) as error:
            log.warning("start not told", of=task.spoken, detail=str(error))

    async def _store(
        self, run: RecipeRun, products: Sequence[VerifiedProduct]
    ) -> tuple[UUID, list[ProductMade]]:
        store = self._tools.store
        log_id, made = await asyncio.gather(
            self._store_log(run.log),
            store.products(self.task, products, self._notes),
        )
        return log_id, made

    async def _store_log(self, path: Path) -> UUID:
        self._log_id = await self._tools.store.log(self.task, path, self._notes)
        return self._log_id

    def _finished(
        self, run: RecipeRun, log_id: UUID, products: list[ProductMade]
    ) -> TaskFinished:
        task = self.task
        return TaskFinished(
            task_id=task.task_id,
            attempt=task.attempt,
            worker=self._tools.worker,
            key=task.key,
            recipe=task.recipe,
            ifu=task.ifu,
            project=task.project,
            owner=task.owner,
            parameters=task.parameters,
            inputs=[
                InputUsed.model_validate(entry.model_dump()) for entry in task.inputs
            ],
            products=products,
            versions={**task.versions, **self._tools.versions},
            log_file_id=log_id,
            warnings=warnings_of(run.lines),
            caveats=task.caveats,
            started=self._started,
            ended=utcnow(),
            resources=self._resources(run.ended, sum(p.size for p in products)),
        )

    async def _failure(self, diagnosis: Diagnosis) -> TaskFailed:
        task, run = self.task, self._run
        log.warning(
            "attempt failed",
            of=task.spoken,
            failure_class=diagnosis.failure_class,
            detail=diagnosis.detail,
        )
        return TaskFailed(
            task_id=task.task_id,
            attempt=task.attempt,
            worker=self._tools.worker,
            failure_class=diagnosis.failure_class,
            detail=diagnosis.detail,
            telling_lines=telling_lines(run.lines) if run else [],
            exit_code=run.ended.exit_code if run else None,
            signal=run.ended.signal if run else None,
            log_file_id=await self._keep_log(),
            started=self._started,
            ended=utcnow(),
            resources=self._resources(run.ended, 0) if run else None,
        )

    async def _keep_log(self) -> UUID | None:
        """Store the log of a failed attempt, if that is possible."""
        if self._log_id is not None:
            return self._log_id
        path = self._folder / f"{self.task.recipe}.log"
        if not await asyncio.to_thread(path.exists):
            return None
        try:
            return await self._store_log(path)
        except (MuseError, OSError) as error:
            log.warning("log not stored", of=self.task.spoken, detail=str(error))
            return None

    def _resources(self, ended: Ended, bytes_out: int) -> Resources:
        return Resources(
            wall_s=ended.wall_s,
            cpu_s=ended.cpu_s,
            max_rss_mb=ended.max_rss_mb,
            bytes_in=sum(entry.size for entry in self.task.inputs),
            bytes_out=bytes_out,
        )
