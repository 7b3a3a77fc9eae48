"""From keywords (or, for delivered files, a name) to the class of a frame."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from musecore.errors import Refused
from musecore.muse.facts import Value
from musecore.muse.frames import FrameClass, Frames
from musecore.muse.plan import Statics

__all__ = ["AmbiguousClass", "NotMuse", "Unclassified", "canonical", "classify"]

_GROUPS = ("DPR", "PRO", "TPL", "INS", "DET", "OBS", "TEL", "OCS", "SEQ", "QC", "DRS")
_REMEMBERED = 10_000
"""So many different sets of values are remembered with their classes."""


class NotMuse(Refused):
    """The file is of another instrument."""

    code = "not_muse"


class Unclassified(Refused):
    """No class of frames fits the header."""

    code = "no_class"


class AmbiguousClass(Refused):
    """More than one class fits: a fault of frames.yaml."""

    code = "ambiguous_class"


@lru_cache(maxsize=1 << 14)
def canonical(keyword: str) -> str:
    """Give the spelling of frames.yaml: ``ESO DPR TYPE``.

    ``HIERARCH ESO DPR TYPE``, ``DPR TYPE`` and ``DPR.TYPE`` are the same card.
    """
    words = keyword.removeprefix("HIERARCH ").replace(".", " ").split()
    if words and words[0] in _GROUPS:
        words.insert(0, "ESO")
    return " ".join(words)


def _of_keywords(
    frames: Frames, keywords: Mapping[str, Value | None]
) -> FrameClass | None:
    values = tuple(keywords.get(keyword) for keyword in frames.tested)
    told = (*values, *map(type, values))
    fitting = frames.told.get(told)
    if fitting is None:
        fitting = tuple(_fitting(frames, keywords))
        if len(frames.told) >= _REMEMBERED:
            frames.told.clear()
        frames.told[told] = fitting
    if len(fitting) > 1:
        tags = ", ".join(entry.tag for entry in fitting)
        raise AmbiguousClass(f"The header fits more than one class: {tags}.")
    return fitting[0] if fitting else None


def _fitting(
    frames: Frames, keywords: Mapping[str, Value | None]
) -> Iterator[FrameClass]:
    # A product may carry the DPR cards of its raw frame on: PRO.CATG decides then.
    made = keywords.get("ESO PRO CATG") is not None
    for entry in frames.classes:
        if (
            entry.tests
            and made == any(test.keyword == "ESO PRO CATG" for test in entry.tests)
            and all(test.passes(keywords.get(test.keyword)) for test in entry.tests)
        ):
            yield entry


def _of_name(
    frames: Frames, statics: Statics, filename: str | None, title: str | None
) -> FrameClass | None:
    told = {"file_name": filename, "title": title}
    for category in statics.categories:
        for rule in category.names:
            text = told[rule.of]
            if rule.verified and text is not None and re.match(rule.pattern, text):
                return next(c for c in frames.classes if c.tag == category.category)
    return None


def _said(keywords: Mapping[str, Value | None]) -> str:
    names = ("ESO DPR CATG", "ESO DPR TYPE", "ESO DPR TECH", "ESO PRO CATG")
    found = [
        f"{name.removeprefix('ESO ')} = {keywords[name]!r}"
        for name in names
        if keywords.get(name) is not None
    ]
    return ", ".join(found) or "neither DPR nor PRO CATG"


def classify(
    frames: Frames,
    statics: Statics,
    keywords: Mapping[str, Value | None],
    filename: str | None = None,
    title: str | None = None,
) -> FrameClass:
    """Give the class of a frame.

    Parameters
    ----------
    keywords
        Cards of the primary header, in any of the spellings of `canonical`.
    filename
        Name of the file, for delivered files without a category in the header.
    title
        OBJECT of such a file; the card OBJECT counts where it is not given.

    Raises
    ------
    NotMuse
        INSTRUME is there and is not MUSE.
    Unclassified
        No class fits.
    """
    cards = {canonical(name): value for name, value in keywords.items()}
    instrument = cards.get("INSTRUME")
    if instrument not in (None, "MUSE"):
        raise NotMuse(
            f"INSTRUME is {instrument!r}, not 'MUSE'.",
            hint="Give files of MUSE only.",
        )
    told = title if title is not None else cards.get("OBJECT")
    found = _of_keywords(frames, cards) or _of_name(
        frames, statics, filename, told if isinstance(told, str) else None
    )
    if found is None:
        raise Unclassified(
            f"The header has {_said(cards)}, which is no known class of MUSE frames.",
            hint="Raw frames need DPR.CATG, DPR.TYPE and DPR.TECH = 'IFU' and "
            "INSTRUME = 'MUSE'; products and delivered calibrations need PRO.CATG.",
        )
    return found
