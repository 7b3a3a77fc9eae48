from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.score_entry_score import ScoreEntryScore, check_score_entry_score

if TYPE_CHECKING:
    from ..models.score_entry_limits import ScoreEntryLimits


T = TypeVar("T", bound="ScoreEntry")


@_attrs_define
class ScoreEntry:
    """A QC value against the limits of one version: 0 good, 1 warning, 2 bad.

    Attributes:
        at (datetime.datetime):
        flag (str):
        ifu (int | None):
        limits (ScoreEntryLimits): warn and bad, unit, since, until, source
        limits_version (int):
        name (str):
        score (ScoreEntryScore):
        value (float):
    """

    at: datetime.datetime
    flag: str
    ifu: int | None
    limits: ScoreEntryLimits
    limits_version: int
    name: str
    score: ScoreEntryScore
    value: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        flag = self.flag

        ifu: int | None
        ifu = self.ifu

        limits = self.limits.to_dict()

        limits_version = self.limits_version

        name = self.name

        score: int = self.score

        value = self.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "flag": flag,
                "ifu": ifu,
                "limits": limits,
                "limits_version": limits_version,
                "name": name,
                "score": score,
                "value": value,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.score_entry_limits import ScoreEntryLimits  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        flag = d.pop("flag")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        limits = ScoreEntryLimits.from_dict(d.pop("limits"))

        limits_version = d.pop("limits_version")

        name = d.pop("name")

        score = check_score_entry_score(d.pop("score"))

        value = d.pop("value")

        score_entry = cls(
            at=at,
            flag=flag,
            ifu=ifu,
            limits=limits,
            limits_version=limits_version,
            name=name,
            score=score,
            value=value,
        )

        score_entry.additional_properties = d
        return score_entry

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
