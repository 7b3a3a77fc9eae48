from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.recipe_progress_ifus import RecipeProgressIfus


T = TypeVar("T", bound="RecipeProgress")


@_attrs_define
class RecipeProgress:
    """Where the tasks of one recipe are; ``ifus`` maps IFU ("1".."24") to state.

    Attributes:
        blocked (int):
        done (int):
        failed (int):
        ifus (RecipeProgressIfus):
        reused (int):
        running (int):
        total (int):
        waiting (int):
    """

    blocked: int
    done: int
    failed: int
    ifus: RecipeProgressIfus
    reused: int
    running: int
    total: int
    waiting: int

    def to_dict(self) -> dict[str, Any]:
        blocked = self.blocked

        done = self.done

        failed = self.failed

        ifus = self.ifus.to_dict()

        reused = self.reused

        running = self.running

        total = self.total

        waiting = self.waiting

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "blocked": blocked,
                "done": done,
                "failed": failed,
                "ifus": ifus,
                "reused": reused,
                "running": running,
                "total": total,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.recipe_progress_ifus import RecipeProgressIfus  # noqa: PLC0415

        d = dict(src_dict)
        blocked = d.pop("blocked")

        done = d.pop("done")

        failed = d.pop("failed")

        ifus = RecipeProgressIfus.from_dict(d.pop("ifus"))

        reused = d.pop("reused")

        running = d.pop("running")

        total = d.pop("total")

        waiting = d.pop("waiting")

        recipe_progress = cls(
            blocked=blocked,
            done=done,
            failed=failed,
            ifus=ifus,
            reused=reused,
            running=running,
            total=total,
            waiting=waiting,
        )

        return recipe_progress
