from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.other_version_set_parameters import OtherVersionSetParameters
    from ..models.shown_difference import ShownDifference


T = TypeVar("T", bound="OtherVersion")


@_attrs_define
class OtherVersion:
    """Another version of the same product: same recipe, IFU and group.

    Attributes:
        differences (list[ShownDifference]):
        frame_ids (list[UUID]):
        set_parameters (OtherVersionSetParameters):
        state (str):
        task_id (UUID):
    """

    differences: list[ShownDifference]
    frame_ids: list[UUID]
    set_parameters: OtherVersionSetParameters
    state: str
    task_id: UUID

    def to_dict(self) -> dict[str, Any]:
        differences = []
        for differences_item_data in self.differences:
            differences_item = differences_item_data.to_dict()
            differences.append(differences_item)

        frame_ids = []
        for frame_ids_item_data in self.frame_ids:
            frame_ids_item = str(frame_ids_item_data)
            frame_ids.append(frame_ids_item)

        set_parameters = self.set_parameters.to_dict()

        state = self.state

        task_id = str(self.task_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "differences": differences,
                "frame_ids": frame_ids,
                "set_parameters": set_parameters,
                "state": state,
                "task_id": task_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.other_version_set_parameters import OtherVersionSetParameters  # noqa: PLC0415
        from ..models.shown_difference import ShownDifference  # noqa: PLC0415

        d = dict(src_dict)
        differences = []
        _differences = d.pop("differences")
        for differences_item_data in _differences:
            differences_item = ShownDifference.from_dict(differences_item_data)

            differences.append(differences_item)

        frame_ids = []
        _frame_ids = d.pop("frame_ids")
        for frame_ids_item_data in _frame_ids:
            frame_ids_item = UUID(frame_ids_item_data)

            frame_ids.append(frame_ids_item)

        set_parameters = OtherVersionSetParameters.from_dict(d.pop("set_parameters"))

        state = d.pop("state")

        task_id = UUID(d.pop("task_id"))

        other_version = cls(
            differences=differences,
            frame_ids=frame_ids,
            set_parameters=set_parameters,
            state=state,
            task_id=task_id,
        )

        return other_version
