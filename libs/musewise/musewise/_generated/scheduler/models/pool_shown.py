from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="PoolShown")


@_attrs_define
class PoolShown:
    """A pool: who serves it, what waits there and what runs.

    ``places`` is how many tasks may be queued or running at a time.

        Attributes:
            memory_mb (int):
            name (str):
            paused (None | str):
            places (int):
            queued (int):
            ready (int):
            running (int):
            slots (int):
            workers (int):
    """

    memory_mb: int
    name: str
    paused: None | str
    places: int
    queued: int
    ready: int
    running: int
    slots: int
    workers: int

    def to_dict(self) -> dict[str, Any]:
        memory_mb = self.memory_mb

        name = self.name

        paused: None | str
        paused = self.paused

        places = self.places

        queued = self.queued

        ready = self.ready

        running = self.running

        slots = self.slots

        workers = self.workers

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "memory_mb": memory_mb,
                "name": name,
                "paused": paused,
                "places": places,
                "queued": queued,
                "ready": ready,
                "running": running,
                "slots": slots,
                "workers": workers,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_mb = d.pop("memory_mb")

        name = d.pop("name")

        def _parse_paused(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        paused = _parse_paused(d.pop("paused"))

        places = d.pop("places")

        queued = d.pop("queued")

        ready = d.pop("ready")

        running = d.pop("running")

        slots = d.pop("slots")

        workers = d.pop("workers")

        pool_shown = cls(
            memory_mb=memory_mb,
            name=name,
            paused=paused,
            places=places,
            queued=queued,
            ready=ready,
            running=running,
            slots=slots,
            workers=workers,
        )

        return pool_shown
