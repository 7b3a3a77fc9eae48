"""What the server answers, as frozen models that keep fields they do not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    ``mjd_us`` in microseconds of MJD (UTC), ``night`` an ISO date. ``is_valid`` is
    yes, no, unknown or proposed; ``verdict`` what counts while a proposal waits;
    ``version`` goes with an edit, so that nobody overwrites what they have not seen.
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
    is_valid: str = "unknown"
    is_valid_reason: str | None = None
    verdict: bool | None = None
    quality_flags: list[str] = []
    flags_said: list[str] = []
    version: int | None = None
    grade: str | None = None
    created_at: str | None = None
    keywords: dict[str, Any] = {}
    _session: Session | None = PrivateAttr(default=None)
    _asked: dict[str, Any] = PrivateAttr(default_factory=dict)

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

    def __getattr__(self, name: str) -> Any:
        """Give an attribute of its class, as ``frame.ron``; asked of the server once.

        Raises
        ------
        UnknownAttributeError
            Objects of this class have none of this name; the nearest one is named.
        """
        try:
            return super().__getattr__(name)  # type: ignore[misc]  # pydantic has one
        except AttributeError:
            if name.startswith("_") or self.tag is None or self._session is None:
                raise
        if name not in self._asked:
            self._asked[name] = _asked_of(self, name)
        return self._asked[name]

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

    def retrieve(
        self,
        path: str | Path = ".",
        *,
        progress: bool = False,
        wait: bool | float = False,
    ) -> Path:
        """Download the file; see `Session.get`."""
        return self.session.get(self.frame_id, path, progress=progress, wait=wait)

    def walk(
        self, *, up: bool = True, depth: int | None = None
    ) -> Iterator[tuple[int, str, Frame]]:
        """Give (depth, role, frame) of all it was made from, nearest first.

        With ``up=False`` of all that was made of it. Each comes once in each role. One
        that the catalogue has not, or that is not yours to see, has state NOT_HERE.
        """
        for row in self.session.lineage_table(self.frame_id, depth, up=up):
            known = row["frame"]
            if known["frame_id"] is None:
                known = {**known, "frame_id": known["file_id"], "state": "NOT_HERE"}
            frame = Frame.model_validate(known).bound_to(self.session)
            yield row["depth"], row["role"], frame

    def made_from(self) -> dict[str, list[Frame]]:
        """Direct inputs by tag, in the order of the set of frames.

        What only the header of a product made elsewhere names is `Pending`.
        """
        return _inputs_of(self.session.lineage(self.frame_id, depth=1), self)

    def used_by(
        self,
        tag: str | None = None,
        depth: int | None = None,
        *,
        valid_only: bool = True,
    ) -> Query:
        """Ask for what was made from it, of one class or of all.

        What people called bad is left out, unless ``valid_only`` is False.
        """
        from musewise.query import Query

        made = Query(tag, session=self.session).made_from(self, depth)
        return made & Query(tag, 'is_valid != "no"') if valid_only else made

    def ancestors(self, tag: str | None = None, depth: int | None = None) -> Query:
        """Ask for all that it was made from, of one class or of all."""
        from musewise.query import Query

        return Query(tag, session=self.session).used_by(self, depth)

    def comment(self, text: str, *, view: str | None = None) -> dict[str, Any]:
        """Keep a comment; ``view`` says what was looked at."""
        return self.session.remark(self.frame_id, text, view=view)

    def assess(
        self, grade: str, text: str, *, view: str | None = None
    ) -> dict[str, Any]:
        """Keep an assessment: a grade from A (best) to D, and why."""
        return self.session.remark(self.frame_id, text, grade, view)

    def remarks(self) -> list[dict[str, Any]]:
        """Comments and assessments, oldest first."""
        return self.session.remarks(self.frame_id)

    def history(self) -> list[dict[str, Any]]:
        """What people said of it, oldest first."""
        return self.session.history(self.frame_id)

    def scores(self) -> list[dict[str, Any]]:
        """QC values against limits: 0 good, 1 warning, 2 bad; newest limits first."""
        return self.session.scores(self.frame_id)

    def why(
        self, category: str | None = None, ifu: int | None = None
    ) -> dict[str, Any]:
        """Choices (all, or of a category), reuse, differences to other versions."""
        return self.session.why(self.frame_id, category, ifu)

    def diff(self, other: Frame | str) -> dict[str, Any]:
        """Inputs, parameters, versions and QC that differ."""
        name = other.frame_id if isinstance(other, Frame) else other
        return self.session.diff(self.frame_id, name)


class Pending(Frame):
    """An input that the catalog does not have (yet): the header of a product names it.

    It has `tag`, `filename` and `data_md5`, what it was made from as far as the header
    tells, and no ``frame_id``. When the file comes, the product's `made_from` gives it.
    """

    frame_id: str = ""
    data_md5: str | None = None
    _product: str = PrivateAttr(default="")

    @override
    def __repr__(self) -> str:
        return f"<{self.tag} {self.filename} pending>"

    __str__ = __repr__

    @override
    def made_from(self) -> dict[str, list[Frame]]:
        """What it was made from, by tag, as the header of the product tells."""
        left = [self.session.lineage(self._product)]
        while left:
            node = left.pop()
            if (node.get("frame") or {}).get("file_id") == self.file_id:
                return _inputs_of(node, self)
            left += node.get("inputs") or []
        return {}


def _asked_of(frame: Frame, name: str) -> Any:
    from musewise.classes import object_class
    from musewise.tables import values_of

    known = object_class(str(frame.tag))
    field = known.field(name)
    if field.type == "any":  # a group of attributes
        raise AttributeError(f"Ask of {name} in a condition, or select {name}.… .")
    this = (known.id == frame.frame_id).bound_to(frame.session)
    [values] = values_of(*this.select(field).table_rows()).values()
    return values[0] if values else None


def _inputs_of(node: dict[str, Any], of: Frame) -> dict[str, list[Frame]]:
    inputs: dict[str, list[Frame]] = {}
    for one in node.get("inputs") or []:
        told = one.get("frame") or {"frame_id": one.get("ref")}
        frame = _frame_of(told, of).bound_to(of.session)
        inputs.setdefault(one.get("tag") or frame.tag or "", []).append(frame)
    return inputs


def _frame_of(told: dict[str, Any], of: Frame) -> Frame:
    if told.get("frame_id") is not None:
        return Frame.model_validate(told)
    pending = Pending.model_validate({**told, "frame_id": ""})
    pending._product = of._product if isinstance(of, Pending) else of.frame_id
    return pending


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
