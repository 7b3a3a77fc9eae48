"""Where the HDUs of a FITS file lie, from the text of their headers."""

import json
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import zstandard

from musecore.errors import Refused
from musecore.fits.cards import CARD, Header

__all__ = [
    "BLOCK",
    "HduHeader",
    "NotFits",
    "TruncatedFits",
    "check_length",
    "check_start",
    "compress_headers",
    "expand_headers",
    "find_end",
    "hdu_of",
    "is_filler",
    "no_fits",
    "padded",
    "truncated",
]

BLOCK = 2880
_HEADER_LIMIT = 16 << 20
_END = b"END" + b" " * 77


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
        return self.data_offset + padded(self.data_size)


def padded(size: int) -> int:
    """Give the bytes that `size` bytes take in blocks of 2880."""
    return -(-size // BLOCK) * BLOCK


def check_start(header: bytes | bytearray, index: int, name: str, at: int) -> None:
    """Raise `NotFits` unless an HDU begins here."""
    if index == 0 and not header.startswith(b"SIMPLE  ="):
        raise no_fits(name, header)
    if index and not header.startswith(b"XTENSION="):
        raise NotFits(
            f"{name} has no header of HDU {index} at byte {at}: XTENSION is missing.",
            hint="The file is damaged; transfer it again.",
        )


def no_fits(name: str, start: bytes | bytearray) -> NotFits:
    """Make the error for a file that begins with something else."""
    return NotFits(
        f"{name} is not a FITS file: it begins with {bytes(start[:12])!r}, "
        "not with 'SIMPLE  ='.",
        hint="Give uncompressed FITS files (.fits).",
    )


def check_length(header: bytes | bytearray, index: int, name: str) -> None:
    """Raise `NotFits` for a header that does not end within 16 MiB."""
    if len(header) > _HEADER_LIMIT:
        raise NotFits(f"{name}: the header of HDU {index} has no END card.")


def truncated(name: str, actual: int, expected: int) -> TruncatedFits:
    """Make the error for a file of `actual` instead of `expected` bytes."""
    return TruncatedFits(
        f"{name} has {actual} bytes; its headers ask for {expected}.",
        hint="Transfer the file again.",
    )


def is_filler(block: bytes | bytearray) -> bool:
    """Tell whether a block holds nothing but zeros and blanks."""
    return not block.strip(b"\0 ")


def find_end(header: bytes | bytearray, start: int) -> int:
    """Give the offset of the END card at or after `start`; -1 if it is not there."""
    at = header.find(_END, max(0, start - start % CARD))
    while at >= 0 and at % CARD:
        at = header.find(_END, at + 1)
    return at


def hdu_of(block: bytes, index: int, data_offset: int, name: str) -> HduHeader:
    """Make the record of an HDU from its cards (without END); raises `NotFits`."""
    return HduHeader(
        index=index,
        extname=text_card(block, b"EXTNAME"),
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
    except ValueError as error:
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
        raise ValueError(f"{keyword.decode()} is missing")
    return default


def text_card(block: bytes, keyword: bytes) -> str:
    card = _card(block, keyword)
    if card is None:
        return ""
    return str(Header(card.decode("latin-1")).cards[0].value)


def compress_headers(hdus: Sequence[HduHeader]) -> bytes:
    """Pack headers, card for card, for messages and the catalogue.

    Zstandard of a line of JSON, [[length of the cards, offset and size of the data],
    ...], and the cards after it.
    """
    told = [[len(hdu.cards_text), hdu.data_offset, hdu.data_size] for hdu in hdus]
    line = json.dumps(told)
    cards = "".join(hdu.cards_text for hdu in hdus)
    return _compressor().compress(f"{line}\n{cards}".encode("latin-1"))


_of_thread = threading.local()


def _compressor() -> zstandard.ZstdCompressor:
    """Give the compressor of this thread: to make one takes as long as a header."""
    if not hasattr(_of_thread, "compressor"):
        _of_thread.compressor = zstandard.ZstdCompressor(level=1)
    made: zstandard.ZstdCompressor = _of_thread.compressor
    return made


def expand_headers(packed: bytes) -> list[HduHeader]:
    """Give back what `compress_headers` packed, now or in its first version (zlib)."""
    if not packed.startswith(zstandard.FRAME_HEADER):
        return _hdus(json.loads(zlib.decompress(packed)))
    line, _, cards = zstandard.decompress(packed).decode("latin-1").partition("\n")
    told: list[tuple[int, int, int]] = json.loads(line)
    ends = accumulate(length for length, _, _ in told)
    return _hdus(
        (cards[end - length : end], offset, size)
        for (length, offset, size), end in zip(told, ends, strict=True)
    )


def _hdus(rows: Iterable[tuple[str, int, int]]) -> list[HduHeader]:
    return [
        HduHeader(
            index=index,
            extname=text_card(text.encode("latin-1"), b"EXTNAME"),
            cards_text=text,
            data_offset=offset,
            data_size=size,
        )
        for index, (text, offset, size) in enumerate(rows)
    ]
