from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.file_status_state import FileStatusState, check_file_status_state

T = TypeVar("T", bound="FileStatus")


@_attrs_define
class FileStatus:
    """What the catalogue has made of a file.

    Attributes:
        code (None | str):
        detail (None | str): why it is refused; or that its exposure was here before
        file_id (UUID):
        frames (list[UUID]):
        state (FileStatusState): pending: not heard of yet
        tag (None | str):
    """

    code: None | str
    detail: None | str
    file_id: UUID
    frames: list[UUID]
    state: FileStatusState
    tag: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code: None | str
        code = self.code

        detail: None | str
        detail = self.detail

        file_id = str(self.file_id)

        frames = []
        for frames_item_data in self.frames:
            frames_item = str(frames_item_data)
            frames.append(frames_item)

        state: str = self.state

        tag: None | str
        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "detail": detail,
                "file_id": file_id,
                "frames": frames,
                "state": state,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        code = _parse_code(d.pop("code"))

        def _parse_detail(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        detail = _parse_detail(d.pop("detail"))

        file_id = UUID(d.pop("file_id"))

        frames = []
        _frames = d.pop("frames")
        for frames_item_data in _frames:
            frames_item = UUID(frames_item_data)

            frames.append(frames_item)

        state = check_file_status_state(d.pop("state"))

        def _parse_tag(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tag = _parse_tag(d.pop("tag"))

        file_status = cls(
            code=code,
            detail=detail,
            file_id=file_id,
            frames=frames,
            state=state,
            tag=tag,
        )

        file_status.additional_properties = d
        return file_status

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
