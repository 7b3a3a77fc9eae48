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
    from ..models.header_keyword import HeaderKeyword
    from ..models.qc_parameter import QcParameter


T = TypeVar("T", bound="IsNull")


@_attrs_define
class IsNull:
    """Nothing is known of it.

    Attributes:
        path (Attribute | HeaderKeyword | QcParameter):
        is_ (Literal['null'] | Unset):  Default: 'null'.
    """

    path: Attribute | HeaderKeyword | QcParameter
    is_: Literal["null"] | Unset = "null"

    def to_dict(self) -> dict[str, Any]:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415

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
                "path": path,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
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

        is_ = cast(Literal["null"] | Unset, d.pop("is", UNSET))
        if is_ != "null" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'null', got '{is_}'")

        is_null = cls(
            path=path,
            is_=is_,
        )

        return is_null
