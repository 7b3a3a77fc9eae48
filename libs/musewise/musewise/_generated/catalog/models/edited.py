from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.said import Said


T = TypeVar("T", bound="Edited")


@_attrs_define
class Edited:
    """A frame before and after an edit.

    Attributes:
        after (Said): What people say of a frame at a time.

            ``verdict`` is what was judged last; a proposal waits beside it.
        before (Said): What people say of a frame at a time.

            ``verdict`` is what was judged last; a proposal waits beside it.
        filename (str):
        frame_id (UUID):
        ifu (int | None):
        tag (str):
    """

    after: Said
    before: Said
    filename: str
    frame_id: UUID
    ifu: int | None
    tag: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after = self.after.to_dict()

        before = self.before.to_dict()

        filename = self.filename

        frame_id = str(self.frame_id)

        ifu: int | None
        ifu = self.ifu

        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
                "before": before,
                "filename": filename,
                "frame_id": frame_id,
                "ifu": ifu,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.said import Said  # noqa: PLC0415

        d = dict(src_dict)
        after = Said.from_dict(d.pop("after"))

        before = Said.from_dict(d.pop("before"))

        filename = d.pop("filename")

        frame_id = UUID(d.pop("frame_id"))

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        tag = d.pop("tag")

        edited = cls(
            after=after,
            before=before,
            filename=filename,
            frame_id=frame_id,
            ifu=ifu,
            tag=tag,
        )

        edited.additional_properties = d
        return edited

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
