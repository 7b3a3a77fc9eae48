from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.row_to_register_kind import RowToRegisterKind, check_row_to_register_kind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.row_to_register_keywords import RowToRegisterKeywords


T = TypeVar("T", bound="RowToRegister")


@_attrs_define
class RowToRegister:
    """A frame whose bytes are not here.

    Attributes:
        keywords (RowToRegisterKeywords): header keywords; DPR_TYPE, DPR TYPE and ESO DPR TYPE are the same; an empty
            value is an absent keyword
        kind (RowToRegisterKind):
        name (str):
        tag (None | str | Unset):
    """

    keywords: RowToRegisterKeywords
    kind: RowToRegisterKind
    name: str
    tag: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        keywords = self.keywords.to_dict()

        kind: str = self.kind

        name = self.name

        tag: None | str | Unset
        if isinstance(self.tag, Unset):
            tag = UNSET
        else:
            tag = self.tag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "keywords": keywords,
                "kind": kind,
                "name": name,
            }
        )
        if tag is not UNSET:
            field_dict["tag"] = tag

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.row_to_register_keywords import RowToRegisterKeywords  # noqa: PLC0415

        d = dict(src_dict)
        keywords = RowToRegisterKeywords.from_dict(d.pop("keywords"))

        kind = check_row_to_register_kind(d.pop("kind"))

        name = d.pop("name")

        def _parse_tag(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag = _parse_tag(d.pop("tag", UNSET))

        row_to_register = cls(
            keywords=keywords,
            kind=kind,
            name=name,
            tag=tag,
        )

        return row_to_register
