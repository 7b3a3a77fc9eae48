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


T = TypeVar("T", bound="Between")


@_attrs_define
class Between:
    """A range, both ends included.

    Attributes:
        high (bool | Day | float | Instant | int | str):
        low (bool | Day | float | Instant | int | str):
        path (Attribute | HeaderKeyword | QcParameter):
        is_ (Literal['between'] | Unset):  Default: 'between'.
    """

    high: bool | Day | float | Instant | int | str
    low: bool | Day | float | Instant | int | str
    path: Attribute | HeaderKeyword | QcParameter
    is_: Literal["between"] | Unset = "between"

    def to_dict(self) -> dict[str, Any]:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.day import Day  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.instant import Instant  # noqa: PLC0415

        high: bool | dict[str, Any] | float | int | str
        if isinstance(self.high, Day):
            high = self.high.to_dict()
        elif isinstance(self.high, Instant):
            high = self.high.to_dict()
        else:
            high = self.high

        low: bool | dict[str, Any] | float | int | str
        if isinstance(self.low, Day):
            low = self.low.to_dict()
        elif isinstance(self.low, Instant):
            low = self.low.to_dict()
        else:
            low = self.low

        path: dict[str, Any]
        if isinstance(self.path, Attribute):
            path = self.path.to_dict()
        elif isinstance(self.path, HeaderKeyword):
            path = self.path.to_dict()
        else:
            path = self.path.to_dict()

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "high": high,
                "low": low,
                "path": path,
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

        def _parse_high(data: object) -> bool | Day | float | Instant | int | str:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                high_type_4 = Day.from_dict(data)

                return high_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                high_type_5 = Instant.from_dict(data)

                return high_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(bool | Day | float | Instant | int | str, data)

        high = _parse_high(d.pop("high"))

        def _parse_low(data: object) -> bool | Day | float | Instant | int | str:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                low_type_4 = Day.from_dict(data)

                return low_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                low_type_5 = Instant.from_dict(data)

                return low_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(bool | Day | float | Instant | int | str, data)

        low = _parse_low(d.pop("low"))

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

        is_ = cast(Literal["between"] | Unset, d.pop("is", UNSET))
        if is_ != "between" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'between', got '{is_}'")

        between = cls(
            high=high,
            low=low,
            path=path,
            is_=is_,
        )

        return between
