from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.aggregate import Aggregate
    from ..models.and_ import And
    from ..models.attribute import Attribute
    from ..models.between import Between
    from ..models.box import Box
    from ..models.compare import Compare
    from ..models.cone import Cone
    from ..models.header_keyword import HeaderKeyword
    from ..models.in_ import In
    from ..models.is_null import IsNull
    from ..models.like import Like
    from ..models.made_from import MadeFrom
    from ..models.near import Near
    from ..models.not_ import Not
    from ..models.or_ import Or
    from ..models.order import Order
    from ..models.qc_parameter import QcParameter
    from ..models.used_by import UsedBy


T = TypeVar("T", bound="ObjectQuery")


@_attrs_define
class ObjectQuery:
    """What is asked for, whole.

    Attributes
    ----------
    tag
        The class: ``BIAS``, ``DATACUBE_FINAL``; None: objects of all classes.
    where
        The condition; None: all.
    order
        Several keys; the id comes last by itself, so the order is total.
    columns
        What is given of each object; empty: the usual columns.
    projects
        Of which projects; empty: of all that the caller may know of.
    group
        Objects that have these in common make one row.
    aggregates
        What is given of each group; without a group, of all objects together.

        Attributes:
            aggregates (list[Aggregate] | Unset):
            columns (list[Attribute | HeaderKeyword | QcParameter] | Unset):
            group (list[Attribute | HeaderKeyword | QcParameter] | Unset):
            order (list[Order] | Unset):
            projects (list[str] | Unset):
            tag (None | str | Unset):
            where (And | Between | Box | Compare | Cone | In | IsNull | Like | MadeFrom | Near | None | Not | Or | Unset |
                UsedBy):
    """

    aggregates: list[Aggregate] | Unset = UNSET
    columns: list[Attribute | HeaderKeyword | QcParameter] | Unset = UNSET
    group: list[Attribute | HeaderKeyword | QcParameter] | Unset = UNSET
    order: list[Order] | Unset = UNSET
    projects: list[str] | Unset = UNSET
    tag: None | str | Unset = UNSET
    where: (
        And
        | Between
        | Box
        | Compare
        | Cone
        | In
        | IsNull
        | Like
        | MadeFrom
        | Near
        | None
        | Not
        | Or
        | Unset
        | UsedBy
    ) = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.and_ import And  # noqa: PLC0415
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.not_ import Not  # noqa: PLC0415
        from ..models.or_ import Or  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        aggregates: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.aggregates, Unset):
            aggregates = []
            for aggregates_item_data in self.aggregates:
                aggregates_item = aggregates_item_data.to_dict()
                aggregates.append(aggregates_item)

        columns: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.columns, Unset):
            columns = []
            for columns_item_data in self.columns:
                columns_item: dict[str, Any]
                if isinstance(columns_item_data, Attribute):
                    columns_item = columns_item_data.to_dict()
                elif isinstance(columns_item_data, HeaderKeyword):
                    columns_item = columns_item_data.to_dict()
                else:
                    columns_item = columns_item_data.to_dict()

                columns.append(columns_item)

        group: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.group, Unset):
            group = []
            for group_item_data in self.group:
                group_item: dict[str, Any]
                if isinstance(group_item_data, Attribute):
                    group_item = group_item_data.to_dict()
                elif isinstance(group_item_data, HeaderKeyword):
                    group_item = group_item_data.to_dict()
                else:
                    group_item = group_item_data.to_dict()

                group.append(group_item)

        order: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.order, Unset):
            order = []
            for order_item_data in self.order:
                order_item = order_item_data.to_dict()
                order.append(order_item)

        projects: list[str] | Unset = UNSET
        if not isinstance(self.projects, Unset):
            projects = self.projects

        tag: None | str | Unset
        if isinstance(self.tag, Unset):
            tag = UNSET
        else:
            tag = self.tag

        where: dict[str, Any] | None | Unset
        if isinstance(self.where, Unset):
            where = UNSET
        elif isinstance(self.where, Compare):
            where = self.where.to_dict()
        elif isinstance(self.where, Between):
            where = self.where.to_dict()
        elif isinstance(self.where, In):
            where = self.where.to_dict()
        elif isinstance(self.where, Like):
            where = self.where.to_dict()
        elif isinstance(self.where, IsNull):
            where = self.where.to_dict()
        elif isinstance(self.where, Cone):
            where = self.where.to_dict()
        elif isinstance(self.where, Near):
            where = self.where.to_dict()
        elif isinstance(self.where, Box):
            where = self.where.to_dict()
        elif isinstance(self.where, MadeFrom):
            where = self.where.to_dict()
        elif isinstance(self.where, UsedBy):
            where = self.where.to_dict()
        elif isinstance(self.where, Not):
            where = self.where.to_dict()
        elif isinstance(self.where, And):
            where = self.where.to_dict()
        elif isinstance(self.where, Or):
            where = self.where.to_dict()
        else:
            where = self.where

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if aggregates is not UNSET:
            field_dict["aggregates"] = aggregates
        if columns is not UNSET:
            field_dict["columns"] = columns
        if group is not UNSET:
            field_dict["group"] = group
        if order is not UNSET:
            field_dict["order"] = order
        if projects is not UNSET:
            field_dict["projects"] = projects
        if tag is not UNSET:
            field_dict["tag"] = tag
        if where is not UNSET:
            field_dict["where"] = where

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.aggregate import Aggregate  # noqa: PLC0415
        from ..models.and_ import And  # noqa: PLC0415
        from ..models.attribute import Attribute  # noqa: PLC0415
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.header_keyword import HeaderKeyword  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.not_ import Not  # noqa: PLC0415
        from ..models.or_ import Or  # noqa: PLC0415
        from ..models.order import Order  # noqa: PLC0415
        from ..models.qc_parameter import QcParameter  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        d = dict(src_dict)
        _aggregates = d.pop("aggregates", UNSET)
        aggregates: list[Aggregate] | Unset = UNSET
        if _aggregates is not UNSET:
            aggregates = []
            for aggregates_item_data in _aggregates:
                aggregates_item = Aggregate.from_dict(aggregates_item_data)

                aggregates.append(aggregates_item)

        _columns = d.pop("columns", UNSET)
        columns: list[Attribute | HeaderKeyword | QcParameter] | Unset = UNSET
        if _columns is not UNSET:
            columns = []
            for columns_item_data in _columns:

                def _parse_columns_item(
                    data: object,
                ) -> Attribute | HeaderKeyword | QcParameter:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        columns_item_type_0 = Attribute.from_dict(data)

                        return columns_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        columns_item_type_1 = HeaderKeyword.from_dict(data)

                        return columns_item_type_1
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    if not isinstance(data, dict):
                        raise TypeError()
                    columns_item_type_2 = QcParameter.from_dict(data)

                    return columns_item_type_2

                columns_item = _parse_columns_item(columns_item_data)

                columns.append(columns_item)

        _group = d.pop("group", UNSET)
        group: list[Attribute | HeaderKeyword | QcParameter] | Unset = UNSET
        if _group is not UNSET:
            group = []
            for group_item_data in _group:

                def _parse_group_item(
                    data: object,
                ) -> Attribute | HeaderKeyword | QcParameter:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        group_item_type_0 = Attribute.from_dict(data)

                        return group_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        group_item_type_1 = HeaderKeyword.from_dict(data)

                        return group_item_type_1
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    if not isinstance(data, dict):
                        raise TypeError()
                    group_item_type_2 = QcParameter.from_dict(data)

                    return group_item_type_2

                group_item = _parse_group_item(group_item_data)

                group.append(group_item)

        _order = d.pop("order", UNSET)
        order: list[Order] | Unset = UNSET
        if _order is not UNSET:
            order = []
            for order_item_data in _order:
                order_item = Order.from_dict(order_item_data)

                order.append(order_item)

        projects = cast(list[str], d.pop("projects", UNSET))

        def _parse_tag(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag = _parse_tag(d.pop("tag", UNSET))

        def _parse_where(
            data: object,
        ) -> (
            And
            | Between
            | Box
            | Compare
            | Cone
            | In
            | IsNull
            | Like
            | MadeFrom
            | Near
            | None
            | Not
            | Or
            | Unset
            | UsedBy
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_0 = Compare.from_dict(data)

                return where_type_0_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_1 = Between.from_dict(data)

                return where_type_0_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_2 = In.from_dict(data)

                return where_type_0_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_3 = Like.from_dict(data)

                return where_type_0_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_4 = IsNull.from_dict(data)

                return where_type_0_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_5 = Cone.from_dict(data)

                return where_type_0_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_6 = Near.from_dict(data)

                return where_type_0_type_6
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_7 = Box.from_dict(data)

                return where_type_0_type_7
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_8 = MadeFrom.from_dict(data)

                return where_type_0_type_8
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_9 = UsedBy.from_dict(data)

                return where_type_0_type_9
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_10 = Not.from_dict(data)

                return where_type_0_type_10
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_11 = And.from_dict(data)

                return where_type_0_type_11
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                where_type_0_type_12 = Or.from_dict(data)

                return where_type_0_type_12
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                And
                | Between
                | Box
                | Compare
                | Cone
                | In
                | IsNull
                | Like
                | MadeFrom
                | Near
                | None
                | Not
                | Or
                | Unset
                | UsedBy,
                data,
            )

        where = _parse_where(d.pop("where", UNSET))

        object_query = cls(
            aggregates=aggregates,
            columns=columns,
            group=group,
            order=order,
            projects=projects,
            tag=tag,
            where=where,
        )

        return object_query
