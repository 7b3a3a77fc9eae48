from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.refusal import Refusal


T = TypeVar("T", bound="Taken")


@_attrs_define
class Taken:
    """The answer about one message: taken (also when it was heard before), or not.

    Attributes:
        message_id (UUID):
        taken (bool):
        refused (None | Refusal | Unset):
    """

    message_id: UUID
    taken: bool
    refused: None | Refusal | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.refusal import Refusal  # noqa: PLC0415

        message_id = str(self.message_id)

        taken = self.taken

        refused: dict[str, Any] | None | Unset
        if isinstance(self.refused, Unset):
            refused = UNSET
        elif isinstance(self.refused, Refusal):
            refused = self.refused.to_dict()
        else:
            refused = self.refused

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "message_id": message_id,
                "taken": taken,
            }
        )
        if refused is not UNSET:
            field_dict["refused"] = refused

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refusal import Refusal  # noqa: PLC0415

        d = dict(src_dict)
        message_id = UUID(d.pop("message_id"))

        taken = d.pop("taken")

        def _parse_refused(data: object) -> None | Refusal | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                refused_type_0 = Refusal.from_dict(data)

                return refused_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Refusal | Unset, data)

        refused = _parse_refused(d.pop("refused", UNSET))

        taken = cls(
            message_id=message_id,
            taken=taken,
            refused=refused,
        )

        return taken
