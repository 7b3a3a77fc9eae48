from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ShownDifference")


@_attrs_define
class ShownDifference:
    """One thing in which two versions differ; null: a version has none of it.

    Attributes:
        kind (str):
        other (None | str):
        sentence (str):
        this (None | str):
        what (str):
    """

    kind: str
    other: None | str
    sentence: str
    this: None | str
    what: str

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        other: None | str
        other = self.other

        sentence = self.sentence

        this: None | str
        this = self.this

        what = self.what

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "other": other,
                "sentence": sentence,
                "this": this,
                "what": what,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = d.pop("kind")

        def _parse_other(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        other = _parse_other(d.pop("other"))

        sentence = d.pop("sentence")

        def _parse_this(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        this = _parse_this(d.pop("this"))

        what = d.pop("what")

        shown_difference = cls(
            kind=kind,
            other=other,
            sentence=sentence,
            this=this,
            what=what,
        )

        return shown_difference
