"""The content key: what a product *is*, apart from when and under what name.

SHA-256 over the header cards that are not on the deny list and the data of every
HDU, in order. The list is in ``content_key.yaml``, per frame class and versioned: a
new version gives new keys for everything.
"""

import fnmatch
import hashlib
import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

__all__ = ["CONTENT_KEY_VERSION", "ContentHash"]

CARD = 80


@cache
def _rules() -> dict[str, Any]:
    text = (resources.files("musecore") / "content_key.yaml").read_text()
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules


CONTENT_KEY_VERSION: str = _rules()["version"]


@cache
def _denied(tag: str) -> re.Pattern[str]:
    rules = _rules()
    patterns = [*rules["deny"], *rules["tags"].get(tag, [])]
    keywords = [entry["keyword"] for entry in patterns]
    return re.compile("|".join(fnmatch.translate(keyword) for keyword in keywords))


def _keyword(card: str) -> str:
    if card.startswith("HIERARCH "):
        return " ".join(card[9:].partition("=")[0].split())
    return card[:8].rstrip()


@lru_cache(maxsize=1 << 15)
def _is_denied(tag: str, keyword: str) -> bool:
    return _denied(tag).fullmatch(keyword) is not None


def _kept_cards(cards_text: str, tag: str) -> str:
    kept = []
    denied = False
    for at in range(0, len(cards_text), CARD):
        card = cards_text[at : at + CARD]
        keyword = _keyword(card)
        if keyword != "CONTINUE":
            denied = _is_denied(tag, keyword)
        if not denied:
            kept.append(card)
    return "".join(kept)


class ContentHash:
    """Computes a content key from headers and data in the order of the file."""

    def __init__(self, tag: str = "") -> None:
        self._tag = tag
        self._hash = hashlib.sha256(CONTENT_KEY_VERSION.encode() + b"\n")

    def add_header(self, cards_text: str) -> None:
        """Take the cards of the next HDU (80 columns each, without END)."""
        kept = _kept_cards(cards_text, self._tag).encode("latin-1")
        self._hash.update(b"HDU %d\n" % len(kept))
        self._hash.update(kept)

    def add_data(self, data: bytes | memoryview) -> None:
        """Take the next data bytes of the present HDU (no padding)."""
        self._hash.update(data)

    def hexdigest(self) -> str:
        """Give the key."""
        return self._hash.hexdigest()
