from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.plan_request import PlanRequest


T = TypeVar("T", bound="Campaign")


@_attrs_define
class Campaign:
    """A campaign to be accepted.

    ``campaign_id`` is chosen by the caller. The same again goes on with the nights
    that have no job yet.

        Attributes:
            campaign_id (UUID):
            nights (list[datetime.date]):
            request (PlanRequest): What somebody wants built, and from which exposures.

                ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
                its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
                than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
                adds the tags that are used on request only. ``notify`` lists addresses
                (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
                seen by its maker only, never used for anything else, and removed after some days.
    """

    campaign_id: UUID
    nights: list[datetime.date]
    request: PlanRequest

    def to_dict(self) -> dict[str, Any]:
        campaign_id = str(self.campaign_id)

        nights = []
        for nights_item_data in self.nights:
            nights_item = nights_item_data.isoformat()
            nights.append(nights_item)

        request = self.request.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "campaign_id": campaign_id,
                "nights": nights,
                "request": request,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_request import PlanRequest  # noqa: PLC0415

        d = dict(src_dict)
        campaign_id = UUID(d.pop("campaign_id"))

        nights = []
        _nights = d.pop("nights")
        for nights_item_data in _nights:
            nights_item = datetime.date.fromisoformat(nights_item_data)

            nights.append(nights_item)

        request = PlanRequest.from_dict(d.pop("request"))

        campaign = cls(
            campaign_id=campaign_id,
            nights=nights,
            request=request,
        )

        return campaign
