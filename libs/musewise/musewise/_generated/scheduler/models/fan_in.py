from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.fan_in_policy import FanInPolicy, check_fan_in_policy
from ..types import UNSET, Unset

T = TypeVar("T", bound="FanIn")


@_attrs_define
class FanIn:
    """How a barrier recipe treats IFUs that failed.

    ``all``: every planned IFU; ``at_least``: ``k`` of them suffice;
    ``listed``: exactly ``ifus``.

        Attributes:
            ifus (list[int] | None | Unset):
            k (int | None | Unset):
            policy (FanInPolicy | Unset):  Default: 'all'.
    """

    ifus: list[int] | None | Unset = UNSET
    k: int | None | Unset = UNSET
    policy: FanInPolicy | Unset = "all"

    def to_dict(self) -> dict[str, Any]:
        ifus: list[int] | None | Unset
        if isinstance(self.ifus, Unset):
            ifus = UNSET
        elif isinstance(self.ifus, list):
            ifus = self.ifus

        else:
            ifus = self.ifus

        k: int | None | Unset
        if isinstance(self.k, Unset):
            k = UNSET
        else:
            k = self.k

        policy: str | Unset = UNSET
        if not isinstance(self.policy, Unset):
            policy = self.policy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ifus is not UNSET:
            field_dict["ifus"] = ifus
        if k is not UNSET:
            field_dict["k"] = k
        if policy is not UNSET:
            field_dict["policy"] = policy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_ifus(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                ifus_type_0 = cast(list[int], data)

                return ifus_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        ifus = _parse_ifus(d.pop("ifus", UNSET))

        def _parse_k(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        k = _parse_k(d.pop("k", UNSET))

        _policy = d.pop("policy", UNSET)
        policy: FanInPolicy | Unset
        if isinstance(_policy, Unset):
            policy = UNSET
        else:
            policy = check_fan_in_policy(_policy)

        fan_in = cls(
            ifus=ifus,
            k=k,
            policy=policy,
        )

        return fan_in
