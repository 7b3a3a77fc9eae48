from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.object_query import ObjectQuery


T = TypeVar("T", bound="SavedQuery")


@_attrs_define
class SavedQuery:
    """A saved query in all its forms.

    Attributes:
        changed_at (datetime.datetime):
        changed_by (str):
        columns (str):
        doc (str):
        name (str):
        order (str):
        owner (str):
        project (str):
        q (None | str):
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
        url (str): path and parameters of GET /objects
        version (int): to replace it, give it as `expect`
    """

    changed_at: datetime.datetime
    changed_by: str
    columns: str
    doc: str
    name: str
    order: str
    owner: str
    project: str
    q: None | str
    query: ObjectQuery
    url: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed_at = self.changed_at.isoformat()

        changed_by = self.changed_by

        columns = self.columns

        doc = self.doc

        name = self.name

        order = self.order

        owner = self.owner

        project = self.project

        q: None | str
        q = self.q

        query = self.query.to_dict()

        url = self.url

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed_at": changed_at,
                "changed_by": changed_by,
                "columns": columns,
                "doc": doc,
                "name": name,
                "order": order,
                "owner": owner,
                "project": project,
                "q": q,
                "query": query,
                "url": url,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.object_query import ObjectQuery  # noqa: PLC0415

        d = dict(src_dict)
        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        changed_by = d.pop("changed_by")

        columns = d.pop("columns")

        doc = d.pop("doc")

        name = d.pop("name")

        order = d.pop("order")

        owner = d.pop("owner")

        project = d.pop("project")

        def _parse_q(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        q = _parse_q(d.pop("q"))

        query = ObjectQuery.from_dict(d.pop("query"))

        url = d.pop("url")

        version = d.pop("version")

        saved_query = cls(
            changed_at=changed_at,
            changed_by=changed_by,
            columns=columns,
            doc=doc,
            name=name,
            order=order,
            owner=owner,
            project=project,
            q=q,
            query=query,
            url=url,
            version=version,
        )

        saved_query.additional_properties = d
        return saved_query

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
