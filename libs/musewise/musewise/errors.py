"""What can go wrong, as a tree; every leaf says what was wrong and what would help.

::

    Error
    ├── UsageError                  what was asked for cannot be sent
    │   ├── QueryError              a question that cannot be asked so
    │   │   └── UnknownAttributeError   (also an AttributeError)
    │   │   └── UnknownClassError       (also an ImportError)
    │   └── TooMany                 more than a table holds (also TooManyError)
    ├── ServerNotFoundError         no server is known
    ├── ServerUnreachableError      a server is known and does not answer
    ├── BrokenOffError              an answer ended before it was whole
    ├── DiskFullError               no room on this machine
    ├── RetrieveError               some of many files did not come
    ├── ChecksumError               the bytes that came are not those of the catalog
    ├── JobFailedError              a job ended without all its products
    ├── JobTimeoutError             a job goes on, the waiting ended
    └── ServerError                 the server answered with a problem
        ├── NotAuthenticatedError   401
        ├── NotAllowed              403 (also NotAllowedError)
        ├── NotFoundError           404
        ├── ConflictError           409
        │   └── AmbiguousIdError
        ├── InvalidError            422
        │   ├── ParameterError
        │   └── FileRefusedError
        ├── StorageFullError        507
        ├── UnavailableError        503
        │   └── FileAway                the only copy is where nobody answers
        └── UnknownServerError      all the rest
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, ClassVar

import httpx
from typing_extensions import override


class Exit(IntEnum):
    """Exit status of the command line, everywhere the same."""

    OK = 0
    USER = 1  # what was asked for is wrong
    SERVER = 2  # the server, or the way to it
    PARTLY = 3  # some of it is done
    NOT_ALLOWED = 4
    NOTHING = 5  # nothing is there that fits
    INTERRUPTED = 130


class Error(Exception):
    """An error with a sentence, a hint, and the exit status of the command line.

    Parameters
    ----------
    detail
        One sentence: what was wrong, where, with which value.
    hint
        What to do about it.
    """

    exit_code: ClassVar[int] = Exit.USER
    default_hint: ClassVar[str | None] = None
    request_id: str | None = None
    """What to quote when asking an operator; None if nothing was asked of a server."""

    def __init__(self, detail: str, *, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint or self.default_hint

    @override
    def __str__(self) -> str:
        return f"{self.detail} {self.hint}" if self.hint else self.detail

    def as_dict(self) -> dict[str, Any]:
        """Give the error as plain data, with stable keys."""
        return {
            "error": type(self).__name__,
            "code": getattr(self, "code", None),
            "detail": self.detail,
            "hint": self.hint,
            "request_id": self.request_id,
        }


class UsageError(Error):
    """What was asked for cannot be sent."""


class QueryError(UsageError):
    """A question that cannot be asked so."""


class UnknownAttributeError(QueryError, AttributeError):
    """A class has no attribute of this name."""


class UnknownClassError(QueryError, ImportError):
    """There is no class of this name."""


class TooMany(UsageError):
    """The answer is larger than what was asked for can hold."""


TooManyError = TooMany


class ServerNotFoundError(Error):
    """No server is known."""

    default_hint = (
        "Give --url, or --dir with the data folder of an embedded server, or set "
        "MUSEWISE_URL or MUSEWISE_DIR. To start one: musewise-server up --dir data"
    )


class ServerUnreachableError(Error):
    """A server is known and does not answer."""

    exit_code = Exit.SERVER
    default_hint = (
        "Is it running? An embedded one starts by: musewise-server up --dir data"
    )


class BrokenOffError(Error):
    """An answer ended before it was whole; nothing of it is kept."""

    default_hint = "Ask again: the server or the connection went away."


class DiskFullError(Error):
    """There is no room on this machine; what was half-written is removed."""

    default_hint = "Make room, or give a folder on another disk."


class RetrieveError(Error):
    """Some of many files did not come; the others did.

    Attributes
    ----------
    failures
        The error of each, by the name of the file.
    """

    def __init__(
        self, detail: str, failures: Mapping[str, Error], *, hint: str | None = None
    ) -> None:
        super().__init__(detail, hint=hint)
        self.failures = dict(failures)


class ChecksumError(Error):
    """The bytes that came are not those of the catalog."""

    exit_code = Exit.SERVER
    default_hint = "Fetch it again; if it stays so, the stored copy is damaged."


class JobFailedError(Error):
    """A job ended without all its products."""

    exit_code = Exit.PARTLY


class JobTimeoutError(Error):
    """The waiting ended before the job did; the job goes on."""

    exit_code = Exit.PARTLY


class ServerError(Error):
    """The server answered with a problem.

    Attributes
    ----------
    code
        The server's own name of the error, as ``frame_not_found``.
    status
        HTTP status.
    request_id
        What to quote when asking an operator; None if the server gave none.
    more
        Further members of the problem document, as ``candidates``.
    """

    exit_code = Exit.SERVER

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        title = str(problem.get("title") or f"HTTP status {status}")
        super().__init__(
            _sentence(problem.get("detail")) or title, hint=problem.get("hint")
        )
        self.status = status
        self.code = str(problem.get("code") or "")
        self.title = title
        self.loc = problem.get("loc")
        self.request_id = problem.get("correlation_id")
        self.more = dict(problem)


class NotAuthenticatedError(ServerError):
    """No token, or one that does not hold (any more)."""

    exit_code = Exit.NOT_ALLOWED

    default_hint = "Give --token or MUSEWISE_TOKEN; an embedded server keeps one in its data folder."


class NotAllowed(ServerError):
    """The caller is known, and may not do this."""

    exit_code = Exit.NOT_ALLOWED


NotAllowedError = NotAllowed


class NotFoundError(ServerError):
    """It does not exist, or is not for the caller to see."""

    exit_code = Exit.NOTHING


class ConflictError(ServerError):
    """It exists already, or is in a state that forbids the request."""

    exit_code = Exit.USER


class AmbiguousIdError(ConflictError):
    """A short id fits more than one object; ``candidates`` has the whole ids."""

    default_hint = "Give more characters of the id."

    @property
    def candidates(self) -> list[str]:
        """The whole ids that the short one fits."""
        return [str(one) for one in self.more.get("candidates") or []]


class InvalidError(ServerError):
    """The server cannot work with the input."""

    exit_code = Exit.USER


class ParameterError(InvalidError):
    """A recipe has no such parameter, or the value is out of its range."""


class FileRefusedError(InvalidError):
    """A file is not taken in: no FITS, truncated, checksum differs."""


class StorageFullError(ServerError):
    """The server's disk is full."""

    default_hint = "Make room on the server, then do the same again: nothing is lost."


