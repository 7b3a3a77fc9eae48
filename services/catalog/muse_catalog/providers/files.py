"""Lists of files: their sums and names, and a script that fetches them."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from muse_catalog.models.objects import AttributeInfo

__all__ = ["FILE_COLUMNS", "FileList", "WgetScript"]

FILE_COLUMNS = ("file_id", "filename", "sha256", "size", "state")
"""Columns of the rows that these writers take, ordered by file."""

_HEAD = """\
#!/bin/sh
# Fetches files of musewise with wget: again where it broke off, each checked by its
# sha256. Needs the variable MUSEWISE_TOKEN; files come into the present folder.
set -u
base=${MUSEWISE_STORAGE_URL:-%(base)s}
if [ -z "$base" ]; then
    echo "Set MUSEWISE_STORAGE_URL to the address of the storage gateway." >&2
    exit 2
fi
if [ -z "${MUSEWISE_TOKEN:-}" ]; then
    echo 'Set MUSEWISE_TOKEN, as: export MUSEWISE_TOKEN=$(musewise token)' >&2
    exit 2
fi
WGETRC=$(mktemp) || exit 2
export WGETRC
trap 'rm -f "$WGETRC"' EXIT
trap 'exit 130' INT TERM
printf 'header = Authorization: Bearer %%s\\n' "$MUSEWISE_TOKEN" > "$WGETRC"
failed=0
good() { [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status; }
fetch() { # file id, sha256, name
    name=$3
    if [ -e "$name" ] && ! good "$name" "$2"; then
        name=$(echo "$2" | cut -c1-12)-$3  # another file has this name
    fi
    if good "$name" "$2"; then return; fi
    echo "$name" >&2
    wget -q -c -O "$name.part" "$base/files/$1/content"
    status=$?
    if good "$name.part" "$2"; then
        mv "$name.part" "$name"
    else
        echo "  failed (wget ended with $status; 6 and 8: refused): run this again to go on" >&2
        [ -s "$name.part" ] || rm -f "$name.part"
        failed=$((failed + 1))
        if [ "$(stat -c %%s "$name.part" 2>/dev/null || echo 0)" -ge "$4" ]; then
            rm -f "$name.part"  # whole, and wrong
        fi
    fi
}
"""
_TAIL = """\
if [ "$failed" -gt 0 ]; then
    echo "$failed files are missing." >&2
    exit 1
fi
"""


class _Files:
    """Each file once, however many objects are in it.

    Parameters
    ----------
    in_order
        Rows of a file follow each other, so only the last one is remembered.
    """

    def __init__(self, *, in_order: bool) -> None:
        self._in_order = in_order
        self._seen: set[Any] = set()

    def _new(self, rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            if row[0] not in self._seen:
                if self._in_order:
                    self._seen.clear()
                self._seen.add(row[0])
                yield row


class FileList(_Files):
    """Sums and names as ``sha256sum --check`` reads them."""

    media_type = "text/plain; charset=utf-8"
    suffix = "sha256"

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give nothing."""
        return b""

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give a line for each file."""
        return "".join(_listed(*row) for row in self._new(rows)).encode()

    def tail(self) -> Iterator[bytes]:
        """Give nothing."""
        return iter(())


def _listed(_id: Any, name: str, sha256: str | None, _size: Any, state: str) -> str:
    if state != "STORED" or sha256 is None:
        return f"# {_one_line(name)}: {state}\n"
    return f"{sha256}  {_one_line(name)}\n"


class WgetScript(_Files):
    """A script that fetches the files.

    Parameters
    ----------
    base
        Address of the storage gateway; empty: the script asks for it.
    """

    media_type = "text/x-shellscript; charset=utf-8"
    suffix = "sh"

    def __init__(self, base: str, *, in_order: bool) -> None:
        super().__init__(in_order=in_order)
        self._base = base

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give what the script does with each file."""
        base = shlex.quote(self._base.rstrip("/")) if self._base else ""
        return (_HEAD % {"base": base}).encode()

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give a line for each file."""
        return "".join(_fetched(*row) for row in self._new(rows)).encode()

    def tail(self) -> Iterator[bytes]:
        """Give the end: its exit status says whether all came."""
        yield _TAIL.encode()


def _fetched(file_id: Any, name: str, sha256: str | None, size: Any, state: str) -> str:
    if state != "STORED" or sha256 is None:
        return f"# {_one_line(name)}: {state}\n"
    plain = name.replace("/", "_").lstrip("-.") or str(file_id)
    return f"fetch {file_id} {sha256} {shlex.quote(_one_line(plain))} {size or 0}\n"


def _one_line(name: str) -> str:
    return " ".join(name.split())
