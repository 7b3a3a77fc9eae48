from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.copy_state_state import CopyStateState, check_copy_state_state

T = TypeVar("T", bound="CopyState")


@_attrs_define
class CopyState:
    """What the gateway found when it looked at a copy itself.

    ``good``: the bytes are right, they were damaged on their way; ``replaced``: they
    were wrong, and another copy took their place; ``bad``: wrong, and no other copy.

        Attributes:
            sha256 (str): of the bytes that were found
            site (str):
            source (None | str): where the good copy was: project/filename
            state (CopyStateState):
    """

    sha256: str
    site: str
    source: None | str
    state: CopyStateState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sha256 = self.sha256

        site = self.site

        source: None | str
        source = self.source

        state: str = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sha256": sha256,
                "site": site,
                "source": source,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sha256 = d.pop("sha256")

        site = d.pop("site")

        def _parse_source(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source = _parse_source(d.pop("source"))

        state = check_copy_state_state(d.pop("state"))

        copy_state = cls(
            sha256=sha256,
            site=site,
            source=source,
            state=state,
        )

        copy_state.additional_properties = d
        return copy_state

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
