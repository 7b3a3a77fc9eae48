"""The whole of musewise as separate processes, over real servers.

PostgreSQL is the fleet's own, in its folder; broker and store are given by URL. Every
process has a card, a log and a port of its own in the folder, and is ended by its pid.
"""

import asyncio
import json
import os
import secrets
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx

from musecore.db import EmbeddedPostgres
from musecore.identity import SigningKey
from musewise.errors import Exit
from tests.support.processes import BIN, Process, environment, run, wait_for

HUB = ("auth", "catalog", "storage-gateway", "scheduler", "portal")
PERSON = "ann"
PROJECT = "local"
SCHEMAS = {
    "auth": "auth",
    "catalog": "catalog",
    "scheduler": "scheduler",
    "storage-gateway": "storage",
}


class Fleet:
    """Every service as a process of its own, and `workers` workers.

    Parameters
    ----------
    folder
        Takes database, logs, cards, work folders. Short: a socket lies in it.
    settings
        Of all processes; names as in the settings file.
    own
        Settings of one service more: ``{"scheduler": {"lease_s": "5"}}``; those of
        ``worker`` are of every worker.
    without
        Services of the hub that are not started.
    """

    def __init__(
        self,
        folder: Path,
        *,
        broker_url: str,
        blobs_url: str,
        workers: int = 3,
        settings: Mapping[str, str] | None = None,
        own: Mapping[str, Mapping[str, str]] | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "pg", run_dir=folder, fsync=False)
        self.worker_names = [f"w{number}" for number in range(1, workers + 1)]
        self.processes: dict[str, Process] = {}
        self._shared = {
            "broker_url": broker_url,
            "blobs_url": blobs_url,
            **(settings or {}),
        }
        self._own = own or {}
        self._hub = [name for name in HUB if name not in without]
        self._secret = folder / "secret"

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start everything, in the order in which an operator would."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        self.postgres.start()
        self._prepare()
        auth = self._process("auth")
        auth.start()
        self._shared |= {
            "auth_url": auth.url,
            "client_secret_file": str(self._secret),
        }
        storage = self._process("storage-gateway")
        storage.start()
        self._start_all("catalog", "scheduler")
        later = [name for name in self._hub if name == "portal"]
        self._start_all(*later, *self.worker_names)
        self.until_ready()
        return self

    def hire(self, name: str, **settings: str) -> Process:
        """Start one worker more, with settings of its own."""
        self.worker_names.append(name)
        process = self._process(name)
        process.settings.update(settings)
        process.start()
        return process

    def _prepare(self) -> None:
        """Migrate, with a role per service; make the accounts and the signing key."""
        self._secret.write_text(secrets.token_urlsafe(24))
        self._secret.chmod(0o600)
        SigningKey.generate().save(self.folder / "signing.pem")
        config = self.folder / "musewise.toml"
        tables = [f'[migrate]\nadmin_database_url = "{self.postgres.url()}"']
        tables += [
            f'[{name}]\ndatabase_url = "{self._database(name)}"' for name in SCHEMAS
        ]
        config.write_text("\n".join(tables) + "\n")
        secret = ("--secret-file", self._secret)
        self.command("migrate")
        self.command("admin", "create", PERSON, "--project", PROJECT, *secret)
        for account in ("scheduler", "worker"):
            self.command("admin", "service-account", account, *secret)

    def _database(self, service: str) -> str:
        role = f"musewise_{SCHEMAS[service]}"
        return self.postgres.url().replace("musewise@", f"{role}@", 1)

    def command(self, *arguments: str | Path) -> str:
        """Run a command of ``musewise-server`` on the fleet's database."""
        done = run(
            "musewise-server",
            *arguments,
            settings={"config": str(self.folder / "musewise.toml")},
            patience=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _process(self, name: str) -> Process:
        if name not in self.processes:
            kind = "worker" if name in self.worker_names else name
            settings = {**self._shared, **self._places(kind), **self._own.get(kind, {})}
            if kind in SCHEMAS:
                settings["database_url"] = self._database(kind)
            if kind in ("scheduler", "worker"):
                settings["client_id"] = kind
            if kind == "worker":
                settings |= {"name": name, "work_dir": str(self.folder / "work")}
            if kind == "auth":
                settings["signing_key_path"] = str(self.folder / "signing.pem")
            self.processes[name] = Process(name, kind, self.folder, settings)
        return self.processes[name]

    def _places(self, kind: str) -> dict[str, str]:
        wanted = {
            "scheduler": ("storage",),
            "worker": ("scheduler", "storage"),
            "portal": ("catalog", "scheduler", "storage"),
        }.get(kind, ())
        return {f"{name}_url": self.url(name) for name in wanted}

    def url(self, service: str) -> str:
        """Give the address of a service; ``storage`` is the gateway."""
        return self.processes[{"storage": "storage-gateway"}.get(service, service)].url

    def _start_all(self, *names: str) -> None:
        for name in names:
            self._process(name).begin()
        for name in names:
            self._process(name).wait_until_served()

    def until_ready(self, seconds: float = 60) -> None:
        """Wait until every process says that it can work."""
        for name, process in self.processes.items():

            def ready(process: Process = process) -> bool:
                try:
                    return httpx.get(f"{process.url}/readyz").is_success
                except httpx.TransportError:
                    return False

            try:
                wait_for(ready, f"{name} to be ready", seconds)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{process.tail()}") from error

    def kill(self, name: str) -> None:
        """Kill one process with -9."""
        self.processes[name].kill()

    def restart(self, name: str) -> None:
        """Start one again, at the port it had; in order if it still runs."""
        self.processes[name].stop()
        self.processes[name].start()

    def stop(self) -> dict[str, int | None]:
        """End everything in order: workers first, the database last.

        Gives the exit status of each service; None: it did not run, or had to be
        killed.
        """
        statuses = {}
        for name in [*self.worker_names, *reversed(self._hub)]:
            if name in self.processes:
                try:
                    statuses[name] = self.processes[name].stop(60)
                except AssertionError:
                    statuses[name] = None
        self.postgres.stop()
        return statuses

    @property
    def person(self) -> dict[str, str]:
        """Environment of a person who works with the fleet by ``musewise``."""
        names = ("catalog", "scheduler", "storage", "auth")
        settings = {f"{name}_url": self.url(name) for name in names}
        account = {"client_id": PERSON, "client_secret_file": str(self._secret)}
        return environment(settings | account | {"project": PROJECT})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``musewise`` as a person does."""
        return subprocess.run(
            [BIN / "musewise", *arguments],
            env={**self.person, "COLUMNS": "120", "HOME": str(self.folder)},
            check=False,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def ask(self, *arguments: str) -> Any:
        """Run ``musewise ... --json`` and give its answer."""
        done = self.run(*arguments, "--json")
        empty = done.returncode == Exit.NOTHING and done.stdout
        assert done.returncode == 0 or empty, done.stdout + done.stderr
        return json.loads(done.stdout)

    def sql(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """Ask the database itself, past the services."""

        async def answer() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.postgres.url())
            try:
                return await connection.fetch(query, *values)
            finally:
                await connection.close()

        return asyncio.run(answer())

    def logs(self) -> str:
        """Give the ends of all logs, for a failure that nobody understands."""
        return os.linesep.join(process.tail() for process in self.processes.values())
