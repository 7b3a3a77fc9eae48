"""Which services there are, and how each is made from settings as a process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from muse_embedded.commands.answers import logs_of, running, spoken
from musecore.errors import MuseError
from musecore.log import serving
from musecore.serving import Standalone, listen, serve
from musecore.settings import MusewiseSettings
from musecore.telemetry import start_tracing, stop_tracing

__all__ = ["KINDS", "OWNERS", "Owner", "run_service", "settings_class"]

KINDS = {
    "catalog": "Serve frames, headers, QC values, lineage, validity.",
    "scheduler": "Serve plans, jobs and tasks; hand tasks out to workers.",
    "worker": "Run recipes; serve its health only.",
    "storage-gateway": "Serve the files of one site.",
    "auth": "Serve accounts, projects, tokens and keys.",
    "portal": "Serve pages that show the services.",
}
"""The services that can stand alone, and what they do."""


@dataclass(frozen=True)
class Owner:
    """A service with tables: its schema, and the package with its migrations."""

    service: str
    schema: str
    package: str


OWNERS = (
    Owner("auth", "auth", "muse_auth"),
    Owner("catalog", "catalog", "muse_catalog"),
    Owner("scheduler", "scheduler", "muse_scheduler"),
    Owner("storage-gateway", "storage", "muse_storage"),
)


def settings_class(service: str) -> type[MusewiseSettings]:
    """Give the settings of a service with tables."""
    match service:
        case "auth":
            from muse_auth.settings import AuthSettings

            return AuthSettings
        case "catalog":
            from muse_catalog.settings import CatalogSettings

            return CatalogSettings
        case "scheduler":
            from muse_scheduler.settings import SchedulerSettings

            return SchedulerSettings
        case _:
            from muse_storage.settings import StorageSettings

            return StorageSettings


def made(
    name: str, config: Path | None, **given: Any
) -> tuple[MusewiseSettings, Standalone]:
    """Read the settings of a service and wire it.

    Only the package of this service is imported: each is a process of its own, and
    some are heavy.
    """
    match name:
        case "catalog":
            from muse_catalog import main as catalog
            from muse_catalog.settings import CatalogSettings

            frames = CatalogSettings.load(config, **given)
            return frames, catalog.standalone(frames)
        case "scheduler":
            from muse_scheduler import main as scheduler
            from muse_scheduler.settings import SchedulerSettings

            tasks = SchedulerSettings.load(config, **given)
            return tasks, scheduler.standalone(tasks)
        case "worker":
            from muse_worker import main as worker
            from muse_worker.settings import WorkerSettings

            recipes = WorkerSettings.load(config, **given)
            return recipes, worker.standalone(recipes)
        case "storage-gateway":
            from muse_storage import main as storage
            from muse_storage.settings import StorageSettings

            files = StorageSettings.load(config, **given)
            return files, storage.standalone(files)
        case "auth":
            from muse_auth import main as auth
            from muse_auth.settings import AuthSettings

            accounts = AuthSettings.load(config, **given)
            return accounts, auth.standalone(accounts)
        case _:
            from muse_portal import main as portal
            from muse_portal.settings import PortalSettings

            pages = PortalSettings.load(config, **given)
            return pages, portal.standalone(pages)


def run_service(name: str, config: Path | None, **given: Any) -> None:
    """Run one service until it is told to stop; ends with an exit status."""
    try:
        settings, part = made(name, config, **given)
        logs_of(settings)
        listener = listen(settings.host, settings.port)
    except MuseError as error:
        raise spoken(error) from error
    start_tracing(name, settings.otlp_url)
    try:
        with serving(name):
            running(
                serve(
                    name,
                    part,
                    listener=listener,
                    card=settings.card,
                    start_patience_s=settings.start_patience_s,
                    stop_patience_s=settings.stop_patience_s,
                    say=_say,
                )
            )
    finally:
        stop_tracing()


def _say(line: str) -> None:
    typer.echo(line)  # flushes
