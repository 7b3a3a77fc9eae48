from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.envelope_payload import EnvelopePayload


T = TypeVar("T", bound="Envelope")


@_attrs_define
class Envelope:
    """What travels: one payload with its identity.

    ``message_id`` is the key of the reader's inbox, so a message that arrives
    twice acts once.

        Attributes:
            message_id (UUID):
            name (str):
            payload (EnvelopePayload):
            time (datetime.datetime):
            correlation_id (None | str | Unset):
    """

    message_id: UUID
    name: str
    payload: EnvelopePayload
    time: datetime.datetime
    correlation_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = str(self.message_id)

        name = self.name

        payload = self.payload.to_dict()

        time = self.time.isoformat()

        correlation_id: None | str | Unset
        if isinstance(self.correlation_id, Unset):
            correlation_id = UNSET
        else:
            correlation_id = self.correlation_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
                "name": name,
                "payload": payload,
                "time": time,
            }
        )
        if correlation_id is not UNSET:
            field_dict["correlation_id"] = correlation_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.envelope_payload import EnvelopePayload  # noqa: PLC0415

        d = dict(src_dict)
        message_id = UUID(d.pop("message_id"))

        name = d.pop("name")

        payload = EnvelopePayload.from_dict(d.pop("payload"))

        time = datetime.datetime.fromisoformat(d.pop("time"))

        def _parse_correlation_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        correlation_id = _parse_correlation_id(d.pop("correlation_id", UNSET))

        envelope = cls(
            message_id=message_id,
            name=name,
            payload=payload,
            time=time,
            correlation_id=correlation_id,
        )

        envelope.additional_properties = d
        return envelope

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