class UnavailableError(ServerError):
    """Something the server needs does not answer now; trying again helps."""


class FileAway(UnavailableError):
    """The only copy of a file is where nobody answers; it may come back."""


class VersionWarning(UserWarning):
    """The server knows more of MUSE than this client."""


class BadCopyWarning(UserWarning):
    """A stored copy was damaged, and has been replaced by a good one."""


class UnknownServerError(ServerError):
    """An answer that this client has no name for."""


BY_CODE: dict[str, type[ServerError]] = {
    "ambiguous_id": AmbiguousIdError,
    "job_id_ambiguous": AmbiguousIdError,
    "frame_ambiguous": AmbiguousIdError,
    "unknown_parameter": ParameterError,
    "bad_parameter_value": ParameterError,
    "parameter_not_free": ParameterError,
    "not_fits": FileRefusedError,
    "truncated_fits": FileRefusedError,
    "checksum_differs": FileRefusedError,
    "size_differs": FileRefusedError,
    "source_unreadable": FileRefusedError,
    "storage_full": StorageFullError,
    "file_away": FileAway,
}
BY_STATUS: dict[int, type[ServerError]] = {
    400: InvalidError,
    401: NotAuthenticatedError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidError,
    422: InvalidError,
    503: UnavailableError,
    507: StorageFullError,
}


def error_of(response: httpx.Response) -> ServerError:
    """Give the exception of an answer with status 400 or more, its body read."""
    return error_of_problem(_problem(response), response.status_code)


def error_of_problem(
    problem: Mapping[str, Any], status: int | None = None
) -> ServerError:
    """Give the exception of a problem document; its own status unless one is given."""
    given = int(problem.get("status") or 500) if status is None else status
    by_status = BY_STATUS.get(given, UnknownServerError)
    kind = BY_CODE.get(str(problem.get("code")), by_status)
    return kind(given, problem)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    text = " ".join(response.text.split())[:200]
    where = f"{response.request.method} {response.request.url.path}"
    return {"detail": f"{where} was answered with {response.status_code}: {text}"}


def _sentence(detail: Any) -> str:
    """Give one sentence; a list is what pydantic says about a malformed body."""
    if isinstance(detail, list):
        return "; ".join(_complaint(one) for one in detail)
    return str(detail) if detail else ""


def _complaint(one: Any) -> str:
    if not isinstance(one, Mapping):
        return str(one)
    place = ".".join(str(part) for part in one.get("loc", []) if part != "body")
    return f"{place}: {one.get('msg', '')}" if place else str(one.get("msg", one))


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the question whether another word was meant; nothing where none is near."""
    near = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
