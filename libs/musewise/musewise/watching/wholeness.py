"""Whether a FITS file is all there, told from its headers and its size alone.

A writer that is still at work has not written what the headers promise. Only the
header blocks are read; the data between them are skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

BLOCK = 2880  # bytes; FITS Standard 4.0, section 3.1
CARD = 80
MOST_HEADER_BLOCKS = 2000  # 72,000 cards: a file that has more is no frame
PACKED = (".gz", ".Z")


def is_whole(path: Path) -> bool:
    """Whether the file has the bytes that its headers promise.

    True also for what is no FITS file, or is packed as a whole: the server will say
    what is wrong with it. False for an empty file.
    """
    size = path.stat().st_size
    if path.name.endswith(PACKED):
        return size > 0
    with path.open("rb") as stream:
        beginning = stream.read(6)
        if beginning != b"SIMPLE":
            return not b"SIMPLE".startswith(beginning)
        return _sum_of_hdus(stream, size) <= size


def _sum_of_hdus(stream: BinaryIO, size: int) -> int:
    """Give where the HDUs end, which may be after the end of the file."""
    place = 0
    while place < size:
        stream.seek(place)
        if place and stream.read(8) != b"XTENSION":
            return size  # something else follows; the server judges it
        stream.seek(place)
        header = _header(stream)
        if header is None:
            return size + 1
        cards, length = header
        place += length + _data_size(cards)
    return place


def _header(stream: BinaryIO) -> tuple[dict[str, str], int] | None:
    """Read one header: sizes as text, and its length; None when END is missing."""
    cards: dict[str, str] = {}
    for n in range(1, MOST_HEADER_BLOCKS):
        block = stream.read(BLOCK)
        if len(block) < BLOCK:
            return None
        for start in range(0, BLOCK, CARD):
            card = block[start : start + CARD]
            name = card[:8].decode("latin-1").strip()
            if name == "END":
                return cards, n * BLOCK
            if card[8:10] == b"= " and _tells_size(name):
                value = card[10:].decode("latin-1").split("/")[0].strip()
                cards.setdefault(name, value)
    return None


def _tells_size(name: str) -> bool:
    return name.startswith("NAXIS") or name in ("BITPIX", "PCOUNT", "GCOUNT", "GROUPS")


def _data_size(cards: dict[str, str]) -> int:
    """Bytes of the data of an HDU, filled up to whole blocks (FITS 4.0, 4.4.1)."""
    try:
        axes = [int(cards[f"NAXIS{n + 1}"]) for n in range(int(cards["NAXIS"]))]
        bits = abs(int(cards["BITPIX"]))
        parameters = int(cards.get("PCOUNT", 0))
        groups = int(cards.get("GCOUNT", 1))
    except (KeyError, ValueError):
        return 0  # a wrong header; the server judges it
    if axes and axes[0] == 0 and cards.get("GROUPS") == "T":
        axes = axes[1:]
    if not axes:
        return 0
    count = 1
    for axis in axes:
        count *= axis
    data = bits // 8 * groups * (parameters + count)
    return -(-data // BLOCK) * BLOCK
