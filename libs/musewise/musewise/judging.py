"""What people say of objects: verdicts, flags, batches with their consequences, remarks."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field
from typing_extensions import override

from musewise.errors import UsageError
from musewise.results import Answer, Frame

if TYPE_CHECKING:
    from musewise.connection import Connection
    from musewise.session import Session

__all__ = ["WORDS", "Batch", "Consequences", "Judging", "verdict", "word_of"]

WORDS = ("yes", "no", "unknown", "proposed")
"""What people say of a frame; unknown: nobody has judged it."""

_ALSO = {True: "yes", False: "no", None: "unknown", "open": "unknown"}

LARGEST_BATCH = 10_000


def word_of(said: str | bool | None) -> str:
    """Give the word for a verdict: of yes, no, unknown, proposed; or of True, False, None.

    Raises
    ------
    UsageError
    """
    word = _ALSO.get(said, said)
    if word not in WORDS:
        raise UsageError(
            f"is_valid cannot be {said!r}.", hint=f"Say one of {', '.join(WORDS)}."
        )
    return str(word)


def verdict(
    frame: Frame | str,
    *,
    is_valid: str | bool | None,
    reason: str,
    flags: Iterable[str] | str | None = None,
    expect: int | None = None,
) -> tuple[str, dict[str, Any]]:
    """Give the id of a frame, and what is said of it as it is sent.

    Raises
    ------
    UsageError
        No such verdict.
    """
    said: dict[str, Any] = {"is_valid": word_of(is_valid), "reason": reason}
    if flags is not None:
        said["flags"] = _names(flags)
    if isinstance(frame, Frame) and expect is None:
        expect = frame.version
    if expect is not None:
        said["expect"] = expect
    return frame.frame_id if isinstance(frame, Frame) else frame, said


def _names(flags: Iterable[str] | str) -> list[str]:
    return [flags] if isinstance(flags, str) else sorted(flags)


class Consequences(Answer):
    """What a batch changes, and what was made of that; printed as a sentence."""

    dry_run: bool = True
    edits: tuple[dict[str, Any], ...] = ()
    unchanged: int = 0
    products: int = 0
    by_class: dict[str, int] = Field(default={})
    assessed: dict[str, int] = Field(default={})
    elsewhere: int = 0
    text: str = ""

    @override
    def __str__(self) -> str:
        return self.text


class Batch:
    """Edits that are made together at the end of the ``with`` block, or not at all.

    >>> with client.batch(reason="noise rises since the cable change") as b:
    ...     for one in query:
    ...         b.set(one, is_valid="no", flags={"RON_HIGH"})
    ...     print(b.consequences())
    7 products made of these, 2 assessed A
    """

    def __init__(self, session: Session, reason: str) -> None:
        self._session = session
        self.reason = reason
        self._edits: dict[str, dict[str, Any]] = {}
        self.done: Consequences | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._edits:
            self.commit()

    def __len__(self) -> int:
        return len(self._edits)

    def set(
        self,
        frame: Frame | str,
        *,
        is_valid: str | bool | None = None,
        flags: Iterable[str] | str | None = None,
        expect: int | None = None,
    ) -> None:
        """Say of a frame whether it is valid, which flags people set, or both.

        What is not given stays. The edit is refused if somebody said something since
        ``frame`` was read; ``expect`` names another version that was seen.

        Raises
        ------
        UsageError
        """
        if is_valid is None and flags is None:
            raise UsageError(
                f"Nothing is said of {frame}.", hint="Give is_valid, flags or both."
            )
        if isinstance(frame, str) or frame.version is None:
            name = frame if isinstance(frame, str) else frame.frame_id
            frame = self._session.frame(name)
        edit = self._edits.setdefault(frame.frame_id, {"frame_id": frame.frame_id})
        edit["expect"] = frame.version if expect is None else expect
        if is_valid is not None:
            edit["is_valid"] = word_of(is_valid)
        if flags is not None:
            edit["flags"] = _names(flags)

    def consequences(self) -> Consequences:
        """Say what would follow; nothing is changed."""
        return self._send(dry_run=True)

    def commit(self) -> Consequences:
        """Make all edits now; done by itself at the end of ``with``.

        Raises
        ------
        ConflictError
            Somebody said something of one of the frames meanwhile; nothing was changed.
        """
        self.done = self._send(dry_run=False)
        self._edits = {}
        return self.done

    def _send(self, *, dry_run: bool) -> Consequences:
        if not self._edits:
            return Consequences(text="no products made of these")
        if len(self._edits) > LARGEST_BATCH:
            raise UsageError(
                f"{len(self._edits)} edits; a batch takes {LARGEST_BATCH} at most.",
                hint="Make several batches.",
            )
        body = {
            "reason": self.reason,
            "edits": list(self._edits.values()),
            "dry_run": dry_run,
        }
        said = self._session.connection.post("/catalog/quality/batch", body)
        return Consequences.model_validate(said)


class Judging:
    """The part of a session that says something of frames."""

    connection: Connection

    def flag(
        self,
        frame: Frame | str,
        *,
        is_valid: str | bool | None,
        reason: str,
        flags: Iterable[str] | str | None = None,
        expect: int | None = None,
    ) -> Frame:
        """Say whether a frame may be used; the history of it is kept.

        A `Frame` carries the version that was seen: if somebody said something since,
        a `ConflictError` is raised. With an id alone, ``expect`` names it.
        """
        name, body = verdict(
            frame, is_valid=is_valid, reason=reason, flags=flags, expect=expect
        )
        found = self.connection.patch(f"/catalog/frames/{name}", body)
        return Frame.model_validate(found).bound_to(self._session())

    def batch(self, reason: str) -> Batch:
        """Give edits that are made together; see `Batch`."""
        return Batch(self._session(), reason)

    def history(self, frame_id: str) -> list[dict[str, Any]]:
        """Give what was said of a frame, oldest first."""
        return self._list(frame_id, "validity")

    def remark(
        self,
        frame_id: str,
        text: str,
        grade: str | None = None,
        view: str | None = None,
    ) -> dict[str, Any]:
        """Keep a comment on a frame; with a grade (A to D) it is an assessment."""
        body = {"text": text, "grade": grade, "view": view}
        said: dict[str, Any] = self.connection.post(
            f"/catalog/frames/{frame_id}/remarks", body
        )
        return said

    def remarks(self, frame_id: str) -> list[dict[str, Any]]:
        """Give the comments and assessments of a frame, oldest first."""
        return self._list(frame_id, "remarks")

    def scores(self, frame_id: str) -> list[dict[str, Any]]:
        """Give QC values against limits: 0 good, 1 warning, 2 bad; newest limits first."""
        return self._list(frame_id, "scores")

    def _list(self, frame_id: str, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.connection.get(
            f"/catalog/frames/{frame_id}/{what}"
        )
        return found

    def _session(self) -> Session:
        return self  # type: ignore[return-value]
