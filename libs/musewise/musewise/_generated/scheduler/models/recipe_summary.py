from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RecipeSummary")


@_attrs_define
class RecipeSummary:
    """Counts and cost of one recipe in a plan.

    Attributes:
        build (int):
        est_mem_mb (int):
        est_s (float):
        recipe (str):
        reuse (int):
        tasks (int):
        waiting (int):
    """

    build: int
    est_mem_mb: int
    est_s: float
    recipe: str
    reuse: int
    tasks: int
    waiting: int

    def to_dict(self) -> dict[str, Any]:
        build = self.build

        est_mem_mb = self.est_mem_mb

        est_s = self.est_s

        recipe = self.recipe

        reuse = self.reuse

        tasks = self.tasks

        waiting = self.waiting

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "build": build,
                "est_mem_mb": est_mem_mb,
                "est_s": est_s,
                "recipe": recipe,
                "reuse": reuse,
                "tasks": tasks,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        build = d.pop("build")

        est_mem_mb = d.pop("est_mem_mb")

        est_s = d.pop("est_s")

        recipe = d.pop("recipe")

        reuse = d.pop("reuse")

        tasks = d.pop("tasks")

        waiting = d.pop("waiting")

        recipe_summary = cls(
            build=build,
            est_mem_mb=est_mem_mb,
            est_s=est_s,
            recipe=recipe,
            reuse=reuse,
            tasks=tasks,
            waiting=waiting,
        )

        return recipe_summary
