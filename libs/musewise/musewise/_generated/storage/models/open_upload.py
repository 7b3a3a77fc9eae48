from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.open_upload_upload import OpenUploadUpload, check_open_upload_upload

T = TypeVar("T", bound="OpenUpload")


@_attrs_define
class OpenUpload:
    """Where the bytes of an upload go.

    Attributes:
        file_id (UUID):
        object_key (str):
        upload (OpenUploadUpload): link: the gateway has the bytes; put: send them to url
        url (str): of the content, relative to the service
    """

    file_id: UUID
    object_key: str
    upload: OpenUploadUpload
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file_id = str(self.file_id)

        object_key = self.object_key

        upload: str = self.upload

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file_id": file_id,
                "object_key": object_key,
                "upload": upload,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file_id = UUID(d.pop("file_id"))

        object_key = d.pop("object_key")

        upload = check_open_upload_upload(d.pop("upload"))

        url = d.pop("url")

        open_upload = cls(
            file_id=file_id,
            object_key=object_key,
            upload=upload,
            url=url,
        )

        open_upload.additional_properties = d
        return open_upload

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
