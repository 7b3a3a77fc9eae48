"""Headers that come as text, without their file."""

import re
from collections.abc import Sequence

from musecore.errors import Refused
from musecore.fits import HduHeader, Header

__all__ = ["HeaderNotReadable", "hdus_of_text"]

_CARD = 80
_END = "END".ljust(_CARD)
_USUAL = bytes(range(ord(" "), ord("~") + 1))
_ODD = re.compile(r"[^ -~\xa0-\xff]")
_HINT = (
    "Give the cards as the file has them: 80 columns each, in one text or one in a "
    "line, for each HDU."
)


class HeaderNotReadable(Refused):
    """A text is no header of a FITS file."""

    code = "header_not_readable"


def hdus_of_text(name: str, texts: Sequence[str]) -> list[HduHeader]:
    """Give the HDUs of a file whose header is given as text.

    Raises
    ------
    HeaderNotReadable, NotFits
        The text is no header; the place is named.
    """
    return [_hdu(name, n, text) for n, text in enumerate(texts)]


def _hdu(name: str, index: int, text: str) -> HduHeader:
    cards = _cards(name, index, text)
    start = "SIMPLE  =" if index == 0 else "XTENSION="
    if not cards.startswith(start):
        raise HeaderNotReadable(
            f"{name}: the header of HDU {index} begins with {cards[:12]!r}, not with "
            f"{start!r}.",
            hint=_HINT,
        )
    extname = Header(cards).get("EXTNAME") if index else None
    return HduHeader(index, str(extname or ""), cards, data_offset=0, data_size=0)


def _cards(name: str, index: int, text: str) -> str:
    """Give the cards one after the other, without END and what follows it."""
    if "\n" in text:
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        too_long = [line for line in lines if len(line) > _CARD]
        if too_long:
            raise _wrong(name, index, f"has a line of {len(too_long[0])} columns")
        text = "".join(line.ljust(_CARD) for line in lines)
    if len(text) % _CARD:
        raise _wrong(name, index, f"has {len(text)} columns, no multiple of {_CARD}")
    odd = None if _is_usual(text) else _ODD.search(text)
    if odd is not None:
        where = f"card {odd.start() // _CARD + 1}"
        raise _wrong(name, index, f"has {odd[0]!r} in {where}")
    at = text.find(_END)
    while at >= 0 and at % _CARD:
        at = text.find(_END, at + 1)
    return text if at < 0 else text[:at]


def _is_usual(text: str) -> bool:
    """Say whether there are usual signs only, in a tenth of the time of `_ODD`."""
    return text.isascii() and not text.encode().translate(None, _USUAL)


def _wrong(name: str, index: int, what: str) -> HeaderNotReadable:
    return HeaderNotReadable(f"{name}: the header of HDU {index} {what}.", hint=_HINT)
