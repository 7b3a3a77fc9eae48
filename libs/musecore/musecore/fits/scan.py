"""Headers and checksums of a file in one pass, or headers alone by seeking."""

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from musecore.errors import Refused
from musecore.fits.cards import CARD
from musecore.fits.content import ContentHash
from musecore.fits.layout import (
    BLOCK,
    HduHeader,
    NotFits,
    TruncatedFits,
    check_length,
    check_start,
    find_end,
    hdu_of,
    is_filler,
    no_fits,
    padded,
    truncated,
)
from musecore.fits.sums import SumCheck

__all__ = ["ScannedFile", "Scanner", "content_key", "scan", "scan_headers"]

_CHUNK = 4 << 20
_READ_AHEAD = 8 * BLOCK


@dataclass(frozen=True)
class ScannedFile:
    """What one pass over a file tells.

    Attributes
    ----------
    sha256
        Hexadecimal, of all bytes.
    size
        Bytes.
    content_key
        Hexadecimal (see `musecore.fits.content`); None when not asked for.
    wrong_sums
        HDUs (EXTNAME, or ``HDU 0``) that are not what their DATASUM or CHECKSUM says;
        empty when not asked for.
    """

    sha256: str
    size: int
    hdus: tuple[HduHeader, ...]
    content_key: str | None = None
    wrong_sums: tuple[str, ...] = ()


class Scanner:
    """Scans a file that arrives in pieces.

    Parameters
    ----------
    content
        Compute the content key too, for this frame class (PRO.CATG or any other
        text; an empty one for the general deny list).
    name
        What to call the file in errors.
    check_sums
        Compare each HDU with its DATASUM and CHECKSUM, where it has them.

    Notes
    -----
    Errors are raised by `feed` as soon as they can be known, else by `finish`.
    """

    def __init__(
        self,
        *,
        content: str | None = None,
        name: str = "The file",
        check_sums: bool = False,
    ) -> None:
        self._name = name
        self._sums = SumCheck() if check_sums else None
        self._sha = hashlib.sha256()
        self._content = None if content is None else ContentHash(content)
        self._header = bytearray()
        self._searched = 0
        self._hdus: list[HduHeader] = []
        self._size = 0
        self._data_left = 0
        self._padding_left = 0
        self._trailing = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        self._sha.update(chunk)
        self.feed_structure(chunk)

    def feed_structure(self, chunk: bytes) -> None:
        """Take the next bytes without hashing them into the sha256."""
        self._size += len(chunk)
        view = memoryview(chunk)
        while len(view):
            if self._data_left or self._padding_left:
                view = self._skip_data(view)
            else:
                view = self._take_header(view)

    def feed_sha(self, chunk: bytes) -> None:
        """Hash the next bytes into the sha256 only."""
        self._sha.update(chunk)

    def finish(self) -> ScannedFile:
        """End the file and give what it was.

        Raises
        ------
        NotFits, TruncatedFits
        """
        missing = self._data_left + self._padding_left
        if missing:
            raise truncated(self._name, self._size, self._size + missing)
        if self._header and not is_filler(self._header):
            raise self._unfinished_header()
        if not self._hdus:
            raise NotFits(f"{self._name} is empty.", hint="Give a FITS file.")
        return ScannedFile(
            sha256=self._sha.hexdigest(),
            size=self._size,
            hdus=tuple(self._hdus),
            content_key=None if self._content is None else self._content.hexdigest(),
            wrong_sums=() if self._sums is None else self._sums.end(),
        )

    def _skip_data(self, view: memoryview) -> memoryview:
        data = view[: self._data_left]
        if len(data):
            if self._content is not None:
                self._content.add_data(data)
            if self._sums is not None:
                self._sums.add_data(data)
            self._data_left -= len(data)
            return view[len(data) :]
        padding = min(self._padding_left, len(view))
        if self._sums is not None:
            self._sums.add_data(view[:padding])
        self._padding_left -= padding
        return view[padding:]

    def _take_header(self, view: memoryview) -> memoryview:
        """Collect header blocks up to the one with END; give the rest."""
        wanted = BLOCK - len(self._header) % BLOCK
        self._header += view[:wanted]
        rest = view[wanted:]
        if len(self._header) % BLOCK:
            return rest
        if self._hdus and is_filler(self._header):
            self._header.clear()
            self._trailing = True
            return rest
        if self._trailing:
            raise NotFits(f"{self._name} has data after its last HDU.")
        if len(self._header) == BLOCK:
            check_start(self._header, len(self._hdus), self._name, self._start())
        end = find_end(self._header, self._searched)
        if end < 0:
            self._searched = len(self._header)
            check_length(self._header, len(self._hdus), self._name)
            return rest
        self._begin_data(end)
        return rest

    def _start(self) -> int:
        return self._hdus[-1].end if self._hdus else 0

    def _begin_data(self, end: int) -> None:
        offset = self._start() + len(self._header)
        hdu = hdu_of(bytes(self._header[:end]), len(self._hdus), offset, self._name)
        self._hdus.append(hdu)
        if self._sums is not None:
            self._sums.begin(hdu, bytes(self._header))
        self._header.clear()
        self._searched = 0
        self._data_left = hdu.data_size
        self._padding_left = padded(hdu.data_size) - hdu.data_size
        if self._content is not None:
            self._content.add_header(hdu.cards_text)

    def _unfinished_header(self) -> Refused:
        index = len(self._hdus)
        if index == 0 and not self._header.startswith(b"SIMPLE  ="):
            return no_fits(self._name, self._header)
        return TruncatedFits(
            f"{self._name} ends after {self._size} bytes inside the header of HDU "
            f"{index}.",
            hint="Transfer the file again.",
        )


