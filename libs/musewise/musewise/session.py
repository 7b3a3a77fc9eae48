"""The one door to a server: `connect` gives a `Session`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
from typing_extensions import override

from musewise import dpu
from musewise._generated.catalog.api import files as file_calls
from musewise._generated.catalog.api import frames as frame_calls
from musewise._generated.catalog.api import products as product_calls
from musewise._generated.scheduler.api import products as reason_calls
from musewise._generated.scheduler.api import tasks as task_calls
from musewise.access import Asking
from musewise.bundles import Bundle, export_bundle
from musewise.caching import Cache
from musewise.calls import require_known
from musewise.campaigns import Campaign
from musewise.connection import Connection
from musewise.downloads import Remote, read_text
from musewise.dpu import Job, Plan
from musewise.errors import NotFoundError, UsageError
from musewise.judging import Judging
from musewise.lineage import Walking, of_category
from musewise.query import OR, Query
from musewise.records import Task
from musewise.results import Frame, Frames
from musewise.retrieving import Fetching
from musewise.saved import Keeping
from musewise.settings import Server, cache_place, find_server
from musewise.uploads import (
    Moved,
    Upload,
    Uploader,
    ask_catalog,
    files_below,
    wait_for_plans,
)

DEFAULT_PROJECT = "local"
WHOLE_ID = 36  # characters of a UUID
REGISTER_BATCH = 500  # rows sent at once


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    directory: str | Path | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Session:
    """Connect to the server named here, in the environment, or in the config file.

    Parameters
    ----------
    directory
        Data folder of an embedded server.
    transport
        The seam for tests and for servers in the same process.

    Raises
    ------
    ServerNotFoundError
        No server is known.
    """
    folder = Path(directory) if directory else None
    session = Session(find_server(url, token, folder), transport=transport)
    _Default.session = session
    return session


class _Default:
    """The session of classes and `dpu`: the one connected last."""

    session: Session | None = None


def default() -> Session:
    """Give the session connected last; connects where there is none."""
    return _Default.session or connect()


class Session(Fetching, Asking, Judging, Keeping, Walking):
    """What one person does on one server. Ids may be shortened while unique."""

    def __init__(
        self, server: Server, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.server = server
        self.connection = Connection(server, transport=transport)
        kept = cache_place()
        self.cache = None if kept is None else Cache(*kept)

    @override
    def __repr__(self) -> str:
        return f"<musewise at {self.server.url}, project {self.project}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self.connection.close()
        if _Default.session is self:
            _Default.session = None

    @property
    def project(self) -> str:
        """The project that new things belong to, where nothing else is said."""
        return self.server.project or DEFAULT_PROJECT

    # ------------------------------------------------------------ catalog
    def frames(
        self, tag: str | None = None, *, limit: int | None = None, **filters: Any
    ) -> Frames:
        """Give the frames that fit, as ``frames("MASTER_BIAS", ifu=6)``.

        Filters: kind, night, target, ifu, arcfile, filename, ins_mode, tpl_start,
        task_id, project, is_valid, recipe.
        """
        require_known(filters, frame_calls.list_frames)

        def fetch(after: str | None, count: int) -> dict[str, Any]:
            place = UUID(after) if after else None
            page: dict[str, Any] = self.connection.ask(
                frame_calls.list_frames(tag=tag, after=place, limit=count, **filters)
            )
            return page

        return Frames(fetch, self, limit)

    def query(self, tag: str | None = None, where: str | None = None) -> Query:
        """Give a query on this server: ``query("MASTER_BIAS", "ron > 3.1")``."""
        return Query(tag=tag, where=where, holds=OR, session=self)

    def frame(self, frame_id: str) -> Frame:
        """Give one frame by its id or the beginning of it."""
        found = self.connection.ask(frame_calls.get_frame(frame_id))
        return Frame.model_validate(found).bound_to(self)

    def header(self, frame_id: str, hdu: int | None = None) -> list[dict[str, Any]]:
        """Give the header of every extension: index, extname, cards."""
        found = self.connection.ask(frame_calls.get_header(frame_id, hdu=hdu))
        hdus: list[dict[str, Any]] = found["hdus"]
        return hdus

    def qc(self, frame_id: str) -> list[dict[str, Any]]:
        """Give the QC values: name, ifu, value, unit, meaning."""
        found = self.connection.ask(product_calls.get_qc(frame_id))
        return _items(found)

    def diff(self, a: str, b: str) -> dict[str, Any]:
        """Give the inputs, parameters, versions and QC in which two products differ."""
        found: dict[str, Any] = self.connection.ask(product_calls.get_diff(a=a, b=b))
        return found

    def nights(self) -> list[dict[str, Any]]:
        """Give the observing nights with the number of frames of each class."""
        return _items(self.connection.ask(frame_calls.get_nights()))

    def sets(self, **filters: Any) -> list[dict[str, Any]]:
        """Give the template sets: tag, tpl_start, n, nexp, complete."""
        require_known(filters, frame_calls.get_sets)
        return _items(self.connection.ask(frame_calls.get_sets(**filters)))

    def refusals(self, **filters: Any) -> list[dict[str, Any]]:
        """Give the files that were refused, with the reasons."""
        require_known(filters, file_calls.get_refusals)
        return _items(self.connection.ask(file_calls.get_refusals(**filters)))

    def register(
        self, rows: Sequence[dict[str, Any]], project: str | None = None
    ) -> list[dict[str, Any]]:
        """Register frames by their metadata only; doing it twice is harmless."""
        done: list[dict[str, Any]] = []
        for start in range(0, len(rows), REGISTER_BATCH):
            batch = list(rows[start : start + REGISTER_BATCH])
            body = {"project": project or self.project, "rows": batch}
            done += _items(self.connection.post("/catalog/register", body))
        taken = [str(row["file_id"]) for row in done if row["state"] == "registered"]
        wait_for_plans(self.connection, taken)
        return done

    # ------------------------------------------------------------ files
    def put(
        self, *paths: str | Path, project: str | None = None, copy: bool = False
    ) -> list[Upload]:
        """Put files and folders in; gives what became of each.

        An embedded server links the files unless ``copy`` is set. Doing it twice is
        harmless.
        """
        files = files_below(Path(path) for path in paths)
        uploader = self.uploader(project, copy=copy)
        return ask_catalog(self.connection, list(uploader.put(files)))

    def uploader(
        self,
        project: str | None = None,
        *,
        copy: bool = False,
        moved: Moved = lambda count: None,
    ) -> Uploader:
        """Give what puts files in, one result at a time; see `put`."""
        return Uploader(
            self.connection,
            project=project or self.project,
            link=self.server.local and not copy,
            moved=moved,
        )

    def remote(self, frame: Frame) -> Remote:
        """Give the stored file of a frame.

        Raises
        ------
        NotFoundError
            Its bytes are not in the store: metadata only, or dropped.
        """
        if frame.state not in (None, "STORED") or not frame.file_id:
            raise NotFoundError(404, _no_bytes(frame))
        return Remote(
            file_id=frame.file_id,
            filename=frame.filename or frame.file_id,
            sha256=frame.sha256,
            size=frame.size,
        )

    def export(
        self, frame_id: str, folder: str | Path, *, told: Callable[[str], None] = print
    ) -> Bundle:
        """Write a product's lineage as a folder that plain ``esorex`` can run.

        ``told`` hears of each file that is fetched.
        """
        return export_bundle(self, frame_id, Path(folder), told=told)

    def log(self, some_id: str) -> str:
        """Give the recipe's log of a product or of a task.

        Raises
        ------
        NotFoundError
            There is no log: a raw file, or a task that did not run yet.
        """
        file_id = self._log_of_product(some_id) or self._log_of_task(some_id)
        if file_id is None:
            raise NotFoundError(404, {"detail": f"{some_id} has no recipe log."})
        return read_text(self.connection, file_id)

    def _log_of_product(self, frame_id: str) -> str | None:
        try:
            task = self.lineage(frame_id, depth=1).get("task")
        except NotFoundError:
            return None
        return task.get("log_file_id") if task else None

    def _log_of_task(self, some_id: str) -> str | None:
        task_id = self.task(some_id).task_id
        tries = _items(self.connection.ask(task_calls.list_attempts(UUID(task_id))))
        logs = [one["log_file_id"] for one in tries if one.get("log_file_id")]
        return logs[-1] if logs else None

    # ------------------------------------------------------------ processing
    def plan(self, product: str, **what: Any) -> Plan:
        """Plan a product; ``what`` as in `PlanRequest`. Nothing runs yet."""
        what.setdefault("project", self.project)
        return dpu.plan(self.connection, dpu.plan_request(product, **what))

    def process(self, product: str, **what: Any) -> Job:
        """Plan a product and let it run.

        Raises
        ------
        UsageError
            The plan cannot run, as something is missing.
        """
        what.setdefault("project", self.project)
        return dpu.process(self.connection, dpu.plan_request(product, **what))

    def campaign(
        self,
        product: str,
        nights: Sequence[str],
        campaign_id: str | None = None,
        **what: Any,
    ) -> Campaign:
        """Give a campaign over nights (ISO dates); ``what`` as in `PlanRequest`.

        Nothing is asked of the server yet; ``campaign_id`` goes on with an old one.
        """
        what.setdefault("project", self.project)
        request = dpu.plan_request(product, **what)
        return Campaign(self.connection, request, nights, campaign_id)

    def job(self, job_id: str) -> Job:
        """Give a job by its id or the beginning of it."""
        return dpu.job(self.connection, job_id)

    def jobs(
        self,
        limit: int = 100,
        *,
        mine: bool = False,
        since: str | datetime | None = None,
    ) -> list[Job]:
        """Give at most ``limit`` (1..200) jobs, the newest first.

        ``mine``: only one's own; ``since``: made since then, or so long ago (``"1 d"``).
        """
        return dpu.jobs(self.connection, limit, mine=mine, since=since)

    def task(self, task_id: str) -> Task:
        """Give one task by its id, or by the beginning of it among recent jobs."""
        if len(task_id) < WHOLE_ID:
            return self._recent_task(task_id)
        found = self.connection.ask(task_calls.show_task(_whole(task_id)))
        return Task.model_validate(found)

    def _recent_task(self, beginning: str) -> Task:
        for one in self.jobs():
            found = [task for task in one.tasks() if task.task_id.startswith(beginning)]
            if found:
                return found[0]
        detail = f"No task of a recent job begins with {beginning}."
        raise NotFoundError(404, {"detail": detail, "code": "task_not_found"})

    def retry_task(self, task_id: str) -> None:
        """Run one failed task again."""
        whole = self.task(task_id).task_id
        self.connection.ask(task_calls.retry_task(UUID(whole)))

    def why(
        self, frame_id: str, category: str | None = None, ifu: int | None = None
    ) -> dict[str, Any]:
        """Give the choices, the reuse, and the differences to other versions.

        With ``category`` only the choices of that one, and of an IFU if it is named.
        """
        whole = self.frame(frame_id).frame_id
        asked = reason_calls.explain(frame_id=UUID(whole))
        found: dict[str, Any] = self.connection.ask(asked)
        return found if category is None else of_category(found, category, ifu)


def _whole(task_id: str) -> UUID:
    try:
        return UUID(task_id)
    except ValueError:
        raise UsageError(f"{task_id!r} is no id of a task.") from None


def _no_bytes(frame: Frame) -> dict[str, Any]:
    metadata_only = frame.state == "METADATA_ONLY"
    why = "known by its metadata only" if metadata_only else "dropped to save space"
    hint = None if metadata_only else "Process it again; its record is kept."
    return {"detail": f"The bytes of {frame.filename} are {why}.", "hint": hint}


def _items(found: Any) -> list[dict[str, Any]]:
    """Give the rows of an answer: a list, or a page of one."""
    rows: Iterable[dict[str, Any]] = found
    if isinstance(found, dict):
        rows = found.get("items") or found.get("rows") or []
    return list(rows)
