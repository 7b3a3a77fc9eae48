from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.new_upload_kind_type_0 import (
    NewUploadKindType0,
    check_new_upload_kind_type_0,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="NewUpload")


@_attrs_define
class NewUpload:
    """What a caller wants to store.

    Attributes:
        filename (str):
        project (str):
        size (int): bytes
        file_id (None | Unset | UUID): service accounts name their files themselves
        kind (NewUploadKindType0 | None | Unset): product and log are for service accounts only
        sha256 (None | str | Unset):
        source_path (None | str | Unset): a file on the gateway's machine, where it allows that
    """

    filename: str
    project: str
    size: int
    file_id: None | Unset | UUID = UNSET
    kind: NewUploadKindType0 | None | Unset = UNSET
    sha256: None | str | Unset = UNSET
    source_path: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        filename = self.filename

        project = self.project

        size = self.size

        file_id: None | str | Unset
        if isinstance(self.file_id, Unset):
            file_id = UNSET
        elif isinstance(self.file_id, UUID):
            file_id = str(self.file_id)
        else:
            file_id = self.file_id

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        elif isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        sha256: None | str | Unset
        if isinstance(self.sha256, Unset):
            sha256 = UNSET
        else:
            sha256 = self.sha256

        source_path: None | str | Unset
        if isinstance(self.source_path, Unset):
            source_path = UNSET
        else:
            source_path = self.source_path

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "filename": filename,
                "project": project,
                "size": size,
            }
        )
        if file_id is not UNSET:
            field_dict["file_id"] = file_id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256
        if source_path is not UNSET:
            field_dict["source_path"] = source_path

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        filename = d.pop("filename")

        project = d.pop("project")

        size = d.pop("size")

        def _parse_file_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                file_id_type_0 = UUID(data)

                return file_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        file_id = _parse_file_id(d.pop("file_id", UNSET))

        def _parse_kind(data: object) -> NewUploadKindType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = check_new_upload_kind_type_0(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewUploadKindType0 | None | Unset, data)

        kind = _parse_kind(d.pop("kind", UNSET))

        def _parse_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sha256 = _parse_sha256(d.pop("sha256", UNSET))

        def _parse_source_path(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_path = _parse_source_path(d.pop("source_path", UNSET))

        new_upload = cls(
            filename=filename,
            project=project,
            size=size,
            file_id=file_id,
            kind=kind,
            sha256=sha256,
            source_path=source_path,
        )

        return new_upload
