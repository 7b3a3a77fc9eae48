from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Gate")


@_attrs_define
class Gate:
    """A site or a pool that is paused.

    Attributes:
        kind (str):
        name (str):
        reason (str):
        since (datetime.datetime):
        who (str):
    """

    kind: str
    name: str
    reason: str
    since: datetime.datetime
    who: str

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        name = self.name

        reason = self.reason

        since = self.since.isoformat()

        who = self.who

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "name": name,
                "reason": reason,
                "since": since,
                "who": who,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = d.pop("kind")

        name = d.pop("name")

        reason = d.pop("reason")

        since = datetime.datetime.fromisoformat(d.pop("since"))

        who = d.pop("who")

        gate = cls(
            kind=kind,
            name=name,
            reason=reason,
            since=since,
            who=who,
        )

        return gate
