from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.me_projects import MeProjects


T = TypeVar("T", bound="Me")


@_attrs_define
class Me:
    """Who the token says is calling.

    Attributes:
        name (str):
        projects (MeProjects):
        scopes (list[str]):
        subject (str):
    """

    name: str
    projects: MeProjects
    scopes: list[str]
    subject: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        projects = self.projects.to_dict()

        scopes = self.scopes

        subject = self.subject

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "projects": projects,
                "scopes": scopes,
                "subject": subject,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.me_projects import MeProjects  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        projects = MeProjects.from_dict(d.pop("projects"))

        scopes = cast(list[str], d.pop("scopes"))

        subject = d.pop("subject")

        me = cls(
            name=name,
            projects=projects,
            scopes=scopes,
            subject=subject,
        )

        me.additional_properties = d
        return me

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
