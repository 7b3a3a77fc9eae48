from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.attribute import Attribute
    from ..models.day import Day
    from ..models.header_keyword import HeaderKeyword
    from ..models.instant import Instant
    from ..models.qc_parameter import QcParameter


T = TypeVar("T", bound="In")


@_attrs_define
class In:
    """One of several values.

    Attributes:
        path (Attribute | HeaderKeyword | QcParameter):
        values (list[bool | Day | float | Instant | int | str]):
        is_ (Literal['in'] | Unset):  Default: 'in'.
    """

    path: Attribute | HeaderKeyword | QcParameter
    values: list[bool | Day | float | Instant | int | str]
    is_: Literal["in"] | Unset = "in"

    def to_dict(self) -> dict[str, Any]:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.day import Day  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.instant import Instant  # noqa: PLC0415

        path: dict[str, Any]
        if isinstance(self.path, Attribute):
            path = self.path.to_dict()
        elif isinstance(self.path, HeaderKeyword):
            path = self.path.to_dict()
        else:
            path = self.path.to_dict()

        values = []
        for values_item_data in self.values:
            values_item: bool | dict[str, Any] | float | int | str
            if isinstance(values_item_data, Day):
                values_item = values_item_data.to_dict()
            elif isinstance(values_item_data, Instant):
                values_item = values_item_data.to_dict()
            else:
                values_item = values_item_data
            values.append(values_item)

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "values": values,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.day import Day  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.instant import Instant  # noqa: PLC0415
        from ..models.qc_parameter import QcParameter  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_path(data: object) -> Attribute | HeaderKeyword | QcParameter:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                path_type_0 = Attribute.from_dict(data)

                return path_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                path_type_1 = HeaderKeyword.from_dict(data)

                return path_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            path_type_2 = QcParameter.from_dict(data)

            return path_type_2

        path = _parse_path(d.pop("path"))

        values = []
        _values = d.pop("values")
        for values_item_data in _values:

            def _parse_values_item(
                data: object,
            ) -> bool | Day | float | Instant | int | str:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    values_item_type_4 = Day.from_dict(data)

                    return values_item_type_4
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    values_item_type_5 = Instant.from_dict(data)

                    return values_item_type_5
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(bool | Day | float | Instant | int | str, data)

            values_item = _parse_values_item(values_item_data)

            values.append(values_item)

        is_ = cast(Literal["in"] | Unset, d.pop("is", UNSET))
        if is_ != "in" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'in', got '{is_}'")

        in_ = cls(
            path=path,
            values=values,
            is_=is_,
        )

        return in_
