from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.consequences_assessed import ConsequencesAssessed
    from ..models.consequences_by_class import ConsequencesByClass
    from ..models.edited import Edited


T = TypeVar("T", bound="Consequences")


@_attrs_define
class Consequences:
    """What a batch changes, and what was made of that.

    Attributes:
        assessed (ConsequencesAssessed): grade -> such products
        by_class (ConsequencesByClass):
        dry_run (bool):
        edits (list[Edited]): those that change something
        elsewhere (int): further ones, in projects that the caller cannot see
        products (int): made of these, at any depth, not called bad themselves
        text (str):
        unchanged (int): edits that say what is said already
    """

    assessed: ConsequencesAssessed
    by_class: ConsequencesByClass
    dry_run: bool
    edits: list[Edited]
    elsewhere: int
    products: int
    text: str
    unchanged: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessed = self.assessed.to_dict()

        by_class = self.by_class.to_dict()

        dry_run = self.dry_run

        edits = []
        for edits_item_data in self.edits:
            edits_item = edits_item_data.to_dict()
            edits.append(edits_item)

        elsewhere = self.elsewhere

        products = self.products

        text = self.text

        unchanged = self.unchanged

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assessed": assessed,
                "by_class": by_class,
                "dry_run": dry_run,
                "edits": edits,
                "elsewhere": elsewhere,
                "products": products,
                "text": text,
                "unchanged": unchanged,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.consequences_assessed import ConsequencesAssessed  # noqa: PLC0415
        from ..models.consequences_by_class import ConsequencesByClass  # noqa: PLC0415
        from ..models.edited import Edited  # noqa: PLC0415

        d = dict(src_dict)
        assessed = ConsequencesAssessed.from_dict(d.pop("assessed"))

        by_class = ConsequencesByClass.from_dict(d.pop("by_class"))

        dry_run = d.pop("dry_run")

        edits = []
        _edits = d.pop("edits")
        for edits_item_data in _edits:
            edits_item = Edited.from_dict(edits_item_data)

            edits.append(edits_item)

        elsewhere = d.pop("elsewhere")

        products = d.pop("products")

        text = d.pop("text")

        unchanged = d.pop("unchanged")

        consequences = cls(
            assessed=assessed,
            by_class=by_class,
            dry_run=dry_run,
            edits=edits,
            elsewhere=elsewhere,
            products=products,
            text=text,
            unchanged=unchanged,
        )

        consequences.additional_properties = d
        return consequences

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
