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

T = TypeVar("T", bound="QcParameter")


@_attrs_define
class QcParameter:
    """A QC value of a product (``QC BIAS MASTER1 RON``), of one IFU if it is named.

    Attributes:
        name (str):
        ifu (int | None | Unset):
        kind (Literal['qc'] | Unset):  Default: 'qc'.
    """

    name: str
    ifu: int | None | Unset = UNSET
    kind: Literal["qc"] | Unset = "qc"

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        ifu: int | None | Unset
        if isinstance(self.ifu, Unset):
            ifu = UNSET
        else:
            ifu = self.ifu

        kind = self.kind

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if ifu is not UNSET:
            field_dict["ifu"] = ifu
        if kind is not UNSET:
            field_dict["kind"] = kind

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_ifu(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        ifu = _parse_ifu(d.pop("ifu", UNSET))

        kind = cast(Literal["qc"] | Unset, d.pop("kind", UNSET))
        if kind != "qc" and not isinstance(kind, Unset):
            raise ValueError(f"kind must match const 'qc', got '{kind}'")

        qc_parameter = cls(
            name=name,
            ifu=ifu,
            kind=kind,
        )

        return qc_parameter
