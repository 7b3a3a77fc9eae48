from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ClaimedInput")


@_attrs_define
class ClaimedInput:
    """One line of the set of frames, with where its bytes are.

    Attributes:
        content_key (str):
        file_id (UUID):
        filename (str):
        ifu (int | None):
        object_key (str):
        sha256 (str):
        size (int):
        tag (str):
    """

    content_key: str
    file_id: UUID
    filename: str
    ifu: int | None
    object_key: str
    sha256: str
    size: int
    tag: str

    def to_dict(self) -> dict[str, Any]:
        content_key = self.content_key

        file_id = str(self.file_id)

        filename = self.filename

        ifu: int | None
        ifu = self.ifu

        object_key = self.object_key

        sha256 = self.sha256

        size = self.size

        tag = self.tag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "content_key": content_key,
                "file_id": file_id,
                "filename": filename,
                "ifu": ifu,
                "object_key": object_key,
                "sha256": sha256,
                "size": size,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        content_key = d.pop("content_key")

        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        object_key = d.pop("object_key")

        sha256 = d.pop("sha256")

        size = d.pop("size")

        tag = d.pop("tag")

        claimed_input = cls(
            content_key=content_key,
            file_id=file_id,
            filename=filename,
            ifu=ifu,
            object_key=object_key,
            sha256=sha256,
            size=size,
            tag=tag,
        )

        return claimed_input
