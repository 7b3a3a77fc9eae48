"""One vocabulary of errors: a code, a status, and whether trying again helps.

The same code appears in ``application/problem+json``, in ``task.failed`` and as an
exception of the client. Codes are unique: a second class with a code that exists
breaks at import.
"""

import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

__all__ = [
    "Conflict",
    "Forbidden",
    "InternalError",
    "Invalid",
    "MuseError",
    "NotFound",
    "Problem",
    "ProjectNotFound",
    "Refused",
    "Unauthorized",
    "Unavailable",
    "WorkerPaused",
    "codes",
    "error_class",
    "problem_of",
]

type_prefix = "urn:musewise:error:"

_CLASSES: dict[str, type["MuseError"]] = {}


class MuseError(Exception):
    """An error that a person can act on.

    Parameters
    ----------
    detail
        One sentence: what was wrong, where, and with which value.
    hint
        What would be right, or what to do.
    loc
        Path to the offending part of the input, e.g. ``("body", "ifus", 3)``.

    Notes
    -----
    A subclass sets `code` (unique), and inherits or sets `status` (HTTP),
    `transient` (True: the same request may succeed later) and `title`.
    """

    code: ClassVar[str] = "muse_error"
    status: ClassVar[int] = 500
    transient: ClassVar[bool] = False
    title: ClassVar[str] = "Error"

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        loc: tuple[str | int, ...] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.loc = loc

    @override
    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            raise TypeError(f"{cls.__qualname__} needs a code of its own.")
        if "title" not in cls.__dict__:
            cls.title = _spoken(cls.__name__)
        _register(cls)

    @override
    def __str__(self) -> str:
        return f"{self.detail} {self.hint}" if self.hint else self.detail


def _spoken(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return words[0] + words[1:].lower()


def _register(cls: type[MuseError]) -> None:
    known = _CLASSES.setdefault(cls.code, cls)
    same = (known.__module__, known.__qualname__) == (cls.__module__, cls.__qualname__)
    assert same, f"Error code {cls.code!r} of {cls} is taken by {known}."
    _CLASSES[cls.code] = cls


class NotFound(MuseError):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"
    status = 404


class ProjectNotFound(NotFound):
    """No such project, or none that the caller may know of."""

    code = "project_not_found"


class Conflict(MuseError):
    """The thing exists already, or is in a state that forbids the request."""

    code = "conflict"
    status = 409


class WorkerPaused(Conflict):
    """The worker gets no tasks now; what it asked for is offered to others."""

    code = "worker_paused"


class Unauthorized(MuseError):
    """No token, or one that does not hold."""

    code = "unauthorized"
    status = 401


class Forbidden(MuseError):
    """The caller is known, and may not do this."""

    code = "forbidden"
    status = 403


class Invalid(MuseError):
    """The input is malformed."""

    code = "invalid"
    status = 422


class Refused(MuseError):
    """The input is well formed, and breaks a rule of the domain."""

    code = "refused"
    status = 422


class Unavailable(MuseError):
    """Something we need does not answer now; trying again helps."""

    code = "unavailable"
    status = 503
    transient = True


class InternalError(MuseError):
    """A fault of ours; the log has the rest."""

    code = "internal_error"
    status = 500


class Problem(BaseModel):
    """The body of an error answer (RFC 9457, ``application/problem+json``)."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str | None
    loc: list[str | int] | None
    correlation_id: str | None


def problem_of(error: MuseError, correlation_id: str | None = None) -> Problem:
    """Give the problem document of an error."""
    return Problem(
        type=type_prefix + error.code,
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        hint=error.hint,
        loc=None if error.loc is None else list(error.loc),
        correlation_id=correlation_id,
    )


def error_class(code: str) -> type[MuseError]:
    """Give the class of a code; `InternalError` for a code this process lacks."""
    return _CLASSES.get(code, InternalError)


def codes() -> dict[str, type[MuseError]]:
    """Give every registered code with its class, in alphabetical order."""
    return dict(sorted(_CLASSES.items()))
