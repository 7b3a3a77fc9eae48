"""A full disk as an error with a code."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from musecore.blobs.contract import StorageFull

__all__ = ["room_or_error"]

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def room_or_error(part: Path, what: str) -> Iterator[None]:
    """Turn "no space left" into `StorageFull`, with nothing half-written left."""
    try:
        yield
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno not in _NO_ROOM:
            raise
        raise StorageFull(
            f"{what}: no space left on the device.",
            hint="Free some disk space; the operation can then be repeated.",
        ) from error
