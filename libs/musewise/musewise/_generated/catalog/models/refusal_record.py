from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RefusalRecord")


@_attrs_define
class RefusalRecord:
    """A file that was refused.

    Attributes:
        at (datetime.datetime):
        code (str):
        detail (str):
        file_id (None | UUID): null: a row of /register
        filename (str):
        hint (None | str):
        owner (str):
        project (str):
        sha256 (None | str):
        size (int):
    """

    at: datetime.datetime
    code: str
    detail: str
    file_id: None | UUID
    filename: str
    hint: None | str
    owner: str
    project: str
    sha256: None | str
    size: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        code = self.code

        detail = self.detail

        file_id: None | str
        if isinstance(self.file_id, UUID):
            file_id = str(self.file_id)
        else:
            file_id = self.file_id

        filename = self.filename

        hint: None | str
        hint = self.hint

        owner = self.owner

        project = self.project

        sha256: None | str
        sha256 = self.sha256

        size = self.size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "code": code,
                "detail": detail,
                "file_id": file_id,
                "filename": filename,
                "hint": hint,
                "owner": owner,
                "project": project,
                "sha256": sha256,
                "size": size,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        code = d.pop("code")

        detail = d.pop("detail")

        def _parse_file_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                file_id_type_0 = UUID(data)

                return file_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        file_id = _parse_file_id(d.pop("file_id"))

        filename = d.pop("filename")

        def _parse_hint(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        hint = _parse_hint(d.pop("hint"))

        owner = d.pop("owner")

        project = d.pop("project")

        def _parse_sha256(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sha256 = _parse_sha256(d.pop("sha256"))

        size = d.pop("size")

        refusal_record = cls(
            at=at,
            code=code,
            detail=detail,
            file_id=file_id,
            filename=filename,
            hint=hint,
            owner=owner,
            project=project,
            sha256=sha256,
            size=size,
        )

        refusal_record.additional_properties = d
        return refusal_record

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
