from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.registered_state import RegisteredState, check_registered_state

T = TypeVar("T", bound="Registered")


@_attrs_define
class Registered:
    """What became of one row.

    Attributes:
        code (None | str):
        detail (None | str):
        file_id (None | UUID):
        frame_id (None | UUID):
        name (str):
        state (RegisteredState):
        tag (None | str):
    """

    code: None | str
    detail: None | str
    file_id: None | UUID
    frame_id: None | UUID
    name: str
    state: RegisteredState
    tag: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code: None | str
        code = self.code

        detail: None | str
        detail = self.detail

        file_id: None | str
        if isinstance(self.file_id, UUID):
            file_id = str(self.file_id)
        else:
            file_id = self.file_id

        frame_id: None | str
        if isinstance(self.frame_id, UUID):
            frame_id = str(self.frame_id)
        else:
            frame_id = self.frame_id

        name = self.name

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
                "frame_id": frame_id,
                "name": name,
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

        def _parse_frame_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                frame_id_type_0 = UUID(data)

                return frame_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        frame_id = _parse_frame_id(d.pop("frame_id"))

        name = d.pop("name")

        state = check_registered_state(d.pop("state"))

        def _parse_tag(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tag = _parse_tag(d.pop("tag"))

        registered = cls(
            code=code,
            detail=detail,
            file_id=file_id,
            frame_id=frame_id,
            name=name,
            state=state,
            tag=tag,
        )

        registered.additional_properties = d
        return registered

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
