from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="NewProject")


@_attrs_define
class NewProject:
    """A project to be made; its maker owns it.

    Attributes:
        name (str):
        doc (str | Unset):  Default: ''.
    """

    name: str
    doc: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        doc = self.doc

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if doc is not UNSET:
            field_dict["doc"] = doc

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        doc = d.pop("doc", UNSET)

        new_project = cls(
            name=name,
            doc=doc,
        )

        return new_project
