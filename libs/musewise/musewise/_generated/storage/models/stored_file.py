from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.stored_file_kind_type_0 import (
    StoredFileKindType0,
    check_stored_file_kind_type_0,
)
from ..models.stored_file_state import StoredFileState, check_stored_file_state

T = TypeVar("T", bound="StoredFile")


@_attrs_define
class StoredFile:
    """A file of the inventory.

    Attributes:
        content_key (str):
        created_at (datetime.datetime):
        evict_reason (None | str):
        evicted_at (datetime.datetime | None):
        file_id (UUID):
        filename (str):
        kind (None | StoredFileKindType0):
        object_key (str):
        owner (str):
        project (str):
        sha256 (str):
        size (int):
        state (StoredFileState):
    """

    content_key: str
    created_at: datetime.datetime
    evict_reason: None | str
    evicted_at: datetime.datetime | None
    file_id: UUID
    filename: str
    kind: None | StoredFileKindType0
    object_key: str
    owner: str
    project: str
    sha256: str
    size: int
    state: StoredFileState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        content_key = self.content_key

        created_at = self.created_at.isoformat()

        evict_reason: None | str
        evict_reason = self.evict_reason

        evicted_at: None | str
        if isinstance(self.evicted_at, datetime.datetime):
            evicted_at = self.evicted_at.isoformat()
        else:
            evicted_at = self.evicted_at

        file_id = str(self.file_id)

        filename = self.filename

        kind: None | str
        if isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        object_key = self.object_key

        owner = self.owner

        project = self.project

        sha256 = self.sha256

        size = self.size

        state: str = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "content_key": content_key,
                "created_at": created_at,
                "evict_reason": evict_reason,
                "evicted_at": evicted_at,
                "file_id": file_id,
                "filename": filename,
                "kind": kind,
                "object_key": object_key,
                "owner": owner,
                "project": project,
                "sha256": sha256,
                "size": size,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        content_key = d.pop("content_key")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_evict_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        evict_reason = _parse_evict_reason(d.pop("evict_reason"))

        def _parse_evicted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                evicted_at_type_0 = datetime.datetime.fromisoformat(data)

                return evicted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        evicted_at = _parse_evicted_at(d.pop("evicted_at"))

        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

        def _parse_kind(data: object) -> None | StoredFileKindType0:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = check_stored_file_kind_type_0(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StoredFileKindType0, data)

        kind = _parse_kind(d.pop("kind"))

        object_key = d.pop("object_key")

        owner = d.pop("owner")

        project = d.pop("project")

        sha256 = d.pop("sha256")

        size = d.pop("size")

        state = check_stored_file_state(d.pop("state"))

        stored_file = cls(
            content_key=content_key,
            created_at=created_at,
            evict_reason=evict_reason,
            evicted_at=evicted_at,
            file_id=file_id,
            filename=filename,
            kind=kind,
            object_key=object_key,
            owner=owner,
            project=project,
            sha256=sha256,
            size=size,
            state=state,
        )

        stored_file.additional_properties = d
        return stored_file

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
