"""The whole fleet on servers of its own that can be broken, and questions to it."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx

from musecore.fits import SIMULATED_PIPELINE
from musecore.identity import Principal, SigningKey, TokenIssuer
from musecore.testing.rabbit import PrivateRabbit
from musecore.testing.swift import PrivateSwift
from tests.support.fleet import Fleet
from tests.support.processes import Process
from tests.support.proxy import FaultProxy

LEASE_S = 4.0
EARS = "chaos"
"""The queue by which a test hears what the fleet says; nobody of the fleet reads it."""

WORKERS = 3

SIMULATED = {
    "engine": "simulated",
    "simulation": "true",
    "pipeline_version": SIMULATED_PIPELINE,
    "cpl_version": "simulated",
}

QUICK = {
    "lease_s": str(LEASE_S),
    "backoff_s": "0.5",
    "backoff_max_s": "4",
    "requeue_after_s": "8",
    "prefer_s": "2",
    "beat_s": "1",
    "worker_gone_s": "6",
    "infrastructure_tries": "50",
    "min_free_bytes": "0",
}
"""What takes minutes in an observatory takes seconds here."""

ROOMY = {"slots": "4", "cores": "4", "memory_mb": "300000"}
"""Room for simulated tasks of every pool; they sleep."""


class Rig:
    """PostgreSQL, RabbitMQ, S3 behind a proxy, every service, workers.

    Parameters
    ----------
    workers
        How many; their names are those of `Fleet`.
    settings
        Of all processes, beside those that make time pass quickly.
    own
        Settings of one service more; see `Fleet`.
    """

    def __init__(
        self,
        *,
        workers: int = WORKERS,
        settings: Mapping[str, str] | None = None,
        own: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mw-chaos-"))
        self.rabbit = PrivateRabbit(self.folder / "rabbit")
        self.swift = PrivateSwift(self.folder / "swift")
        self._workers = workers
        self._settings = {**QUICK, **(settings or {})}
        self._own = own or {}
        self.statuses: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start everything; the schemas are new."""
        self.rabbit.start()
        self.swift.start()
        self.broker_url = self.rabbit.vhost()
        self.store_link = FaultProxy(self.swift.port)
        self.blobs_url = self.swift.url(
            "musewise", port=self.store_link.port, create="true"
        )
        self.fleet = Fleet(
            self.folder,
            broker_url=self.broker_url,
            blobs_url=self.blobs_url,
            workers=self._workers,
            settings=self._settings,
            own={**self._own, "worker": {**ROOMY, **self._own.get("worker", {})}},
            without=("portal",),
        )
        self.fleet.start()
        return self

    def stop(self) -> None:
        """End everything in order, and note the exit status of each service."""
        if hasattr(self, "fleet"):
            self.statuses = self.fleet.stop()
        if hasattr(self, "store_link"):
            self.store_link.close()
        self.swift.remove()
        self.rabbit.remove()
        if not os.environ.get("KEEP_RIG"):
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def processes(self) -> dict[str, Process]:
        """Every service and worker by its name."""
        return self.fleet.processes

    @property
    def postgres(self) -> Any:
        """The database server."""
        return self.fleet.postgres

    # -- a person's and the database's view
    def http(self, service: str, project: str) -> httpx.AsyncClient:
        """Give a client of a service, as a person of a project."""
        key = SigningKey.load(self.folder / "signing.pem")
        issuer = TokenIssuer(key, issuer="musewise", audience="musewise")
        ada = Principal(subject="ada", name="Ada", projects={project: 5})
        token = issuer.issue(ada, timedelta(hours=3))
        return httpx.AsyncClient(
            base_url=self.processes[service].url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60.0,
        )

    async def sql(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """Ask the database itself."""
        connection = await asyncpg.connect(self.postgres.url())
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    async def put(self, files: list[Path], project: str) -> None:
        """Put files into a project, four at a time, and wait until all are known."""
        turn = asyncio.Semaphore(4)
        async with self.http("storage-gateway", project) as gateway:

            async def one(path: Path) -> None:
                async with turn:
                    await _put(gateway, path, project)

            await asyncio.gather(*(one(path) for path in files))
        await self._until_known(project)

    async def _until_known(self, project: str) -> None:
        unknown = (
            "SELECT count(*) FROM storage.file WHERE project = $1 AND file_id NOT IN "
            "(SELECT file_id FROM scheduler.frame)"
        )
        for _ in range(300):
            if not (await self.sql(unknown, project))[0][0]:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"frames do not become known\n{self.tails()}")

    async def process(self, project: str, **request: Any) -> UUID:
        """Ask for a product; give the job."""
        async with self.http("scheduler", project) as scheduler:
            answer = await scheduler.post("/jobs", json={"project": project} | request)
            assert answer.status_code == 201, answer.text
            return UUID(answer.json()["job_id"])

    async def until_done(self, job: UUID, seconds: float) -> None:
        """Wait until nothing of a job is left to do."""
        left = (
            "SELECT count(*) FROM scheduler.task t JOIN scheduler.job_task j "
            "USING (task_id) WHERE j.job_id = $1 AND t.state NOT IN "
            "('DONE', 'FAILED', 'BLOCKED', 'CANCELLED')"
        )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not (await self.sql(left, job))[0][0]:
                return
            await asyncio.sleep(0.5)
        rows = await self.sql(
            "SELECT state, count(*) FROM scheduler.task GROUP BY state"
        )
        raise AssertionError(f"the job does not end: {dict(rows)}\n{self.tails()}")

    def tails(self) -> str:
        """Give the ends of all logs."""
        return self.fleet.logs()


async def _put(gateway: httpx.AsyncClient, path: Path, project: str) -> None:
    content = await asyncio.to_thread(path.read_bytes)
    body = {"filename": path.name, "size": len(content), "project": project}
    opened = await gateway.post("/uploads", json=body)
    assert opened.status_code == 201, opened.text
    sent = await gateway.put(opened.json()["url"], content=content)
    assert sent.status_code == 204, sent.text
    done = await gateway.post(f"/uploads/{opened.json()['file_id']}/commit")
    assert done.status_code == 200, done.text
