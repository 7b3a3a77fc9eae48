from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.lineage_frame import LineageFrame
    from ..models.task_run import TaskRun


T = TypeVar("T", bound="LineageNode")


@_attrs_define
class LineageNode:
    """A frame, the run that made it, and what went in; downwards, what was made of it.

    A subtree that was given before is given by `ref` only. `tag` is the role: what the
    frame was to the run between it and the node above.

        Attributes:
            frame (LineageFrame | None):
            inputs (list[LineageNode]):
            ref (None | UUID): frame_id of the node given before
            tag (str):
            task (None | TaskRun):
            used_by (list[LineageNode] | Unset):
    """

    frame: LineageFrame | None
    inputs: list[LineageNode]
    ref: None | UUID
    tag: str
    task: None | TaskRun
    used_by: list[LineageNode] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.lineage_frame import LineageFrame  # noqa: PLC0415
        from ..models.task_run import TaskRun  # noqa: PLC0415

        frame: dict[str, Any] | None
        if isinstance(self.frame, LineageFrame):
            frame = self.frame.to_dict()
        else:
            frame = self.frame

        inputs = []
        for inputs_item_data in self.inputs:
            inputs_item = inputs_item_data.to_dict()
            inputs.append(inputs_item)

        ref: None | str
        if isinstance(self.ref, UUID):
            ref = str(self.ref)
        else:
            ref = self.ref

        tag = self.tag

        task: dict[str, Any] | None
        if isinstance(self.task, TaskRun):
            task = self.task.to_dict()
        else:
            task = self.task

        used_by: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.used_by, Unset):
            used_by = []
            for used_by_item_data in self.used_by:
                used_by_item = used_by_item_data.to_dict()
                used_by.append(used_by_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "frame": frame,
                "inputs": inputs,
                "ref": ref,
                "tag": tag,
                "task": task,
            }
        )
        if used_by is not UNSET:
            field_dict["used_by"] = used_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.lineage_frame import LineageFrame  # noqa: PLC0415
        from ..models.task_run import TaskRun  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_frame(data: object) -> LineageFrame | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                frame_type_0 = LineageFrame.from_dict(data)

                return frame_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LineageFrame | None, data)

        frame = _parse_frame(d.pop("frame"))

        inputs = []
        _inputs = d.pop("inputs")
        for inputs_item_data in _inputs:
            inputs_item = LineageNode.from_dict(inputs_item_data)

            inputs.append(inputs_item)

        def _parse_ref(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ref_type_0 = UUID(data)

                return ref_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        ref = _parse_ref(d.pop("ref"))

        tag = d.pop("tag")

        def _parse_task(data: object) -> None | TaskRun:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                task_type_0 = TaskRun.from_dict(data)

                return task_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TaskRun, data)

        task = _parse_task(d.pop("task"))

        _used_by = d.pop("used_by", UNSET)
        used_by: list[LineageNode] | Unset = UNSET
        if _used_by is not UNSET:
            used_by = []
            for used_by_item_data in _used_by:
                used_by_item = LineageNode.from_dict(used_by_item_data)

                used_by.append(used_by_item)

        lineage_node = cls(
            frame=frame,
            inputs=inputs,
            ref=ref,
            tag=tag,
            task=task,
            used_by=used_by,
        )

        lineage_node.additional_properties = d
        return lineage_node

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
