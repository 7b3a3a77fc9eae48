"""Header cards: 80 columns of text to typed values (FITS 4.0, with HIERARCH)."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from struct import unpack
from typing import NamedTuple

__all__ = ["Card", "Header", "Value", "parse_card"]

Value = str | int | float | bool | complex | None
"""Value of a card; None: the keyword is there and its value undefined."""

CARD = 80

_LOGICAL = {"T": True, "F": False, "": None}
_COMMENTARY = frozenset({"COMMENT", "HISTORY", ""})

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[EeDd][+-]?\d+)?"
_REAL = re.compile(_NUMBER, re.ASCII)
_OF_INTEGERS = "0123456789+-"
_OF_NUMBERS = "0123456789+-.Ee"
_NUMERIC = _OF_NUMBERS.encode() + b" "
_DOT = ord(".")  # of bytes: to look for a number is five times faster
_STRING = re.compile(r"'([^']*(?:''[^']*)*)'\s*(?:/(.*))?", re.DOTALL)
_COMPLEX = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")


class Card(NamedTuple):
    """One keyword. HIERARCH ones are named as ``ESO DPR TYPE``.

    Of a commentary card (COMMENT, HISTORY, blank) the text is the value.
    """

    keyword: str
    value: Value
    comment: str


class _Raw(NamedTuple):
    """A card before CONTINUE is joined: `more` says that a string goes on."""

    keyword: str
    value: Value
    comment: str
    more: bool


def parse_card(text: str) -> Card:
    """Read one card of up to 80 columns.

    A value that breaks the standard is given as text, so that nothing is lost.
    """
    raw = _parse(text)
    value = f"{raw.value}&" if raw.more else raw.value
    return Card(raw.keyword, value, raw.comment)


# Most cards of the 24 extensions of a raw frame, and of the frames of a night, are
# the same: with this cache a raw frame's 2,800 cards take about 1 ms.
@lru_cache(maxsize=1 << 15)
def _parse(text: str) -> _Raw:
    if text[8:10] == "= ":
        return _valued(text[:8].rstrip(), text[10:])
    keyword = text[:8].rstrip()
    if keyword == "CONTINUE":
        return _valued(keyword, text[8:])
    if keyword == "HIERARCH":
        name, equals, rest = text[8:].partition("=")
        if equals:
            return _valued(" ".join(name.split()), rest)
    return _Raw(keyword, text[8:].rstrip(), "", more=False)


def _valued(keyword: str, text: str) -> _Raw:
    text = text.strip()
    if text.startswith("'"):
        return _string(keyword, text)
    value, _, comment = text.partition("/")
    return _Raw(keyword, _unquoted(value.rstrip()), comment.strip(), more=False)


def _string(keyword: str, text: str) -> _Raw:
    found = _STRING.fullmatch(text)
    if found is None:
        return _Raw(keyword, text, "", more=False)
    content = found[1].replace("''", "'").rstrip()
    more = content.endswith("&")
    value = content[:-1] if more else content
    return _Raw(keyword, value, (found[2] or "").strip(), more)


def _unquoted(text: str) -> Value:
    """Read a value that is no string; text that is no value stays text."""
    if text and not text.strip(_OF_NUMBERS):
        try:
            return int(text) if text.strip(_OF_INTEGERS) == "" else float(text)
        except ValueError:
            return text
    if _REAL.fullmatch(text):
        return _real(text)
    if text in _LOGICAL:
        return _LOGICAL[text]
    if found := _COMPLEX.fullmatch(text):
        return complex(_real(found[1]), _real(found[2]))
    return text


def _real(digits: str) -> float:
    if "D" in digits or "d" in digits:
        digits = digits.replace("D", "E").replace("d", "e")
    return float(digits)


_KNOWN: dict[bytes, tuple[str, Value]] = {}
"""Cards that were met, with keyword and value; those of measured values are not kept:
they do not come again."""

_NAMES: dict[bytes, str] = {}
"""What stands before the ``=`` of HIERARCH cards that were met, with its keyword."""

_KEPT = 1 << 16


def _pair(card: bytes) -> tuple[str, Value]:
    """Give keyword and value of a card; a measured value needs no more than this."""
    name, _, rest = card.partition(b"=")
    keyword = _NAMES.get(name)
    if keyword is not None:
        digits = rest.partition(b"/")[0]
        if _DOT in digits and not digits.strip(_NUMERIC):
            try:
                return keyword, float(digits)
            except ValueError:
                pass
    pair = _read_pair(card.decode())
    if not isinstance(pair[1], float):
        _KNOWN[card] = pair
        if len(_KNOWN) > _KEPT:
            _KNOWN.clear()
    return pair


def _read_pair(text: str) -> tuple[str, Value]:
    """Give keyword and value of a card as `_parse` does, without the comment."""
    if text[8:10] == "= ":
        keyword, value = text[:8].rstrip(), text[10:]
    elif text.startswith("HIERARCH") and "=" in text:
        name, _, value = text.partition("=")
        keyword = _long_name(name)
    else:
        raw = _parse(text)
        return raw.keyword, raw.value
    if "'" in value:
        value = value.strip()
        if value.startswith("'"):
            return keyword, _string(keyword, value).value
    return keyword, _unquoted(value.partition("/")[0].strip())


def _long_name(text: str) -> str:
    keyword = " ".join(text[8:].split())
    if len(text) > 8:  # else the value begins where that of a short keyword does
        _NAMES[text.encode()] = keyword
    if len(_NAMES) > _KEPT:
        _NAMES.clear()
    return keyword


def _pairs(text: str) -> list[tuple[str, Value]]:
    """Give keyword and value of cards without long strings, faster than by `Card`."""
    known = _KNOWN.get
    cards = unpack(f"{CARD}s" * (len(text) // CARD), text.encode())
    return [known(card) or _pair(card) for card in cards]


@lru_cache(maxsize=256)
def _places(keywords: tuple[str, ...], words: str) -> list[int]:
    """Give where keywords begin so; headers of one class have the same keywords."""
    return [n for n, keyword in enumerate(keywords) if keyword.startswith(words)]


def _firsts(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    """Give keyword -> value; of duplicates the first counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        found.update(reversed(pairs))
    return found


