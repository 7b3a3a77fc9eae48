from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.object_query import ObjectQuery


T = TypeVar("T", bound="Paged")


@_attrs_define
class Paged:
    """A query as a tree, and which page of the answer.

    Attributes:
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
        after (None | str | Unset): `next` of the page before
        limit (int | Unset):  Default: 100.
    """

    query: ObjectQuery
    after: None | str | Unset = UNSET
    limit: int | Unset = 100

    def to_dict(self) -> dict[str, Any]:
        query = self.query.to_dict()

        after: None | str | Unset
        if isinstance(self.after, Unset):
            after = UNSET
        else:
            after = self.after

        limit = self.limit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "query": query,
            }
        )
        if after is not UNSET:
            field_dict["after"] = after
        if limit is not UNSET:
            field_dict["limit"] = limit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.object_query import ObjectQuery  # noqa: PLC0415

        d = dict(src_dict)
        query = ObjectQuery.from_dict(d.pop("query"))

        def _parse_after(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        after = _parse_after(d.pop("after", UNSET))

        limit = d.pop("limit", UNSET)

        paged = cls(
            query=query,
            after=after,
            limit=limit,
        )

        return paged
