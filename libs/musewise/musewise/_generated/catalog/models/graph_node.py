from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.lineage_frame import LineageFrame


T = TypeVar("T", bound="GraphNode")


@_attrs_define
class GraphNode:
    """A frame in a graph, and the run that made it.

    Attributes:
        depth (int): shortest way from the root, in runs
        frame (LineageFrame): The part of a frame that a lineage tree shows.
        id (str): frame_id; file_id if the frame is not here
        recipe (None | str):
        task_id (None | UUID):
    """

    depth: int
    frame: LineageFrame
    id: str
    recipe: None | str
    task_id: None | UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        depth = self.depth

        frame = self.frame.to_dict()

        id = self.id

        recipe: None | str
        recipe = self.recipe

        task_id: None | str
        if isinstance(self.task_id, UUID):
            task_id = str(self.task_id)
        else:
            task_id = self.task_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "depth": depth,
                "frame": frame,
                "id": id,
                "recipe": recipe,
                "task_id": task_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.lineage_frame import LineageFrame  # noqa: PLC0415

        d = dict(src_dict)
        depth = d.pop("depth")

        frame = LineageFrame.from_dict(d.pop("frame"))

        id = d.pop("id")

        def _parse_recipe(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        recipe = _parse_recipe(d.pop("recipe"))

        def _parse_task_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                task_id_type_0 = UUID(data)

                return task_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        task_id = _parse_task_id(d.pop("task_id"))

        graph_node = cls(
            depth=depth,
            frame=frame,
            id=id,
            recipe=recipe,
            task_id=task_id,
        )

        graph_node.additional_properties = d
        return graph_node

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
