from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Announcement")


@_attrs_define
class Announcement:
    """What a worker says of itself, at its start and with every beat.

    ``pools`` empty: all that its memory allows. ``own_queue``: it listens to
    ``task.requested.v1.at.<name>``. ``starting``: its first beat since its start;
    ``stopping``: its last one, it takes nothing more. ``trouble``: why it should get
    nothing now, such as a full disk.

        Attributes:
            cores (int):
            memory_mb (int):
            own_queue (bool | Unset):  Default: False.
            pools (list[str] | Unset):
            running (int | Unset):  Default: 0.
            site (str | Unset):  Default: 'local'.
            starting (bool | Unset):  Default: False.
            stopping (bool | Unset):  Default: False.
            trouble (str | Unset):  Default: ''.
    """

    cores: int
    memory_mb: int
    own_queue: bool | Unset = False
    pools: list[str] | Unset = UNSET
    running: int | Unset = 0
    site: str | Unset = "local"
    starting: bool | Unset = False
    stopping: bool | Unset = False
    trouble: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        cores = self.cores

        memory_mb = self.memory_mb

        own_queue = self.own_queue

        pools: list[str] | Unset = UNSET
        if not isinstance(self.pools, Unset):
            pools = self.pools

        running = self.running

        site = self.site

        starting = self.starting

        stopping = self.stopping

        trouble = self.trouble

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cores": cores,
                "memory_mb": memory_mb,
            }
        )
        if own_queue is not UNSET:
            field_dict["own_queue"] = own_queue
        if pools is not UNSET:
            field_dict["pools"] = pools
        if running is not UNSET:
            field_dict["running"] = running
        if site is not UNSET:
            field_dict["site"] = site
        if starting is not UNSET:
            field_dict["starting"] = starting
        if stopping is not UNSET:
            field_dict["stopping"] = stopping
        if trouble is not UNSET:
            field_dict["trouble"] = trouble

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cores = d.pop("cores")

        memory_mb = d.pop("memory_mb")

        own_queue = d.pop("own_queue", UNSET)

        pools = cast(list[str], d.pop("pools", UNSET))

        running = d.pop("running", UNSET)

        site = d.pop("site", UNSET)

        starting = d.pop("starting", UNSET)

        stopping = d.pop("stopping", UNSET)

        trouble = d.pop("trouble", UNSET)

        announcement = cls(
            cores=cores,
            memory_mb=memory_mb,
            own_queue=own_queue,
            pools=pools,
            running=running,
            site=site,
            starting=starting,
            stopping=stopping,
            trouble=trouble,
        )

        return announcement
