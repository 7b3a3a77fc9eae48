from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.remark_grade_type_0 import RemarkGradeType0, check_remark_grade_type_0

T = TypeVar("T", bound="Remark")


@_attrs_define
class Remark:
    """A comment or an assessment, when and by whom.

    Attributes:
        at (datetime.datetime):
        by (str):
        grade (None | RemarkGradeType0):
        id (int):
        text (str):
        view (None | str):
    """

    at: datetime.datetime
    by: str
    grade: None | RemarkGradeType0
    id: int
    text: str
    view: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        by = self.by

        grade: None | str
        if isinstance(self.grade, str):
            grade = self.grade
        else:
            grade = self.grade

        id = self.id

        text = self.text

        view: None | str
        view = self.view

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "by": by,
                "grade": grade,
                "id": id,
                "text": text,
                "view": view,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        by = d.pop("by")

        def _parse_grade(data: object) -> None | RemarkGradeType0:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grade_type_0 = check_remark_grade_type_0(data)

                return grade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RemarkGradeType0, data)

        grade = _parse_grade(d.pop("grade"))

        id = d.pop("id")

        text = d.pop("text")

        def _parse_view(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        view = _parse_view(d.pop("view"))

        remark = cls(
            at=at,
            by=by,
            grade=grade,
            id=id,
            text=text,
            view=view,
        )

        remark.additional_properties = d
        return remark

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
