from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.export_tree_format import ExportTreeFormat, check_export_tree_format
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.object_query import ObjectQuery


T = TypeVar("T", bound="ExportTree")


@_attrs_define
class ExportTree:
    """A query as a tree, and which format.

    Attributes:
        format_ (ExportTreeFormat):
        query (ObjectQuery): What is asked for, whole.

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
        limit (int | None | Unset): so many rows at most
        storage (str | Unset):  Default: ''.
    """

    format_: ExportTreeFormat
    query: ObjectQuery
    limit: int | None | Unset = UNSET
    storage: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        format_: str = self.format_

        query = self.query.to_dict()

        limit: int | None | Unset
        if isinstance(self.limit, Unset):
            limit = UNSET
        else:
            limit = self.limit

        storage = self.storage

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "format": format_,
                "query": query,
            }
        )
        if limit is not UNSET:
            field_dict["limit"] = limit
        if storage is not UNSET:
            field_dict["storage"] = storage

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.object_query import ObjectQuery  # noqa: PLC0415

        d = dict(src_dict)
        format_ = check_export_tree_format(d.pop("format"))

        query = ObjectQuery.from_dict(d.pop("query"))

        def _parse_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        limit = _parse_limit(d.pop("limit", UNSET))

        storage = d.pop("storage", UNSET)

        export_tree = cls(
            format_=format_,
            query=query,
            limit=limit,
            storage=storage,
        )

        return export_tree
