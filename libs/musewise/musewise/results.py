"""What the server answers, as frozen models that keep fields they do not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr
from typing_extensions import override

from musewise.errors import NotFoundError

if TYPE_CHECKING:
    from musewise.query import Query
    from musewise.session import Session

PAGE = 500  # frames asked for at a time


class Answer(BaseModel):
    """Base of all: frozen, and tolerant of a newer server's fields."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Frame(Answer):
    """One frame: a whole field (``ifu`` None) or one IFU (1..24) of a file.

    ``exptime_s`` in seconds, ``ra`` and ``dec`` in degrees, ``size`` in bytes,
    ``mjd_us`` in microseconds of MJD (UTC), ``night`` an ISO date.
    """

    frame_id: str
    file_id: str | None = None
    kind: str | None = None
    tag: str | None = None
    ifu: int | None = None
    filename: str | None = None
    arcfile: str | None = None
    sha256: str | None = None
    size: int | None = None
    project: str | None = None
    owner: str | None = None
    state: str | None = None
    night: str | None = None
    date_obs: str | None = None
    exptime_s: float | None = None
    object: str | None = None
    target: str | None = None
    ins_mode: str | None = None
    tpl_start: str | None = None
    recipe: str | None = None
    task_id: str | None = None
    is_valid: bool | None = None
    is_valid_reason: str | None = None
    quality_flags: list[str] = []
    keywords: dict[str, Any] = {}
    _session: Session | None = PrivateAttr(default=None)

    @override
    def __repr__(self) -> str:
        told = (self.tag, self.ifu and f"IFU {self.ifu}", self.target, self.filename)
        words = " ".join(str(one) for one in told if one)
        return f"<{words} {self.frame_id[:18]}>"

    __str__ = __repr__

    def __rich__(self) -> Any:
        from musewise.display.tables import frame_card

        return frame_card(self, keywords=False)

    def _repr_html_(self) -> str:
        from musewise.display.notebook import html_of

        return html_of(self.__rich__())

    def bound_to(self, session: Session) -> Self:
        """Give this frame the session that its methods ask."""
        self._session = session
        return self

    @property
    def session(self) -> Session:
        """The session that this frame came from."""
        assert self._session is not None, "a frame made by hand has no session"
        return self._session

    @property
    def header(self) -> list[dict[str, Any]]:
        """The header of every extension, card for card."""
        return self.session.header(self.frame_id)

    @property
    def qc(self) -> dict[str, Any]:
        """QC values by name."""
        return {row["name"]: row["value"] for row in self.session.qc(self.frame_id)}

    def retrieve(self, path: str | Path = ".", *, progress: bool = False) -> Path:
        """Download the file; see `Session.get`."""
        return self.session.get(self.frame_id, path, progress=progress)

    def made_from(self) -> dict[str, list[Frame]]:
        """Direct inputs by tag, in the order of the set of frames."""
        inputs: dict[str, list[Frame]] = {}
        for node in self.session.lineage(self.frame_id, depth=1).get("inputs") or []:
            if "frame" in node:
                frame = Frame.model_validate(node["frame"]).bound_to(self.session)
                inputs.setdefault(node.get("tag") or frame.tag or "", []).append(frame)
        return inputs

    def used_by(self, tag: str | None = None, depth: int | None = None) -> Query:
        """Ask for what was made from it, of one class or of all."""
        from musewise.query import Query

        return Query(tag, session=self.session).made_from(self, depth)

    def ancestors(self, tag: str | None = None, depth: int | None = None) -> Query:
        """Ask for all that it was made from, of one class or of all."""
        from musewise.query import Query

        return Query(tag, session=self.session).used_by(self, depth)

    def why(self) -> dict[str, Any]:
        """Choices, reuse, parameters and differences to other versions."""
        return self.session.why(self.frame_id)

    def diff(self, other: Frame | str) -> dict[str, Any]:
        """Inputs, parameters, versions and QC that differ."""
        name = other.frame_id if isinstance(other, Frame) else other
        return self.session.diff(self.frame_id, name)


