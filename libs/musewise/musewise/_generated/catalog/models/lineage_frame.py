from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.lineage_frame_is_valid import (
    LineageFrameIsValid,
    check_lineage_frame_is_valid,
)
from ..models.lineage_frame_kind_type_0 import (
    LineageFrameKindType0,
    check_lineage_frame_kind_type_0,
)
from ..models.lineage_frame_state_type_0 import (
    LineageFrameStateType0,
    check_lineage_frame_state_type_0,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="LineageFrame")


@_attrs_define
class LineageFrame:
    """The part of a frame that a lineage tree shows.

    Attributes:
        arcfile (None | str):
        content_key (None | str): null: pending
        file_id (UUID):
        filename (str):
        frame_id (None | UUID): null: not in the catalogue
        ifu (int | None):
        is_valid (LineageFrameIsValid):
        kind (LineageFrameKindType0 | None):
        night (datetime.date | None):
        pending (bool): named by a header; no file that is known to be it has come
        quality_flags (list[str]):
        recipe (None | str):
        sha256 (None | str): null: pending
        size (int | None):
        state (LineageFrameStateType0 | None):
        tag (str):
        data_md5 (None | str | Unset): DATAMD5 that a header gives for this input
        grade (None | str | Unset):
    """

    arcfile: None | str
    content_key: None | str
    file_id: UUID
    filename: str
    frame_id: None | UUID
    ifu: int | None
    is_valid: LineageFrameIsValid
    kind: LineageFrameKindType0 | None
    night: datetime.date | None
    pending: bool
    quality_flags: list[str]
    recipe: None | str
    sha256: None | str
    size: int | None
    state: LineageFrameStateType0 | None
    tag: str
    data_md5: None | str | Unset = UNSET
    grade: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        arcfile: None | str
        arcfile = self.arcfile

        content_key: None | str
        content_key = self.content_key

        file_id = str(self.file_id)

        filename = self.filename

        frame_id: None | str
        if isinstance(self.frame_id, UUID):
            frame_id = str(self.frame_id)
        else:
            frame_id = self.frame_id

        ifu: int | None
        ifu = self.ifu

        is_valid: str = self.is_valid

        kind: None | str
        if isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        night: None | str
        if isinstance(self.night, datetime.date):
            night = self.night.isoformat()
        else:
            night = self.night

        pending = self.pending

        quality_flags = self.quality_flags

        recipe: None | str
        recipe = self.recipe

        sha256: None | str
        sha256 = self.sha256

        size: int | None
        size = self.size

        state: None | str
        if isinstance(self.state, str):
            state = self.state
        else:
            state = self.state

        tag = self.tag

        data_md5: None | str | Unset
        if isinstance(self.data_md5, Unset):
            data_md5 = UNSET
        else:
            data_md5 = self.data_md5

        grade: None | str | Unset
        if isinstance(self.grade, Unset):
            grade = UNSET
        else:
            grade = self.grade

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "arcfile": arcfile,
                "content_key": content_key,
                "file_id": file_id,
                "filename": filename,
                "frame_id": frame_id,
                "ifu": ifu,
                "is_valid": is_valid,
                "kind": kind,
                "night": night,
                "pending": pending,
                "quality_flags": quality_flags,
                "recipe": recipe,
                "sha256": sha256,
                "size": size,
                "state": state,
                "tag": tag,
            }
        )
        if data_md5 is not UNSET:
            field_dict["data_md5"] = data_md5
        if grade is not UNSET:
            field_dict["grade"] = grade

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_arcfile(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        arcfile = _parse_arcfile(d.pop("arcfile"))

        def _parse_content_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        content_key = _parse_content_key(d.pop("content_key"))

        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

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

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        is_valid = check_lineage_frame_is_valid(d.pop("is_valid"))

        def _parse_kind(data: object) -> LineageFrameKindType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = check_lineage_frame_kind_type_0(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LineageFrameKindType0 | None, data)

        kind = _parse_kind(d.pop("kind"))

        def _parse_night(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                night_type_0 = datetime.date.fromisoformat(data)

                return night_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        night = _parse_night(d.pop("night"))

        pending = d.pop("pending")

        quality_flags = cast(list[str], d.pop("quality_flags"))

        def _parse_recipe(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        recipe = _parse_recipe(d.pop("recipe"))

        def _parse_sha256(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sha256 = _parse_sha256(d.pop("sha256"))

        def _parse_size(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size = _parse_size(d.pop("size"))

        def _parse_state(data: object) -> LineageFrameStateType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                state_type_0 = check_lineage_frame_state_type_0(data)

                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LineageFrameStateType0 | None, data)

        state = _parse_state(d.pop("state"))

        tag = d.pop("tag")

        def _parse_data_md5(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        data_md5 = _parse_data_md5(d.pop("data_md5", UNSET))

        def _parse_grade(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        grade = _parse_grade(d.pop("grade", UNSET))

        lineage_frame = cls(
            arcfile=arcfile,
            content_key=content_key,
            file_id=file_id,
            filename=filename,
            frame_id=frame_id,
            ifu=ifu,
            is_valid=is_valid,
            kind=kind,
            night=night,
            pending=pending,
            quality_flags=quality_flags,
            recipe=recipe,
            sha256=sha256,
            size=size,
            state=state,
            tag=tag,
            data_md5=data_md5,
            grade=grade,
        )

        lineage_frame.additional_properties = d
        return lineage_frame

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
