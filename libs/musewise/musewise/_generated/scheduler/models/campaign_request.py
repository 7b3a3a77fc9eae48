from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.plan_request import PlanRequest


T = TypeVar("T", bound="CampaignRequest")


@_attrs_define
class CampaignRequest:
    """One request over many nights, without a night of its own: a job for each.

    Attributes:
        nights (list[datetime.date]):
        request (PlanRequest): What somebody wants built, and from which exposures.

            ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
            its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
            than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
            adds the tags that are used on request only. ``notify`` lists addresses
            (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
            seen by its maker only, never used for anything else, and removed after some days.
    """

    nights: list[datetime.date]
    request: PlanRequest

    def to_dict(self) -> dict[str, Any]:
        nights = []
        for nights_item_data in self.nights:
            nights_item = nights_item_data.isoformat()
            nights.append(nights_item)

        request = self.request.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "nights": nights,
                "request": request,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_request import PlanRequest  # noqa: PLC0415

        d = dict(src_dict)
        nights = []
        _nights = d.pop("nights")
        for nights_item_data in _nights:
            nights_item = datetime.date.fromisoformat(nights_item_data)

            nights.append(nights_item)

        request = PlanRequest.from_dict(d.pop("request"))

        campaign_request = cls(
            nights=nights,
            request=request,
        )

        return campaign_request
