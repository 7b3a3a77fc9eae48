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

from ..models.compare_operator import CompareOperator, check_compare_operator
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.attribute import Attribute
    from ..models.day import Day
    from ..models.header_keyword import HeaderKeyword
    from ..models.instant import Instant
    from ..models.qc_parameter import QcParameter


T = TypeVar("T", bound="Compare")


@_attrs_define
class Compare:
    """A comparison with a value.

    Attributes:
        operator (CompareOperator):
        path (Attribute | HeaderKeyword | QcParameter):
        value (bool | Day | float | Instant | int | str):
        is_ (Literal['compare'] | Unset):  Default: 'compare'.
    """

    operator: CompareOperator
    path: Attribute | HeaderKeyword | QcParameter
    value: bool | Day | float | Instant | int | str
    is_: Literal["compare"] | Unset = "compare"

    def to_dict(self) -> dict[str, Any]:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.day import Day  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.instant import Instant  # noqa: PLC0415

        operator: str = self.operator

        path: dict[str, Any]
        if isinstance(self.path, Attribute):
            path = self.path.to_dict()
        elif isinstance(self.path, HeaderKeyword):
            path = self.path.to_dict()
        else:
            path = self.path.to_dict()

        value: bool | dict[str, Any] | float | int | str
        if isinstance(self.value, Day):
            value = self.value.to_dict()
        elif isinstance(self.value, Instant):
            value = self.value.to_dict()
        else:
            value = self.value

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "operator": operator,
                "path": path,
                "value": value,
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
        operator = check_compare_operator(d.pop("operator"))

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

        def _parse_value(data: object) -> bool | Day | float | Instant | int | str:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                value_type_4 = Day.from_dict(data)

                return value_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                value_type_5 = Instant.from_dict(data)

                return value_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(bool | Day | float | Instant | int | str, data)

        value = _parse_value(d.pop("value"))

        is_ = cast(Literal["compare"] | Unset, d.pop("is", UNSET))
        if is_ != "compare" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'compare', got '{is_}'")

        compare = cls(
            operator=operator,
            path=path,
            value=value,
            is_=is_,
        )

        return compare
