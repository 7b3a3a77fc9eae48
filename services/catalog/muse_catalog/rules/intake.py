"""What a file is, and whether it may be taken in: the header rules of frames.yaml."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from muse_catalog.models import Refusal
from muse_catalog.rules.columns import Headers
from musecore.errors import MuseError
from musecore.fits import Value
from musecore.messages import Kind
from musecore.muse.schema import FrameClass, FrameKind, HeaderRule, MuseModel

__all__ = ["Recognised", "implied_keywords", "recognise"]


@dataclass(frozen=True)
class Recognised:
    """A file's class and kind."""

    frame_class: FrameClass
    kind: Kind

    @property
    def tag(self) -> str:
        """The tag of the class."""
        return self.frame_class.tag


class _Candidate:
    """A file under examination."""

    def __init__(
        self, model: MuseModel, headers: Headers, said: Kind | None, tag: str | None
    ) -> None:
        self.model = model
        self.headers = headers
        self._said = said
        self._tag = tag

    @cached_property
    def classified(self) -> FrameClass | MuseError:
        """The class that keywords, name or title tell, or why they tell none."""
        primary = self.headers.primary
        try:
            if self._tag is not None:
                return self.model.frame_class(self._tag)
            origfile = primary.get("ORIGFILE")
            return self.model.classify(
                {k: v for k, v in self._telling() if not isinstance(v, complex)},
                filename=str(origfile or self.headers.filename),
                title=None if primary.get("OBJECT") is None else str(primary["OBJECT"]),
            )
        except MuseError as error:
            return error

    def _telling(self) -> Iterator[tuple[str, Value]]:
        """Give the keywords that tell a class; a header has many more."""
        primary = self.headers.primary
        for keyword in (*self.model.frames.tested, "INSTRUME", "OBJECT"):
            if keyword in primary:
                yield keyword, primary[keyword]

    @property
    def tag_is_given(self) -> bool:
        """Whether the sender named a category."""
        return self._tag is not None

    @property
    def kind(self) -> FrameKind:
        """The kind by class; without a class, by what the file tries to be."""
        found = self.classified
        if isinstance(found, FrameClass):
            return "static" if found.static else found.kind
        if self._said in {"static", "product"}:
            return self._said
        return "product" if "ESO PRO CATG" in self.headers.primary else "raw"


def recognise(
    model: MuseModel, headers: Headers, *, kind: Kind | None, tag: str | None = None
) -> Recognised | Refusal:
    """Give class and kind of a delivered file, or the first reason to refuse it.

    Parameters
    ----------
    kind
        What the sender says it is, None if nothing.
    tag
        Category given with the file, where its header says none.
    """
    candidate = _Candidate(model, headers, kind, tag)
    for rule in model.frames.header_rules:
        refusal = _broken(rule, candidate)
        if refusal is not None:
            return refusal
    found = candidate.classified
    if isinstance(found, MuseError):
        detail = f"{headers.filename}: {found.detail}"
        return Refusal(code=found.code, detail=detail, hint=found.hint)
    if candidate.kind in {"ignored", "user"}:
        return Refusal(
            code="ignored_frame",
            detail=f"{headers.filename} is a {found.tag} frame: {found.doc}.",
            hint="Such frames are not processed; leave them out.",
        )
    return Recognised(found, _delivered_kind(candidate.kind))


def implied_keywords(model: MuseModel) -> dict[str, Value]:
    """Give the keywords that have one and the same value in every raw class.

    A row of a table of MUSE frames need not repeat them.
    """
    tests = [
        {(test.keyword, test.equals) for test in entry.tests}
        for entry in model.frames.classes
        if entry.kind == "raw"
    ]
    shared = set.intersection(*tests) if tests else set()
    return {keyword: value for keyword, value in shared if value is not None}


def _delivered_kind(kind: FrameKind) -> Kind:
    assert kind in {"raw", "static", "product"}
    return "raw" if kind == "raw" else "static" if kind == "static" else "product"


def _broken(rule: HeaderRule, candidate: _Candidate) -> Refusal | None:
    """Give the refusal if the rule is for this file and the file breaks it."""
    found = candidate.classified
    if candidate.kind not in rule.kinds:
        return None
    if rule.needs_file and not candidate.headers.is_file:
        return None
    if rule.tags and (not isinstance(found, FrameClass) or found.tag not in rule.tags):
        return None
    fault = _fault(rule, candidate)
    if fault is None:
        return None
    keyword, value = fault
    detail = rule.message.format(
        filename=candidate.headers.filename,
        keyword=keyword,
        value=value,
        expected=rule.value,
    )
    return Refusal(code=rule.code, detail=detail, hint=rule.hint)


def _fault(rule: HeaderRule, candidate: _Candidate) -> tuple[str, str] | None:
    """Give the offending keyword and value, None if the rule is kept."""
    match rule.check:
        case "equals":
            return _not_equal(rule, candidate)
        case "present":
            return _missing(rule, candidate)
        case "any_present":
            return _none_present(rule, candidate)
        case "extension_matches":
            return _no_extension(rule, candidate)
        case "classified":
            return _unclassified(candidate)


def _not_equal(rule: HeaderRule, candidate: _Candidate) -> tuple[str, str] | None:
    values = [candidate.headers.primary.get(keyword) for keyword in rule.keywords]
    given = [value for value in values if value is not None]
    if rule.value in given:
        return None
    return rule.keywords[0], str(given[0]) if given else "no name"


def _missing(rule: HeaderRule, candidate: _Candidate) -> tuple[str, str] | None:
    found = candidate.classified
    tag = found.tag if isinstance(found, FrameClass) else ""
    for keyword in rule.keywords:
        if candidate.headers.primary.get(keyword) is not None:
            continue
        told_otherwise = tag or candidate.tag_is_given  # by its name, or with it
        if keyword != "ESO PRO CATG" or not told_otherwise:
            return keyword, tag
    return None


def _none_present(rule: HeaderRule, candidate: _Candidate) -> tuple[str, str] | None:
    primary, filename = candidate.headers.primary, candidate.headers.filename
    if any(primary.get(keyword) is not None for keyword in rule.keywords):
        return None
    if rule.pattern is not None and re.match(rule.pattern, filename):
        return None
    return rule.keywords[0], ""


def _no_extension(rule: HeaderRule, candidate: _Candidate) -> tuple[str, str] | None:
    pattern = re.compile(rule.pattern or "")
    if any(pattern.match(extname) for extname, _ in candidate.headers.extensions):
        return None
    return "EXTNAME", ""


def _unclassified(candidate: _Candidate) -> tuple[str, str] | None:
    if isinstance(candidate.classified, FrameClass):
        return None
    primary = candidate.headers.primary
    told = [primary.get(f"ESO DPR {word}") for word in ("CATG", "TYPE", "TECH")]
    return "ESO DPR TYPE", " / ".join(str(word) for word in told)
