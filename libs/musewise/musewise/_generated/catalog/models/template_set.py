from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TemplateSet")


@_attrs_define
class TemplateSet:
    """The raw frames of one class that one template took.

    Attributes:
        complete (bool): the template has all its exposures here
        ins_mode (None | str):
        n (int): exposures of this class
        nexp (int | None): TPL.NEXP of the template
        night (datetime.date | None):
        project (str):
        quality_flags (list[str]):
        tag (str):
        tpl_id (None | str):
        tpl_start (str):
    """

    complete: bool
    ins_mode: None | str
    n: int
    nexp: int | None
    night: datetime.date | None
    project: str
    quality_flags: list[str]
    tag: str
    tpl_id: None | str
    tpl_start: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        complete = self.complete

        ins_mode: None | str
        ins_mode = self.ins_mode

        n = self.n

        nexp: int | None
        nexp = self.nexp

        night: None | str
        if isinstance(self.night, datetime.date):
            night = self.night.isoformat()
        else:
            night = self.night

        project = self.project

        quality_flags = self.quality_flags

        tag = self.tag

        tpl_id: None | str
        tpl_id = self.tpl_id

        tpl_start = self.tpl_start

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "complete": complete,
                "ins_mode": ins_mode,
                "n": n,
                "nexp": nexp,
                "night": night,
                "project": project,
                "quality_flags": quality_flags,
                "tag": tag,
                "tpl_id": tpl_id,
                "tpl_start": tpl_start,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        complete = d.pop("complete")

        def _parse_ins_mode(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ins_mode = _parse_ins_mode(d.pop("ins_mode"))

        n = d.pop("n")

        def _parse_nexp(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        nexp = _parse_nexp(d.pop("nexp"))

        def _parse_night(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                night_type_0 = datetime.date.fromisoformat(data)

                return night_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        night = _parse_night(d.pop("night"))

        project = d.pop("project")

        quality_flags = cast(list[str], d.pop("quality_flags"))

        tag = d.pop("tag")

        def _parse_tpl_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tpl_id = _parse_tpl_id(d.pop("tpl_id"))

        tpl_start = d.pop("tpl_start")

        template_set = cls(
            complete=complete,
            ins_mode=ins_mode,
            n=n,
            nexp=nexp,
            night=night,
            project=project,
            quality_flags=quality_flags,
            tag=tag,
            tpl_id=tpl_id,
            tpl_start=tpl_start,
        )

        template_set.additional_properties = d
        return template_set

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
