from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.choice import Choice


T = TypeVar("T", bound="AncestorChoices")


@_attrs_define
class AncestorChoices:
    """What a task above the product's chose.

    Attributes:
        choices (list[Choice]):
        group (str):
        ifu (int | None):
        recipe (str):
        task_id (UUID):
    """

    choices: list[Choice]
    group: str
    ifu: int | None
    recipe: str
    task_id: UUID

    def to_dict(self) -> dict[str, Any]:
        choices = []
        for choices_item_data in self.choices:
            choices_item = choices_item_data.to_dict()
            choices.append(choices_item)

        group = self.group

        ifu: int | None
        ifu = self.ifu

        recipe = self.recipe

        task_id = str(self.task_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "choices": choices,
                "group": group,
                "ifu": ifu,
                "recipe": recipe,
                "task_id": task_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.choice import Choice  # noqa: PLC0415

        d = dict(src_dict)
        choices = []
        _choices = d.pop("choices")
        for choices_item_data in _choices:
            choices_item = Choice.from_dict(choices_item_data)

            choices.append(choices_item)

        group = d.pop("group")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        recipe = d.pop("recipe")

        task_id = UUID(d.pop("task_id"))

        ancestor_choices = cls(
            choices=choices,
            group=group,
            ifu=ifu,
            recipe=recipe,
            task_id=task_id,
        )

        return ancestor_choices
