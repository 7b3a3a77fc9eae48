from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Refusal")


@_attrs_define
class Refusal:
    """Why something was not done, as a problem document says it.

    Attributes:
        code (str):
        detail (str):
        status (int):
    """

    code: str
    detail: str
    status: int

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        detail = self.detail

        status = self.status

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "detail": detail,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        detail = d.pop("detail")

        status = d.pop("status")

        refusal = cls(
            code=code,
            detail=detail,
            status=status,
        )

        return refusal
