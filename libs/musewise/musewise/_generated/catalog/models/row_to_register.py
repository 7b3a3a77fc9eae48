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
        kind (RowToRegisterKind):
        name (str):
        header (list[str] | Unset): instead of keywords: the cards of each HDU as the file has them, 80 columns each,
            one after the other or one in a line
        keywords (RowToRegisterKeywords | Unset): header keywords; DPR_TYPE, DPR TYPE and ESO DPR TYPE are the same; an
            empty value is an absent keyword
        tag (None | str | Unset):
    """

    kind: RowToRegisterKind
    name: str
    header: list[str] | Unset = UNSET
    keywords: RowToRegisterKeywords | Unset = UNSET
    tag: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        kind: str = self.kind

        name = self.name

        header: list[str] | Unset = UNSET
        if not isinstance(self.header, Unset):
            header = self.header

        keywords: dict[str, Any] | Unset = UNSET
        if not isinstance(self.keywords, Unset):
            keywords = self.keywords.to_dict()

        tag: None | str | Unset
        if isinstance(self.tag, Unset):
            tag = UNSET
        else:
            tag = self.tag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "name": name,
            }
        )
        if header is not UNSET:
            field_dict["header"] = header
        if keywords is not UNSET:
            field_dict["keywords"] = keywords
        if tag is not UNSET:
            field_dict["tag"] = tag

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.row_to_register_keywords import RowToRegisterKeywords  # noqa: PLC0415

        d = dict(src_dict)
        kind = check_row_to_register_kind(d.pop("kind"))

        name = d.pop("name")

        header = cast(list[str], d.pop("header", UNSET))

        _keywords = d.pop("keywords", UNSET)
        keywords: RowToRegisterKeywords | Unset
        if isinstance(_keywords, Unset):
            keywords = UNSET
        else:
            keywords = RowToRegisterKeywords.from_dict(_keywords)

        def _parse_tag(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag = _parse_tag(d.pop("tag", UNSET))

        row_to_register = cls(
            kind=kind,
            name=name,
            header=header,
            keywords=keywords,
            tag=tag,
        )

        return row_to_register
