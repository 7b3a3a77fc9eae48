from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.beat_of_worker import BeatOfWorker


T = TypeVar("T", bound="Beats")


@_attrs_define
class Beats:
    """Attempts that run.

    Attributes:
        beats (list[BeatOfWorker]):
    """

    beats: list[BeatOfWorker]

    def to_dict(self) -> dict[str, Any]:
        beats = []
        for beats_item_data in self.beats:
            beats_item = beats_item_data.to_dict()
            beats.append(beats_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "beats": beats,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.beat_of_worker import BeatOfWorker  # noqa: PLC0415

        d = dict(src_dict)
        beats = []
        _beats = d.pop("beats")
        for beats_item_data in _beats:
            beats_item = BeatOfWorker.from_dict(beats_item_data)

            beats.append(beats_item)

        beats = cls(
            beats=beats,
        )

        return beats
