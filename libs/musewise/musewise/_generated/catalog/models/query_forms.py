from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.object_query import ObjectQuery


T = TypeVar("T", bound="QueryForms")


@_attrs_define
class QueryForms:
    """One query in all its forms.

    Attributes:
        agg (str):
        columns (str):
        group (str):
        order (str):
        q (None | str): the condition as text
        tree (ObjectQuery): What is asked for, whole.

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
        url (str): path and parameters of GET /objects, or of /objects/table
    """

    agg: str
    columns: str
    group: str
    order: str
    q: None | str
    tree: ObjectQuery
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        agg = self.agg

        columns = self.columns

        group = self.group

        order = self.order

        q: None | str
        q = self.q

        tree = self.tree.to_dict()

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "agg": agg,
                "columns": columns,
                "group": group,
                "order": order,
                "q": q,
                "tree": tree,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.object_query import ObjectQuery  # noqa: PLC0415

        d = dict(src_dict)
        agg = d.pop("agg")

        columns = d.pop("columns")

        group = d.pop("group")

        order = d.pop("order")

        def _parse_q(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        q = _parse_q(d.pop("q"))

        tree = ObjectQuery.from_dict(d.pop("tree"))

        url = d.pop("url")

        query_forms = cls(
            agg=agg,
            columns=columns,
            group=group,
            order=order,
            q=q,
            tree=tree,
            url=url,
        )

        query_forms.additional_properties = d
        return query_forms

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
