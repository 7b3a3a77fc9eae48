"""Since when a store does not answer, or misses a file, as far as this gateway saw."""

from datetime import datetime
from uuid import UUID

from muse_storage.models import StoredFile
from muse_storage.policy import FileAway
from musecore.times import utcnow

__all__ = ["Silence"]

REMEMBERED = 10_000
_HINT = "retrieve(wait=True) waits for it, or process it again here."
_RAW_HINT = "retrieve(wait=True) waits for it, or put it again."


class Silence:
    """Remembers when a site fell silent; a restart of the gateway forgets it."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._since: datetime | None = None
        self._missing: dict[UUID, datetime] = {}

    def heard(self) -> None:
        """Note that the store answers."""
        self._since = None

    def found(self, file: StoredFile) -> None:
        """Note that a file is there."""
        self._missing.pop(file.file_id, None)

    def silent(self, file: StoredFile) -> FileAway:
        """Give the error of a store that does not answer."""
        self._since = self._since or utcnow()
        return FileAway(
            f"{file.filename} is only at {self._site}, silent for "
            f"{_spoken(self._since)}.",
            hint=_hint(file),
        )

    def missing(self, file: StoredFile) -> FileAway:
        """Give the error of a store that answers and has not got the file."""
        if len(self._missing) >= REMEMBERED:
            self._missing.clear()
        since = self._missing.setdefault(file.file_id, utcnow())
        return FileAway(
            f"{file.filename} is only at {self._site}, where its copy is missing "
            f"for {_spoken(since)}.",
            hint=_hint(file),
        )


def _hint(file: StoredFile) -> str:
    return _HINT if file.kind == "product" else _RAW_HINT


def _spoken(since: datetime) -> str:
    seconds = (utcnow() - since).total_seconds()
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"
