from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Difference")


@_attrs_define
class Difference:
    """One input as one product used it.

    Attributes:
        content_key (None | str):
        file_id (UUID):
        filename (str):
        ifu (int | None):
        sha256 (None | str):
        tag (str):
    """

    content_key: None | str
    file_id: UUID
    filename: str
    ifu: int | None
    sha256: None | str
    tag: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        content_key: None | str
        content_key = self.content_key

        file_id = str(self.file_id)

        filename = self.filename

        ifu: int | None
        ifu = self.ifu

        sha256: None | str
        sha256 = self.sha256

        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "content_key": content_key,
                "file_id": file_id,
                "filename": filename,
                "ifu": ifu,
                "sha256": sha256,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_content_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        content_key = _parse_content_key(d.pop("content_key"))

        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        def _parse_sha256(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sha256 = _parse_sha256(d.pop("sha256"))

        tag = d.pop("tag")

        difference = cls(
            content_key=content_key,
            file_id=file_id,
            filename=filename,
            ifu=ifu,
            sha256=sha256,
            tag=tag,
        )

        difference.additional_properties = d
        return difference

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
