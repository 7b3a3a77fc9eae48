"""Say in a product's header what it lacks: the only cards that musewise ever adds.

The header of the first HDU is changed in place where its last block has room, which
touches a few kilobytes of a file of gigabytes; else the file is written anew, the
data copied by the kernel. The checksum of the HDU stays right.
"""

import os
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from musecore.fits import scan_headers

__all__ = ["add_cards", "caveat_cards"]

BLOCK = 2880
CARD = 80
_END = "END".ljust(CARD)
_ROOM = CARD - len("HIERARCH MUSEWISE CAVEATnn = ''")


def caveat_cards(caveats: Iterable[str], ifus: Iterable[int]) -> list[str]:
    """Give the cards, 80 columns each: the caveats, and the IFUs that are in.

    A caveat that is too long for a card goes on in the next one.
    """
    lines = [line for caveat in caveats for line in _wrapped(caveat)]
    cards = [_card(f"CAVEAT{n}", line) for n, line in enumerate(lines[:99], 1)]
    return [*cards, _card("IFUS", _ranges(sorted(set(ifus))))]


def add_cards(path: Path, cards: Sequence[str]) -> None:
    """Add cards to the end of a file's primary header.

    Running it twice with the same cards adds them once.

    Raises
    ------
    NotFits, TruncatedFits
        The file is no whole FITS file.
    """
    primary = scan_headers(path)[0]
    old = [
        primary.cards_text[at : at + CARD]
        for at in range(0, len(primary.cards_text), CARD)
    ]
    while old and not old[-1].strip():
        old.pop()
    new = [card for card in cards if card not in old]
    header = _padded(_with_checksum([*old, *new]))
    if len(header) == primary.data_offset:
        with path.open("r+b") as file:
            file.write(header)
        return
    _rewrite(path, header, primary.data_offset)


def _wrapped(text: str) -> list[str]:
    plain = text.encode("ascii", "replace").decode().replace("'", '"')
    return textwrap.wrap(plain, _ROOM)


def _card(name: str, text: str) -> str:
    return f"HIERARCH MUSEWISE {name} = '{text}'".ljust(CARD)


def _ranges(numbers: Sequence[int]) -> str:
    """Give numbers as ``1-3,7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(
        str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts
    )


def _padded(cards: Sequence[str]) -> bytes:
    text = "".join([*cards, _END])
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("latin-1")


def _rewrite(path: Path, header: bytes, data_offset: int) -> None:
    part = path.with_name(f"{path.name}.part")
    with path.open("rb") as old, part.open("wb") as new:
        new.write(header)
        new.flush()
        old.seek(data_offset)
        shutil.copyfileobj(old, new, 16 << 20)
    os.replace(part, path)


def _with_checksum(cards: Sequence[str]) -> list[str]:
    """Renew the value of the CHECKSUM card, where there is one (FITS 4.0, App. J)."""
    at = next((n for n, c in enumerate(cards) if c.startswith("CHECKSUM=")), None)
    if at is None:
        return list(cards)
    comment = cards[at][28:]
    zeroed = [*cards]
    zeroed[at] = f"CHECKSUM= '{'0' * 16}'{comment}"
    total = _sum32(_padded(zeroed), start=_data_sum(cards))
    zeroed[at] = f"CHECKSUM= '{_encoded(~total & 0xFFFFFFFF)}'{comment}"
    return zeroed


def _data_sum(cards: Sequence[str]) -> int:
    for card in cards:
        if card.startswith("DATASUM ="):
            return int(card[10:].partition("/")[0].strip().strip("'"))
    return 0


def _sum32(data: bytes, start: int) -> int:
    """Give the ones' complement sum of 32-bit words, big-endian."""
    total = start + sum(
        int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)
    )
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def _encoded(value: int) -> str:
    """Write 32 bits as the 16 letters and digits of a CHECKSUM card."""
    columns = [_four_letters(byte) for byte in value.to_bytes(4, "big")]
    text = "".join(chr(columns[n][row]) for row in range(4) for n in range(4))
    return text[-1] + text[:-1]


def _four_letters(byte: int) -> list[int]:
    """Split a byte into four codes of letters or digits with the same sum."""
    quotient, remainder = divmod(byte, 4)
    codes = [quotient + ord("0")] * 4
    codes[0] += remainder
    while any(_is_punctuation(code) for code in codes):
        for first in (0, 2):
            if _is_punctuation(codes[first]) or _is_punctuation(codes[first + 1]):
                codes[first] += 1
                codes[first + 1] -= 1
    return codes


def _is_punctuation(code: int) -> bool:
    return ord(":") <= code <= ord("@") or ord("[") <= code <= ord("`")
