from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.aggregate_function import AggregateFunction, check_aggregate_function
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.attribute import Attribute
    from ..models.header_keyword import HeaderKeyword
    from ..models.qc_parameter import QcParameter


T = TypeVar("T", bound="Aggregate")


@_attrs_define
class Aggregate:
    """A number for each group: how many, or one of the values of an attribute.

    ``count`` without a path counts objects, with one those of which it is known;
    ``stddev`` is that of a sample (n - 1).

        Attributes:
            function (AggregateFunction):
            name (str):
            path (Attribute | HeaderKeyword | None | QcParameter | Unset):
    """

    function: AggregateFunction
    name: str
    path: Attribute | HeaderKeyword | None | QcParameter | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.qc_parameter import QcParameter  # noqa: PLC0415

        function: str = self.function

        name = self.name

        path: dict[str, Any] | None | Unset
        if isinstance(self.path, Unset):
            path = UNSET
        elif isinstance(self.path, Attribute):
            path = self.path.to_dict()
        elif isinstance(self.path, HeaderKeyword):
            path = self.path.to_dict()
        elif isinstance(self.path, QcParameter):
            path = self.path.to_dict()
        else:
            path = self.path

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "function": function,
                "name": name,
            }
        )
        if path is not UNSET:
            field_dict["path"] = path

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.qc_parameter import QcParameter  # noqa: PLC0415

        d = dict(src_dict)
        function = check_aggregate_function(d.pop("function"))

        name = d.pop("name")

        def _parse_path(
            data: object,
        ) -> Attribute | HeaderKeyword | None | QcParameter | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                path_type_0_type_0 = Attribute.from_dict(data)

                return path_type_0_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                path_type_0_type_1 = HeaderKeyword.from_dict(data)

                return path_type_0_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                path_type_0_type_2 = QcParameter.from_dict(data)

                return path_type_0_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Attribute | HeaderKeyword | None | QcParameter | Unset, data)

        path = _parse_path(d.pop("path", UNSET))

        aggregate = cls(
            function=function,
            name=name,
            path=path,
        )

        return aggregate