class Frames:
    """Frames that fit a question; nothing is sent before they are looked at.

    Pages follow each other by the id of the last frame (keyset), so frames that
    arrive meanwhile neither repeat nor hide others. ``len`` reads them all.
    """

    def __init__(
        self,
        fetch: Callable[[str | None, int], dict[str, Any]],
        session: Session,
        limit: int | None = None,
    ) -> None:
        self._fetch = fetch
        self._session = session
        self._limit = limit
        self._kept: list[Frame] | None = None

    def __iter__(self) -> Iterator[Frame]:
        if self._kept is None:
            return self._read()
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, index: int) -> Frame:
        return self._all()[index]

    @override
    def __repr__(self) -> str:
        known = "not read yet" if self._kept is None else f"{len(self._kept)} frames"
        return f"<Frames: {known}>"

    def limit(self, count: int) -> Frames:
        """Give at most this many of them."""
        return Frames(self._fetch, self._session, count)

    def first(self) -> Frame:
        """Give the first one.

        Raises
        ------
        NotFoundError
            There is none.
        """
        for frame in self:
            return frame
        raise NotFoundError(404, {"detail": "No frame fits the question."})

    def ids(self) -> list[str]:
        """Give the ids of all."""
        return [frame.frame_id for frame in self]

    def download(self, folder: str | Path, *, progress: bool = False) -> list[Path]:
        """Fetch the file of each; a file of several frames is fetched once."""
        files = {frame.file_id: frame for frame in self}
        return [one.retrieve(folder, progress=progress) for one in files.values()]

    def to_table(self) -> Any:
        """Give an astropy ``QTable``; needs astropy."""
        from astropy.table import QTable

        return QTable(rows=[frame.model_dump() for frame in self])

    def _all(self) -> list[Frame]:
        if self._kept is None:
            self._kept = list(self._read())
        return self._kept

    def _read(self) -> Iterator[Frame]:
        after, left = None, self._limit
        while left is None or left > 0:
            page = self._fetch(after, min(PAGE, left or PAGE))
            items = page["items"]
            for item in items[:left]:
                yield Frame.model_validate(item).bound_to(self._session)
            left = None if left is None else left - len(items)
            after = page.get("next")
            if not after or not items:
                return


class RunnerUp(Answer):
    """The candidate that came second; ``distance_days`` in days."""

    choice: str
    level: float | None = None
    distance_days: float | None = None
    lost_because: str = ""


class Choice(Answer):
    """One calibration chosen for one consumer; ``distance_days`` in days."""

    consumer: str
    consumer_tag: str = ""
    category: str
    ifus: tuple[int, ...] = ()
    choice: str
    level: float | None = None
    distance_days: float | None = None
    reason: str = ""
    runner_up: RunnerUp | None = None
    warnings: tuple[str, ...] = ()


class Missing(Answer):
    """An input that was not found, and what would help."""

    consumer: str = ""
    category: str = ""
    reason: str = ""
    hint: str | None = None
    ifus: tuple[int, ...] = ()


class RecipeSummary(Answer):
    """Counts and cost of one recipe: seconds, and megabytes for each task."""

    recipe: str
    tasks: int = 0
    reuse: int = 0
    build: int = 0
    waiting: int = 0
    est_s: float | None = None
    est_mem_mb: float | None = None


class PlanRecord(Answer):
    """A plan as the scheduler gives it; ``estimated_s`` in seconds."""

    plan_id: str
    request: dict[str, Any] = {}
    products: tuple[Any, ...] = ()
    recipes: tuple[RecipeSummary, ...] = ()
    tasks: tuple[dict[str, Any], ...] = ()
    choices: tuple[Choice, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    estimated_s: float | None = None
    runnable: bool = True
    not_runnable_because: tuple[str, ...] = ()


class RecipeProgress(Answer):
    """Where the tasks of one recipe are; ``ifus`` maps "1".."24" to a state."""

    total: int = 0
    done: int = 0
    reused: int = 0
    running: int = 0
    failed: int = 0
    blocked: int = 0
    waiting: int = 0
    ifus: dict[str, str] = {}


class JobProduct(Answer):
    """A finished product of a job."""

    tag: str
    frame_id: str
    file_id: str | None = None
    filename: str | None = None
    sha256: str | None = None


class JobRecord(Answer):
    """A job as the scheduler gives it; ``eta_s`` in seconds."""

    job_id: str
    state: str
    request: dict[str, Any] = {}
    created: datetime | None = None
    progress: dict[str, RecipeProgress] = {}
    tasks_total: int = 0
    done: int = 0
    eta_s: float | None = None
    products: tuple[JobProduct, ...] = ()
    messages: tuple[str, ...] = ()


class Attempt(Answer):
    """One try of a task by one worker; times in seconds, memory in megabytes."""

    task_id: str | None = None
    attempt: int | None = None
    worker: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    detail: str | None = None
    telling_lines: tuple[str, ...] = ()
    exit_code: int | None = None
    signal: int | None = None
    log_file_id: str | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    max_rss_mb: float | None = None


class Task(Answer):
    """One recipe run of a job; ``est_s`` in seconds, ``memory_mb`` expected peak."""

    task_id: str
    recipe: str
    ifu: int | None = None
    group: str | None = None
    state: str
    attempt: int | None = None
    reason: str | None = None
    est_s: float | None = None
    memory_mb: float | None = None
    worker: str | None = None
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def name(self) -> str:
        """Recipe and IFU, as ``muse_flat IFU 7``."""
        return self.recipe if self.ifu is None else f"{self.recipe} IFU {self.ifu}"
