from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="HeaderKeyword")


@_attrs_define
class HeaderKeyword:
    """Any keyword of a header; of the extension named, else of the primary header.

    Attributes:
        keyword (str):
        extension (None | str | Unset):
        kind (Literal['header'] | Unset):  Default: 'header'.
    """

    keyword: str
    extension: None | str | Unset = UNSET
    kind: Literal["header"] | Unset = "header"

    def to_dict(self) -> dict[str, Any]:
        keyword = self.keyword

        extension: None | str | Unset
        if isinstance(self.extension, Unset):
            extension = UNSET
        else:
            extension = self.extension

        kind = self.kind

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "keyword": keyword,
            }
        )
        if extension is not UNSET:
            field_dict["extension"] = extension
        if kind is not UNSET:
            field_dict["kind"] = kind

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        keyword = d.pop("keyword")

        def _parse_extension(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        extension = _parse_extension(d.pop("extension", UNSET))

        kind = cast(Literal["header"] | Unset, d.pop("kind", UNSET))
        if kind != "header" and not isinstance(kind, Unset):
            raise ValueError(f"kind must match const 'header', got '{kind}'")

        header_keyword = cls(
            keyword=keyword,
            extension=extension,
            kind=kind,
        )

        return header_keyword
