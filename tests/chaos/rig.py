"""The whole fleet on one machine: real servers, one process per service."""

import asyncio
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
import httpx
import pytest
from minio import Minio

from muse_embedded.services import OWNERS
from musecore.db import Database, EmbeddedPostgres, upgrade
from musecore.errors import MuseError
from musecore.identity import Principal, SigningKey, TokenIssuer
from musecore.serving import blobs_of, broker_of
from tests.chaos.servers import PrivateRabbit, PrivateSwift
from tests.support.processes import Process
from tests.support.proxy import FaultProxy

LEASE_S = 4.0


def _lacks() -> str:
    """Say which of the real servers this version cannot speak to yet."""
    try:
        broker_of("amqp://nobody@127.0.0.1:1/")
        blobs_of("s3+http://key:secret@127.0.0.1:1/bucket")
    except MuseError as error:
        return error.detail
    return ""


needs_servers = pytest.mark.skipif(bool(_lacks()), reason=_lacks())
ROBOT = Principal(subject="w", name="worker", scopes=frozenset({"service"}))
SERVICES = ("auth", "storage-gateway", "catalog", "scheduler")
WORKERS = ("w1", "w2", "w3")


class Rig:
    """PostgreSQL, RabbitMQ, S3 behind a proxy, four services, three workers."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mw-chaos-"))
        self.folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        self.postgres = EmbeddedPostgres(
            self.folder / "pg", run_dir=self.folder, fsync=False
        )
        self.rabbit = PrivateRabbit(self.folder / "rabbit")
        self.swift = PrivateSwift(self.folder / "swift")
        self.store_link = FaultProxy(self.swift.port)
        self.processes: dict[str, Process] = {}
        self._settings = settings or {}
        self.blobs_url = self._blobs_url(self.store_link.port)

    def _blobs_url(self, port: int) -> str:
        key = quote(PrivateSwift.KEY, safe="")
        return f"s3+http://{key}:{PrivateSwift.SECRET}@127.0.0.1:{port}/musewise"

    # -- start and end
    async def start(self, workers: tuple[str, ...] = WORKERS) -> None:
        """Start everything; the schemas are new."""
        self.postgres.start()
        self.rabbit.start()
        self.swift.start()
        await asyncio.to_thread(self._make_bucket)
        await self._make_schemas()
        SigningKey.generate().save(self.folder / "signing.pem")
        auth = self._process("auth", "auth")
        auth.start()
        for name in SERVICES[1:]:
            self._process(name, name, auth_url=auth.url).start()
        self.start_workers(workers)

    def _make_bucket(self) -> None:
        client = Minio(
            f"127.0.0.1:{self.swift.port}",
            access_key=PrivateSwift.KEY,
            secret_key=PrivateSwift.SECRET,
            secure=False,
            region="us-east-1",
        )
        client.make_bucket("musewise")

    async def _make_schemas(self) -> None:
        for owner in OWNERS:
            database = Database(self.postgres.url(), owner.schema, pool_size=1)
            await database.create_schema()
            await upgrade(database, owner.package)
            await database.close()

    def start_workers(self, names: tuple[str, ...], /, **settings: str) -> None:
        """Start workers under these names."""
        for name in names:
            self._worker(name, **settings).begin()
        for name in names:
            self.processes[name].wait_until_served()

    def _worker(self, name: str, /, **settings: str) -> Process:
        return self._process(
            name,
            "worker",
            **{
                "name": name,
                "token": self.token(ROBOT),
                "work_dir": str(self.folder / "work"),
                "scheduler_url": self.processes["scheduler"].url,
                "storage_url": self.processes["storage-gateway"].url,
                "auth_url": self.processes["auth"].url,
                "slots": "2",
            }
            | settings,
        )

    def _process(self, name: str, kind: str, /, **settings: str) -> Process:
        shared = {
            "database_url": self.postgres.url(),
            "broker_url": self.rabbit.url,
            "blobs_url": self.blobs_url,
            "signing_key_path": str(self.folder / "signing.pem"),
            "engine": "simulated",
            "simulation": "true",
            "lease_s": str(LEASE_S),
            "pipeline_version": "muse/simulated-1",
            "cpl_version": "simulated",
            "backoff_s": "0.5",
            "requeue_after_s": "8",
            "min_free_bytes": "0",
            "infrastructure_tries": "50",
            "slots": "6",
            "log_level": "INFO",
        }
        process = Process(name, kind, self.folder, shared | self._settings | settings)
        self.processes[name] = process
        return process

    def stop(self) -> dict[str, int | None]:
        """End everything in order; give the exit status of each service."""
        statuses = {}
        for name in reversed(self.processes):
            self.processes[name].signal(18)  # SIGCONT: it may be stopped
            statuses[name] = self.processes[name].stop()
        self.store_link.close()
        self.swift.remove()
        self.rabbit.remove()
        self.postgres.stop()
        return statuses

    def remove(self) -> None:
        """Remove what is left on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def tails(self) -> str:
        """Give the ends of all logs."""
        return "\n".join(process.tail() for process in self.processes.values())

    # -- a person's and the database's view
    def token(self, principal: Principal) -> str:
        """Issue a token that the fleet believes."""
        key = SigningKey.load(self.folder / "signing.pem")
        issuer = TokenIssuer(key, issuer="musewise", audience="musewise")
        return issuer.issue(principal, timedelta(hours=3))

    def http(self, service: str, project: str) -> httpx.AsyncClient:
        """Give a client of a service, as a person of a project."""
        ada = Principal(subject="ada", name="Ada", projects={project: 5})
        return httpx.AsyncClient(
            base_url=self.processes[service].url,
            headers={"Authorization": f"Bearer {self.token(ada)}"},
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
        """Put files into a project, four at a time."""
        turn = asyncio.Semaphore(4)
        async with self.http("storage-gateway", project) as gateway:

            async def one(path: Path) -> None:
                async with turn:
                    await _put(gateway, path, project)

            await asyncio.gather(*(one(path) for path in files))

    async def process_when_known(self, *, project: str, **request: Any) -> str:
        """Ask for a product once the scheduler knows all frames; give the job."""
        async with self.http("scheduler", project) as scheduler:
            for _ in range(100):
                if await settled_frames(self, project):
                    break
                await asyncio.sleep(0.2)
            answer = await scheduler.post("/jobs", json={"project": project} | request)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["job_id"])

    async def until_done(self, job: str, seconds: float) -> None:
        """Wait until nothing of a job is left to do."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            left = await self.sql(
                "SELECT count(*) FROM scheduler.task t JOIN scheduler.job_task j "
                "USING (task_id) WHERE j.job_id = $1 AND t.state NOT IN "
                "('DONE', 'FAILED', 'BLOCKED', 'CANCELLED')",
                UUID(job),
            )
            if left[0][0] == 0:
                return
            await asyncio.sleep(1)
        rows = await self.sql(
            "SELECT state, count(*) FROM scheduler.task GROUP BY state"
        )
        raise AssertionError(f"the job does not end: {dict(rows)}\n{self.tails()}")


async def settled_frames(rig: Rig, project: str) -> bool:
    """Whether every committed file of a project is known to the scheduler."""
    stored = await rig.sql(
        "SELECT count(*) FROM storage.file WHERE project = $1", project
    )
    known = await rig.sql(
        "SELECT count(*) FROM scheduler.frame WHERE project = $1", project
    )
    return bool(known[0][0] >= stored[0][0] > 0)


async def _put(gateway: httpx.AsyncClient, path: Path, project: str) -> None:
    content = await asyncio.to_thread(path.read_bytes)
    body = {"filename": path.name, "size": len(content), "project": project}
    opened = await gateway.post("/uploads", json=body)
    assert opened.status_code == 201, opened.text
    sent = await gateway.put(opened.json()["url"], content=content)
    assert sent.status_code == 204, sent.text
    done = await gateway.post(f"/uploads/{opened.json()['file_id']}/commit")
    assert done.status_code == 200, done.text
