from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="MadeFrom")


@_attrs_define
class MadeFrom:
    """The object named (by its id, or the beginning of one) is among its ancestors.

    Attributes:
        object_id (str):
        depth (int | None | Unset):
        is_ (Literal['made_from'] | Unset):  Default: 'made_from'.
    """

    object_id: str
    depth: int | None | Unset = UNSET
    is_: Literal["made_from"] | Unset = "made_from"

    def to_dict(self) -> dict[str, Any]:
        object_id = self.object_id

        depth: int | None | Unset
        if isinstance(self.depth, Unset):
            depth = UNSET
        else:
            depth = self.depth

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "object_id": object_id,
            }
        )
        if depth is not UNSET:
            field_dict["depth"] = depth
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        object_id = d.pop("object_id")

        def _parse_depth(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        depth = _parse_depth(d.pop("depth", UNSET))

        is_ = cast(Literal["made_from"] | Unset, d.pop("is", UNSET))
        if is_ != "made_from" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'made_from', got '{is_}'")

        made_from = cls(
            object_id=object_id,
            depth=depth,
            is_=is_,
        )

        return made_from
