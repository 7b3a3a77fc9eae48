"""Headers and checksums of a file in one pass, or headers alone by seeking."""

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from musecore.errors import Refused
from musecore.fits.cards import CARD, Header
from musecore.fits.content import ContentHash

__all__ = [
    "HduHeader",
    "NotFits",
    "ScannedFile",
    "Scanner",
    "TruncatedFits",
    "compress_headers",
    "content_key",
    "expand_headers",
    "scan",
    "scan_headers",
]

BLOCK = 2880
_CHUNK = 4 << 20
_HEADER_LIMIT = 16 << 20
_END = b"END" + b" " * 77
_READ_AHEAD = 8 * BLOCK


class NotFits(Refused):
    """The file does not follow the FITS standard."""

    code = "not_fits"


class TruncatedFits(Refused):
    """The file ends before its headers say that it does."""

    code = "truncated_fits"


@dataclass(frozen=True)
class HduHeader:
    """Header of one HDU, and where its data are.

    Attributes
    ----------
    extname
        EXTNAME, or an empty text.
    cards_text
        Cards of 80 columns as in the file, without END and padding.
    data_offset, data_size
        Bytes from the start of the file, and bytes without padding.
    """

    index: int
    extname: str
    cards_text: str
    data_offset: int
    data_size: int

    @cached_property
    def header(self) -> Header:
        """The cards, typed."""
        return Header(self.cards_text)

    @property
    def end(self) -> int:
        """Offset of the first byte after this HDU, padding included."""
        return self.data_offset + _padded(self.data_size)


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
    """

    sha256: str
    size: int
    hdus: tuple[HduHeader, ...]
    content_key: str | None = None


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


class Scanner:
    """Scans a file that arrives in pieces.

    Parameters
    ----------
    content
        Compute the content key too, for this frame class (PRO.CATG or any other
        text; an empty one for the general deny list).
    name
        What to call the file in errors.

    Notes
    -----
    Errors are raised by `feed` as soon as they can be known, else by `finish`.
    """

    def __init__(self, *, content: str | None = None, name: str = "The file") -> None:
        self._name = name
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
            raise _truncated(self._name, self._size, self._size + missing)
        if self._header and not _is_filler(self._header):
            raise self._unfinished_header()
        if not self._hdus:
            raise NotFits(f"{self._name} is empty.", hint="Give a FITS file.")
        return ScannedFile(
            sha256=self._sha.hexdigest(),
            size=self._size,
            hdus=tuple(self._hdus),
            content_key=None if self._content is None else self._content.hexdigest(),
        )

    def _skip_data(self, view: memoryview) -> memoryview:
        data = view[: self._data_left]
        if len(data):
            if self._content is not None:
                self._content.add_data(data)
            self._data_left -= len(data)
            return view[len(data) :]
        padding = min(self._padding_left, len(view))
        self._padding_left -= padding
        return view[padding:]

    def _take_header(self, view: memoryview) -> memoryview:
        """Collect header blocks up to the one with END; give the rest."""
        wanted = BLOCK - len(self._header) % BLOCK
        self._header += view[:wanted]
        rest = view[wanted:]
        if len(self._header) % BLOCK:
            return rest
        if _is_filler(self._header):
            self._header.clear()
            self._trailing = True
            return rest
        if self._trailing:
            raise NotFits(f"{self._name} has data after its last HDU.")
        if len(self._header) == BLOCK:
            _check_start(self._header, len(self._hdus), self._name, self._start())
        end = _find_end(self._header, self._searched)
        if end < 0:
            self._searched = len(self._header)
            _check_length(self._header, len(self._hdus), self._name)
            return rest
        self._begin_data(end)
        return rest

    def _start(self) -> int:
        return self._hdus[-1].end if self._hdus else 0

    def _begin_data(self, end: int) -> None:
        offset = self._start() + len(self._header)
        hdu = _hdu(bytes(self._header[:end]), len(self._hdus), offset, self._name)
        self._hdus.append(hdu)
        self._header.clear()
        self._searched = 0
        self._data_left = hdu.data_size
        self._padding_left = _padded(hdu.data_size) - hdu.data_size
        if self._content is not None:
            self._content.add_header(hdu.cards_text)

    def _unfinished_header(self) -> Refused:
        index = len(self._hdus)
        if index == 0 and not self._header.startswith(b"SIMPLE  ="):
            return _no_fits(self._name, self._header)
        return TruncatedFits(
            f"{self._name} ends after {self._size} bytes inside the header of HDU "
            f"{index}.",
            hint="Transfer the file again.",
        )


def scan(
    source: Path | BinaryIO, *, content: str | None = None, name: str | None = None
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

    Raises
    ------
    NotFits, TruncatedFits
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            return scan(file, content=content, name=name or source.name)
    scanner = Scanner(content=content, name=name or "The file")
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
        hdu = _hdu(block, len(hdus), offset + _padded(len(block) + CARD), name)
        if hdu.end > size:
            raise _truncated(name, size, hdu.end)
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
    if _is_filler(header[:BLOCK]) and index:
        return None
    _check_start(header, index, name, offset)
    searched = 0
    while (end := _find_end(header, searched)) < 0:
        _check_length(header, index, name)
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


def _check_start(header: bytes | bytearray, index: int, name: str, at: int) -> None:
    if index == 0 and not header.startswith(b"SIMPLE  ="):
        raise _no_fits(name, header)
    if index and not header.startswith(b"XTENSION="):
        raise NotFits(
            f"{name} has no header of HDU {index} at byte {at}: XTENSION is missing.",
            hint="The file is damaged; transfer it again.",
        )


def _no_fits(name: str, start: bytes | bytearray) -> NotFits:
    return NotFits(
        f"{name} is not a FITS file: it begins with {bytes(start[:12])!r}, "
        "not with 'SIMPLE  ='.",
        hint="Give uncompressed FITS files (.fits).",
    )


def _check_length(header: bytes | bytearray, index: int, name: str) -> None:
    if len(header) > _HEADER_LIMIT:
        raise NotFits(f"{name}: the header of HDU {index} has no END card.")


def _truncated(name: str, actual: int, expected: int) -> TruncatedFits:
    return TruncatedFits(
        f"{name} has {actual} bytes; its headers ask for {expected}.",
        hint="Transfer the file again.",
    )


def _is_filler(block: bytes | bytearray) -> bool:
    return not block.strip(b"\0 ")


def _find_end(header: bytes | bytearray, start: int) -> int:
    """Give the offset of the END card at or after `start`; -1 if it is not there."""
    at = header.find(_END, max(0, start - start % CARD))
    while at >= 0 and at % CARD:
        at = header.find(_END, at + 1)
    return at


def _hdu(block: bytes, index: int, data_offset: int, name: str) -> HduHeader:
    return HduHeader(
        index=index,
        extname=_text_card(block, b"EXTNAME"),
        cards_text=block.decode("latin-1"),
        data_offset=data_offset,
        data_size=_data_size(block, index, name),
    )


def _data_size(block: bytes, index: int, name: str) -> int:
    try:
        naxis = _int_card(block, b"NAXIS")
        axes = [_int_card(block, b"NAXIS%d" % n) for n in range(1, naxis + 1)]
        bits = abs(_int_card(block, b"BITPIX"))
        groups = _int_card(block, b"GCOUNT", 1)
        extra = _int_card(block, b"PCOUNT", 0)
    except (ValueError, KeyError) as error:
        raise NotFits(
            f"{name}: the header of HDU {index} does not tell the size of its "
            f"data: {error}."
        ) from error
    if not axes:
        return 0
    if axes[0] == 0 and index == 0:
        axes = axes[1:] if _card(block, b"GROUPS") is not None else axes
    count = 1
    for length in axes:
        count *= length
    size = bits // 8 * groups * (extra + count)
    if size < 0:
        raise NotFits(f"{name}: HDU {index} asks for {size} bytes of data.")
    return size


def _card(block: bytes, keyword: bytes) -> bytes | None:
    start = keyword.ljust(8) + b"="
    at = block.find(start)
    while at >= 0 and at % CARD:
        at = block.find(start, at + 1)
    return None if at < 0 else block[at : at + CARD]


def _int_card(block: bytes, keyword: bytes, default: int | None = None) -> int:
    card = _card(block, keyword)
    if card is not None:
        return int(card[10:].partition(b"/")[0])
    if default is None:
        raise KeyError(f"{keyword.decode()} is missing")
    return default


def _text_card(block: bytes, keyword: bytes) -> str:
    card = _card(block, keyword)
    if card is None:
        return ""
    return str(Header(card.decode("latin-1")).cards[0].value)


def compress_headers(hdus: Sequence[HduHeader]) -> bytes:
    """Pack headers, card for card, for messages and the catalogue."""
    rows = [[hdu.cards_text, hdu.data_offset, hdu.data_size] for hdu in hdus]
    return zlib.compress(json.dumps(rows).encode(), level=1)


def expand_headers(packed: bytes) -> list[HduHeader]:
    """Give back what `compress_headers` packed."""
    rows: Iterable[tuple[str, int, int]] = json.loads(zlib.decompress(packed))
    return [
        HduHeader(
            index=index,
            extname=_text_card(text.encode("latin-1"), b"EXTNAME"),
            cards_text=text,
            data_offset=offset,
            data_size=size,
        )
        for index, (text, offset, size) in enumerate(rows)
    ]
