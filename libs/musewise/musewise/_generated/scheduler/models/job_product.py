from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="JobProduct")


@_attrs_define
class JobProduct:
    """A finished product of a job.

    Attributes:
        file_id (UUID):
        filename (str):
        frame_id (UUID):
        sha256 (str):
        tag (str):
    """

    file_id: UUID
    filename: str
    frame_id: UUID
    sha256: str
    tag: str

    def to_dict(self) -> dict[str, Any]:
        file_id = str(self.file_id)

        filename = self.filename

        frame_id = str(self.frame_id)

        sha256 = self.sha256

        tag = self.tag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "file_id": file_id,
                "filename": filename,
                "frame_id": frame_id,
                "sha256": sha256,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

        frame_id = UUID(d.pop("frame_id"))

        sha256 = d.pop("sha256")

        tag = d.pop("tag")

        job_product = cls(
            file_id=file_id,
            filename=filename,
            frame_id=frame_id,
            sha256=sha256,
            tag=tag,
        )

        return job_product