def scan(
    source: Path | BinaryIO,
    *,
    content: str | None = None,
    name: str | None = None,
    check_sums: bool = False,
) -> ScannedFile:
    """Read a file once: sha256, all headers and, on demand, the content key.

    Parameters
    ----------
    source
        A path, or something opened for reading bytes.
    content
        Frame class for the content key; None: no content key.
    name
        What to call the file in errors; by default its file name.
    check_sums
        Compare each HDU with its DATASUM and CHECKSUM, where it has them.

    Raises
    ------
    NotFits, TruncatedFits
    """
    name = name or (source.name if isinstance(source, Path) else "The file")
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            return scan(file, content=content, name=name, check_sums=check_sums)
    scanner = Scanner(content=content, name=name, check_sums=check_sums)
    # Two threads: hashlib lets go of the interpreter lock, so the sha256 of all
    # bytes and the content key of the same bytes cost one core each.
    with ThreadPoolExecutor(max_workers=1) as pool:
        hashed: Future[None] | None = None
        while chunk := source.read(_CHUNK):
            if hashed is not None:
                hashed.result()
            hashed = pool.submit(scanner.feed_sha, chunk)
            scanner.feed_structure(chunk)
    return scanner.finish()


def scan_headers(
    source: Path | BinaryIO, *, name: str | None = None
) -> list[HduHeader]:
    """Read all headers and none of the data (the file's length is checked).

    Raises
    ------
    NotFits, TruncatedFits
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            return scan_headers(file, name=name or source.name)
    name = name or "The file"
    size = source.seek(0, os.SEEK_END)
    hdus: list[HduHeader] = []
    offset = 0
    while offset < size:
        source.seek(offset)
        block = _read_header(source, len(hdus), offset, name)
        if block is None:
            break
        hdu = hdu_of(block, len(hdus), offset + padded(len(block) + CARD), name)
        if hdu.end > size:
            raise truncated(name, size, hdu.end)
        hdus.append(hdu)
        offset = hdu.end
    if not hdus:
        raise NotFits(f"{name} is empty.", hint="Give a FITS file.")
    return hdus


def content_key(path: Path, tag: str = "") -> str:
    """Give the content key of a FITS file (hexadecimal SHA-256).

    Parameters
    ----------
    tag
        Frame class (PRO.CATG): it may have a deny list of its own.

    Raises
    ------
    NotFits, TruncatedFits
    """
    hashed = ContentHash(tag)
    with path.open("rb", buffering=0) as file:
        for hdu in scan_headers(file, name=path.name):
            hashed.add_header(hdu.cards_text)
            file.seek(hdu.data_offset)
            left = hdu.data_size
            while left > 0:
                chunk = file.read(min(_CHUNK, left))
                hashed.add_data(chunk)
                left -= len(chunk)
    return hashed.hexdigest()


def _read_header(source: BinaryIO, index: int, offset: int, name: str) -> bytes | None:
    """Read one header up to END; None where only filler follows."""
    header = source.read(_READ_AHEAD)
    if is_filler(header[:BLOCK]) and index:
        return None
    check_start(header, index, name, offset)
    searched = 0
    while (end := find_end(header, searched)) < 0:
        check_length(header, index, name)
        searched = len(header)
        more = source.read(_READ_AHEAD)
        if not more:
            raise TruncatedFits(
                f"{name} ends after {offset + len(header)} bytes inside the header "
                f"of HDU {index}.",
                hint="Transfer the file again.",
            )
        header += more
    return header[:end]
