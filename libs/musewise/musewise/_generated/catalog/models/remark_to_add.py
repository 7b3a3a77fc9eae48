from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.remark_to_add_grade_type_0 import (
    RemarkToAddGradeType0,
    check_remark_to_add_grade_type_0,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="RemarkToAdd")


@_attrs_define
class RemarkToAdd:
    """A comment; with a grade it is an assessment.

    Attributes:
        text (str):
        grade (None | RemarkToAddGradeType0 | Unset):
        view (None | str | Unset): what was looked at: x=173&y=73&lam=7000
    """

    text: str
    grade: None | RemarkToAddGradeType0 | Unset = UNSET
    view: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        grade: None | str | Unset
        if isinstance(self.grade, Unset):
            grade = UNSET
        elif isinstance(self.grade, str):
            grade = self.grade
        else:
            grade = self.grade

        view: None | str | Unset
        if isinstance(self.view, Unset):
            view = UNSET
        else:
            view = self.view

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "text": text,
            }
        )
        if grade is not UNSET:
            field_dict["grade"] = grade
        if view is not UNSET:
            field_dict["view"] = view

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        def _parse_grade(data: object) -> None | RemarkToAddGradeType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grade_type_0 = check_remark_to_add_grade_type_0(data)

                return grade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RemarkToAddGradeType0 | Unset, data)

        grade = _parse_grade(d.pop("grade", UNSET))

        def _parse_view(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        view = _parse_view(d.pop("view", UNSET))

        remark_to_add = cls(
            text=text,
            grade=grade,
            view=view,
        )

        return remark_to_add
