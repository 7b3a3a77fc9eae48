from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.choice import Choice
    from ..models.missing import Missing
    from ..models.plan_request import PlanRequest
    from ..models.plan_task import PlanTask
    from ..models.recipe_summary import RecipeSummary


T = TypeVar("T", bound="Plan")


@_attrs_define
class Plan:
    """The answer to ``POST /plans``.

    Attributes:
        choices (list[Choice]):
        estimated_s (float):
        missing (list[Missing]):
        not_runnable_because (list[str]):
        plan_id (UUID):
        products (list[str]):
        recipes (list[RecipeSummary]):
        request (PlanRequest): What somebody wants built, and from which exposures.

            ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
            its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
            than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
            adds the tags that are used on request only. ``notify`` lists addresses
            (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
            seen by its maker only, never used for anything else, and removed after some days.
        runnable (bool):
        tasks (list[PlanTask]):
        warnings (list[str]):
    """

    choices: list[Choice]
    estimated_s: float
    missing: list[Missing]
    not_runnable_because: list[str]
    plan_id: UUID
    products: list[str]
    recipes: list[RecipeSummary]
    request: PlanRequest
    runnable: bool
    tasks: list[PlanTask]
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        choices = []
        for choices_item_data in self.choices:
            choices_item = choices_item_data.to_dict()
            choices.append(choices_item)

        estimated_s = self.estimated_s

        missing = []
        for missing_item_data in self.missing:
            missing_item = missing_item_data.to_dict()
            missing.append(missing_item)

        not_runnable_because = self.not_runnable_because

        plan_id = str(self.plan_id)

        products = self.products

        recipes = []
        for recipes_item_data in self.recipes:
            recipes_item = recipes_item_data.to_dict()
            recipes.append(recipes_item)

        request = self.request.to_dict()

        runnable = self.runnable

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        warnings = self.warnings

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "choices": choices,
                "estimated_s": estimated_s,
                "missing": missing,
                "not_runnable_because": not_runnable_because,
                "plan_id": plan_id,
                "products": products,
                "recipes": recipes,
                "request": request,
                "runnable": runnable,
                "tasks": tasks,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.choice import Choice  # noqa: PLC0415
        from ..models.missing import Missing  # noqa: PLC0415
        from ..models.plan_request import PlanRequest  # noqa: PLC0415
        from ..models.plan_task import PlanTask  # noqa: PLC0415
        from ..models.recipe_summary import RecipeSummary  # noqa: PLC0415

        d = dict(src_dict)
        choices = []
        _choices = d.pop("choices")
        for choices_item_data in _choices:
            choices_item = Choice.from_dict(choices_item_data)

            choices.append(choices_item)

        estimated_s = d.pop("estimated_s")

        missing = []
        _missing = d.pop("missing")
        for missing_item_data in _missing:
            missing_item = Missing.from_dict(missing_item_data)

            missing.append(missing_item)

        not_runnable_because = cast(list[str], d.pop("not_runnable_because"))

        plan_id = UUID(d.pop("plan_id"))

        products = cast(list[str], d.pop("products"))

        recipes = []
        _recipes = d.pop("recipes")
        for recipes_item_data in _recipes:
            recipes_item = RecipeSummary.from_dict(recipes_item_data)

            recipes.append(recipes_item)

        request = PlanRequest.from_dict(d.pop("request"))

        runnable = d.pop("runnable")

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = PlanTask.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        warnings = cast(list[str], d.pop("warnings"))

        plan = cls(
            choices=choices,
            estimated_s=estimated_s,
            missing=missing,
            not_runnable_because=not_runnable_because,
            plan_id=plan_id,
            products=products,
            recipes=recipes,
            request=request,
            runnable=runnable,
            tasks=tasks,
            warnings=warnings,
        )

        return plan
