from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.lineage_frame import LineageFrame


T = TypeVar("T", bound="LineageRow")


@_attrs_define
class LineageRow:
    """One row of a table of kin: a frame in a role.

    Attributes:
        depth (int):
        frame (LineageFrame): The part of a frame that a lineage tree shows.
        recipe (None | str):
        role (str):
    """

    depth: int
    frame: LineageFrame
    recipe: None | str
    role: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        depth = self.depth

        frame = self.frame.to_dict()

        recipe: None | str
        recipe = self.recipe

        role = self.role

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "depth": depth,
                "frame": frame,
                "recipe": recipe,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.lineage_frame import LineageFrame  # noqa: PLC0415

        d = dict(src_dict)
        depth = d.pop("depth")

        frame = LineageFrame.from_dict(d.pop("frame"))

        def _parse_recipe(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        recipe = _parse_recipe(d.pop("recipe"))

        role = d.pop("role")

        lineage_row = cls(
            depth=depth,
            frame=frame,
            recipe=recipe,
            role=role,
        )

        lineage_row.additional_properties = d
        return lineage_row

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
