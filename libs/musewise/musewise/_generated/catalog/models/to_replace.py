from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ToReplace")


@_attrs_define
class ToReplace:
    """What takes the place of a query.

    Attributes:
        expect (int): `version` that the editor saw
        agg (str | Unset): n=count, fwhm=median(fwhm); count, min, max, mean, median, stddev of each group Default: ''.
        class_ (None | str | Unset): BIAS, DATACUBE_FINAL; none: of all classes
        columns (str | Unset): nifu, ron, DATE_OBS Default: ''.
        doc (str | Unset):  Default: ''.
        group (str | Unset): ins_mode, nifu: a row for each Default: ''.
        order (str | Unset): -ron, nifu Default: ''.
        projects (str | Unset): names with commas between Default: ''.
        q (None | str | Unset): night == 2014-01-31 & (ron > 3.1 | target ~ "HDFS*")
    """

    expect: int
    agg: str | Unset = ""
    class_: None | str | Unset = UNSET
    columns: str | Unset = ""
    doc: str | Unset = ""
    group: str | Unset = ""
    order: str | Unset = ""
    projects: str | Unset = ""
    q: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        expect = self.expect

        agg = self.agg

        class_: None | str | Unset
        if isinstance(self.class_, Unset):
            class_ = UNSET
        else:
            class_ = self.class_

        columns = self.columns

        doc = self.doc

        group = self.group

        order = self.order

        projects = self.projects

        q: None | str | Unset
        if isinstance(self.q, Unset):
            q = UNSET
        else:
            q = self.q

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "expect": expect,
            }
        )
        if agg is not UNSET:
            field_dict["agg"] = agg
        if class_ is not UNSET:
            field_dict["class"] = class_
        if columns is not UNSET:
            field_dict["columns"] = columns
        if doc is not UNSET:
            field_dict["doc"] = doc
        if group is not UNSET:
            field_dict["group"] = group
        if order is not UNSET:
            field_dict["order"] = order
        if projects is not UNSET:
            field_dict["projects"] = projects
        if q is not UNSET:
            field_dict["q"] = q

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expect = d.pop("expect")

        agg = d.pop("agg", UNSET)

        def _parse_class_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        class_ = _parse_class_(d.pop("class", UNSET))

        columns = d.pop("columns", UNSET)

        doc = d.pop("doc", UNSET)

        group = d.pop("group", UNSET)

        order = d.pop("order", UNSET)

        projects = d.pop("projects", UNSET)

        def _parse_q(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        q = _parse_q(d.pop("q", UNSET))

        to_replace = cls(
            expect=expect,
            agg=agg,
            class_=class_,
            columns=columns,
            doc=doc,
            group=group,
            order=order,
            projects=projects,
            q=q,
        )

        return to_replace