class Header:
    """The cards of one HDU, in order, duplicates kept.

    Parameters
    ----------
    cards_text
        Cards of 80 columns, one after the other, without END.
    """

    def __init__(self, cards_text: str) -> None:
        self.text = cards_text

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """All cards; long strings (CONTINUE) are joined to one."""
        text = self.text
        raw = [_parse(text[at : at + CARD]) for at in range(0, len(text), CARD)]
        if any(one.more for one in raw):
            return tuple(_joined(raw))
        return tuple(Card(one.keyword, one.value, one.comment) for one in raw)

    @cached_property
    def _first(self) -> dict[str, Card]:
        found: dict[str, Card] = {}
        for card in self.cards:
            found.setdefault(card.keyword, card)
        return found

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._first

    def __getitem__(self, keyword: str) -> Value:
        return self._first[keyword].value

    def __len__(self) -> int:
        return len(self.cards)

    def get(self, keyword: str, default: Value = None) -> Value:
        """Give the value of the first card of that name."""
        if keyword not in _COMMENTARY:
            return self._plain.get(keyword, default)
        card = self._first.get(keyword)
        return default if card is None else card.value

    def comment(self, keyword: str) -> str:
        """Give the comment of the first card of that name; raises KeyError."""
        return self._first[keyword].comment

    def all(self, keyword: str) -> list[Value]:
        """Give the values of all cards of that name (HISTORY, duplicates)."""
        return [card.value for card in self.cards if card.keyword == keyword]

    def keys(self) -> list[str]:
        """Give the keywords in order, with duplicates and commentary."""
        return [card.keyword for card in self.cards]

    def beginning(self, words: str) -> tuple[Card, ...]:
        """Give the cards whose keyword begins so; of the others no comment is read."""
        if not self._is_simple:
            return tuple(card for card in self.cards if card.keyword.startswith(words))
        text = self.text
        places = _places(self._keywords, words)
        raw = [_parse(text[CARD * n : CARD * (n + 1)]) for n in places]
        return tuple(Card(one.keyword, one.value, one.comment) for one in raw)

    def items(self) -> Iterator[tuple[str, Value]]:
        """Give keyword and value of each card that is not commentary, in order."""
        for card in self.cards:
            if card.keyword not in _COMMENTARY:
                yield card.keyword, card.value

    def as_dict(self) -> dict[str, Value]:
        """Give keyword -> value; of duplicates the first; without commentary."""
        return dict(self._plain)

    @cached_property
    def _pairs(self) -> list[tuple[str, Value]]:
        return _pairs(self.text)

    @cached_property
    def _keywords(self) -> tuple[str, ...]:
        return tuple([pair[0] for pair in self._pairs])

    @cached_property
    def _is_simple(self) -> bool:
        """Whether each card is one of its own: no string may go on in another."""
        text = self.text
        return "&" not in text and text.isascii() and len(text) % CARD == 0

    @cached_property
    def _plain(self) -> dict[str, Value]:
        if self._is_simple:
            found = _firsts(self._pairs)
        else:
            found = {keyword: card.value for keyword, card in self._first.items()}
        for keyword in _COMMENTARY:
            found.pop(keyword, None)
        return found


def _joined(raw: list[_Raw]) -> Iterator[Card]:
    at = 0
    while at < len(raw):
        keyword, value, comment, more = raw[at]
        parts, comments = [str(value)], [comment]
        at += 1
        while more and at < len(raw) and raw[at].keyword == "CONTINUE":
            parts.append(str(raw[at].value))
            comments.append(raw[at].comment)
            more = raw[at].more
            at += 1
        if len(parts) == 1:
            yield Card(keyword, f"{value}&" if more else value, comment)
        else:
            whole = "".join(parts) + ("&" if more else "")
            yield Card(keyword, whole.rstrip(), " ".join(filter(None, comments)))
