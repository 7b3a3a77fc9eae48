"""Which files an attempt has put into the store: written down before, kept with it.

What is put counts once the report names it. When there will be none, because the
attempt fails or its worker dies, the storage gateway is told to drop the rest.
"""

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from musecore.messages import FileUnwanted, TaskFailed, TaskFinished

__all__ = ["Notes"]

NAME = "stored"

Report = TaskFinished | TaskFailed


class Notes:
    """The notes of one attempt, in its folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def add(self, file_id: UUID) -> None:
        """Note that a file will be put."""
        with self._path.open("a") as notes:
            notes.write(f"{file_id}\n")

    def forget(self) -> None:
        """Remove the notes: what they name may count."""
        self._path.unlink(missing_ok=True)

    def unwanted(self, report: Report | None) -> list[FileUnwanted]:
        """Give what is to be said of files that the report does not name."""
        named = _named(report)
        why = "its attempt died" if report is None else _why(report)
        return [
            FileUnwanted(file_id=one, reason=why)
            for one in self._noted()
            if one not in named
        ]

    def _noted(self) -> list[UUID]:
        try:
            lines = self._path.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [UUID(line) for line in lines if len(line) == len(str(UUID(int=0)))]


def _named(report: Report | None) -> Collection[UUID | None]:
    match report:
        case TaskFinished():
            return {report.log_file_id, *(one.file_id for one in report.products)}
        case TaskFailed(log_file_id=UUID() as log_file_id):
            return {log_file_id}
        case _:
            return ()


def _why(report: Report) -> str:
    if isinstance(report, TaskFailed):
        return f"its attempt failed: {report.failure_class}"
    return "no product of its attempt"
