from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Attribute")


@_attrs_define
class Attribute:
    """An attribute of the objects, or of what they link to.

    ``DATE_OBS``, ``night``, ``fwhm``, ``processing.pipeline_version``; capitals do not
    matter.

        Attributes:
            name (str):
            kind (Literal['attribute'] | Unset):  Default: 'attribute'.
    """

    name: str
    kind: Literal["attribute"] | Unset = "attribute"

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        kind = self.kind

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if kind is not UNSET:
            field_dict["kind"] = kind

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        kind = cast(Literal["attribute"] | Unset, d.pop("kind", UNSET))
        if kind != "attribute" and not isinstance(kind, Unset):
            raise ValueError(f"kind must match const 'attribute', got '{kind}'")

        attribute = cls(
            name=name,
            kind=kind,
        )

        return attribute
