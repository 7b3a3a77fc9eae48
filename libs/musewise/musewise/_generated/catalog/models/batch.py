from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.edit import Edit


T = TypeVar("T", bound="Batch")


@_attrs_define
class Batch:
    """Edits that are made together, or not at all.

    Attributes:
        edits (list[Edit]):
        reason (str):
        dry_run (bool | Unset): true: only say what would follow Default: False.
    """

    edits: list[Edit]
    reason: str
    dry_run: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        edits = []
        for edits_item_data in self.edits:
            edits_item = edits_item_data.to_dict()
            edits.append(edits_item)

        reason = self.reason

        dry_run = self.dry_run

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "edits": edits,
                "reason": reason,
            }
        )
        if dry_run is not UNSET:
            field_dict["dry_run"] = dry_run

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.edit import Edit  # noqa: PLC0415

        d = dict(src_dict)
        edits = []
        _edits = d.pop("edits")
        for edits_item_data in _edits:
            edits_item = Edit.from_dict(edits_item_data)

            edits.append(edits_item)

        reason = d.pop("reason")

        dry_run = d.pop("dry_run", UNSET)

        batch = cls(
            edits=edits,
            reason=reason,
            dry_run=dry_run,
        )

        return batch
