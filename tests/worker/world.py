"""The world around one worker: real broker and store, small apps beside it.

The two apps are counterparts: they answer as scheduler and storage gateway do, and
remember what was asked. ``stand_in`` writes a shell script that stands in for
``esorex`` where a test is about exit codes, signals or time, not about pixels.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
from astropy.io import fits
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from muse_worker.main import Service, scheduler_client, storage_client
from muse_worker.settings import WorkerSettings
from musecore.blobs import BlobStore, DirectoryStore
from musecore.broker import Delivery, LocalBroker, Message, Topology
from musecore.messages import (
    Payload,
    TaskCancelled,
    TaskFailed,
    TaskFinished,
    TaskRequested,
    TaskStarted,
)
from musecore.outbox import envelope_of

SHA = "0" * 64


def make_product(
    path: Path,
    tag: str = "MASTER_BIAS",
    ifu: int | None = 7,
    qc: dict[str, float] | None = None,
) -> Path:
    """Write a small product as the pipeline lays it out."""
    primary = fits.PrimaryHDU()
    primary.header["HIERARCH ESO PRO CATG"] = tag
    if ifu is not None:
        primary.header["EXTNAME"] = f"CHAN{ifu:02d}"
    values = {"QC BIAS MASTER1 MEDIAN": 0.5} if qc is None else qc
    for name, value in values.items():
        primary.header[f"HIERARCH ESO {name}"] = value
    data = fits.ImageHDU(np.arange(12, dtype=np.float32).reshape(3, 4), name="DATA")
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([primary, data]).writeto(path, checksum=True)
    return path


def stand_in(folder: Path, body: str) -> Path:
    """Write a shell script that stands in for esorex; `body` is its recipe.

    It runs where recipes run; ``../out`` takes products. ``say LEVEL TEXT`` writes a
    line of the log as esorex does.
    """
    path = folder / "stand-in-esorex"
    path.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        "--version) echo ' ESO Recipe Execution Tool, version 3.13.6'\n"
        "  echo 'Libraries used: CPL = 7.2.3, CFITSIO = 4.2.0'; exit 0;;\n"
        "--man-page) echo '  muse_bias -- version 2.8.7'; exit 0;;\n"
        "esac\n"
        'say() { echo "01:02:03 [ $1 ] muse_bias_compute: [tid=000] $2" >> .logfile; }\n'
        f"{body}\n"
    )
    path.chmod(0o755)
    return path


@dataclass
class SchedulerCounterpart:
    """Answers as the scheduler does: claims once, and heartbeats."""

    tasks: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    claimed: list[UUID] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    beats: int = 0
    go_on: bool = True
    claims_to_refuse: int = 0
    announced: list[dict[str, Any]] = field(default_factory=list)
    orders: dict[str, Any] = field(
        default_factory=lambda: {"state": "ACTIVE", "reason": "", "beat_s": 0.05}
    )
    is_away: bool = False
    pause_claims: bool = False
    refused: list[UUID] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/scheduler/tasks/{task_id}/claim", response_model=None)
        async def claim(task_id: UUID, body: dict[str, Any]) -> Any:
            if self.claims_to_refuse:
                self.claims_to_refuse -= 1
                return JSONResponse({"detail": "starting"}, status_code=503)
            if self.pause_claims:
                self.refused.append(task_id)
                problem = {"code": "worker_paused", "detail": "Worker w1 is PAUSED."}
                return JSONResponse(problem, status_code=409)
            if task_id in self.claimed or task_id not in self.tasks:
                problem = {"code": "not_claimable", "detail": "It runs elsewhere."}
                return JSONResponse(problem, status_code=409)
            self.claimed.append(task_id)
            self.workers.append(body["worker"])
            return self.tasks[task_id] | {"attempt": body["attempt"]}

        @app.put("/scheduler/workers/{name}", response_model=None)
        async def announce(name: str, body: dict[str, Any]) -> Any:
            if self.is_away:
                return JSONResponse({"detail": "starting"}, status_code=503)
            self.announced.append({"name": name, **body})
            return self.orders

        @app.post("/scheduler/tasks/{task_id}/heartbeat")
        async def heartbeat(task_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
            self.beats += 1
            return {"go_on": self.go_on, "reason": "A newer attempt runs."}

        return app


@dataclass
class StorageCounterpart:
    """Answers as the storage gateway does to a service account."""

    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    commits: dict[str, dict[str, Any]] = field(default_factory=dict)
    full: bool = False
    slow: bool = False
    """Whether the commit of a product is never answered."""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/storage/uploads", status_code=201, response_model=None)
        async def announce(body: dict[str, Any]) -> Any:
            if self.full:
                problem = {"code": "storage_full", "detail": "No room is left."}
                return JSONResponse(problem, status_code=507)
            self.uploads[body["file_id"]] = body
            key = f"objects/{body['file_id']}"
            return {"file_id": body["file_id"], "object_key": key, "upload": "put"}

        @app.post("/storage/uploads/{file_id}/commit")
        async def commit(file_id: str, body: dict[str, Any]) -> dict[str, Any]:
            self.commits[file_id] = body
            if self.slow and self.uploads[file_id]["kind"] == "product":
                await asyncio.sleep(3600)
            return {"file_id": file_id, "duplicate_of": None, **body}

        return app


class World:
    """One worker with what it needs, in a folder."""

    def __init__(
        self, folder: Path, blobs: BlobStore | None = None, **settings: Any
    ) -> None:
        self.folder = folder
        self.scheduler = SchedulerCounterpart()
        self.storage = StorageCounterpart()
        self.blobs = blobs or DirectoryStore(folder / "objects")
        reports = ["task.started.v1", "task.finished.v1", "task.failed.v1"]
        reports += ["file.unwanted.v1"]
        self.broker = LocalBroker(Topology({"reports": reports}))
        given = {"name": "w1", "work_dir": folder / "work", "drain_s": 0.2}
        given |= {"memory_mb": 64_000, "cores": 8}
        self.settings = WorkerSettings(**(given | settings))
        self.service = self.make_service()
        self.heard: asyncio.Queue[Payload] = asyncio.Queue()

    def make_service(self, **changes: Any) -> Service:
        """Make a worker; it shares the world with any other."""
        settings = self.settings.model_copy(update=changes)
        apps = {"s": self.scheduler.app(), "g": self.storage.app()}
        return Service(
            settings,
            broker=self.broker,
            blobs=self.blobs,
            scheduler=scheduler_client(settings, httpx.ASGITransport(app=apps["s"])),
            storage=storage_client(settings, httpx.ASGITransport(app=apps["g"])),
        )

    async def start(self) -> None:
        await self.broker.start()
        await self.broker.subscribe("reports", [], self._hear)
        await self.service.start()

    async def stop(self) -> None:
        await self.service.stop()
        await self.broker.close()

    async def _hear(self, delivery: Delivery) -> None:
        await self.heard.put(delivery.payload)

    async def put_input(self, tag: str, path: Path) -> dict[str, Any]:
        """Put a file into the store; give it as a claim names it."""
        file_id = uuid4()
        key = f"objects/{file_id}"
        content = await asyncio.to_thread(path.read_bytes)
        await self.blobs.put_file(key, path)
        sha256 = hashlib.sha256(content).hexdigest()
        return {
            "tag": tag,
            "file_id": str(file_id),
            "object_key": key,
            "filename": path.name,
            "sha256": sha256,
            "content_key": sha256,
            "size": len(content),
            "ifu": None,
        }

    def task(self, inputs: list[dict[str, Any]], **changes: Any) -> UUID:
        """Give the scheduler a task that can be claimed."""
        task_id = uuid4()
        self.scheduler.tasks[task_id] = {
            "task_id": str(task_id),
            "attempt": 1,
            "key": SHA,
            "recipe": "muse_bias",
            "ifu": 7,
            "parameters": {"nifu": 7, "lsigma": 3.0},
            "set_parameters": {},
            "inputs": inputs,
            "outputs": [{"tag": "MASTER_BIAS", "min": 1, "per_ifu": True}],
            "threads": 1,
            "memory_mb": 1500,
            "timeout_s": 60,
            "lease_s": 20.0,
            "project": "local",
            "owner": "anna",
            "versions": {"rule_set": "1+abc"},
            "caveats": [],
        } | changes
        return task_id

    def requested(
        self, task_id: UUID, pool: str = "small", *, at: str | None = None
    ) -> Message:
        """Give the message with which the scheduler asks for a task.

        `at` is the worker that is asked first; else the pool is.
        """
        task = self.scheduler.tasks[task_id]
        requested = TaskRequested(
            task_id=task_id,
            attempt=1,
            key=SHA,
            pool=pool,
            recipe=task["recipe"],
            ifu=task["ifu"],
        )
        where = pool if at is None else f"at.{at}"
        return Message.of(envelope_of(requested), f"{TaskRequested.name}.{where}")

    async def request(
        self, task_id: UUID, pool: str = "small", *, at: str | None = None
    ) -> None:
        await self.broker.publish(self.requested(task_id, pool, at=at))

    async def cancel(self, task_id: UUID) -> None:
        await self.say(TaskCancelled(task_id=task_id, attempt=1, reason="Not wanted."))

    async def say(self, payload: Payload) -> None:
        await self.broker.publish(Message.of(envelope_of(payload)))

    async def next(self, *kinds: type[Payload], within_s: float = 60.0) -> Any:
        """Give the next message of these kinds."""
        async with asyncio.timeout(within_s):
            while True:
                payload = await self.heard.get()
                if isinstance(payload, kinds):
                    return payload

    async def report(self, within_s: float = 60.0) -> TaskFinished | TaskFailed:
        report = await self.next(TaskFinished, TaskFailed, within_s=within_s)
        await asyncio.sleep(0.05)  # the folder goes just after the report
        assert isinstance(report, TaskFinished | TaskFailed)
        return report

    async def started(self) -> TaskStarted:
        started = await self.next(TaskStarted)
        assert isinstance(started, TaskStarted)
        return started

    async def log_of(self, report: TaskFinished | TaskFailed) -> str:
        key = f"objects/{report.log_file_id}"
        return (await self.blobs.get_range(key, 0, 1 << 20)).decode()

    @property
    def folders(self) -> list[str]:
        """Folders of attempts that are left."""
        return sorted(p.name for p in (self.folder / "work" / "w1").glob("[!.]*"))


async def until(holds: Callable[[], object], within_s: float = 30.0) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


def copying(source: Path, name: str = "MASTER_BIAS-07.fits") -> str:
    """Give a stand-in's body that leaves a copy of a file as a product."""
    return f"cp {source} ../out/{name}"
