from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.plan_request_priority import (
    PlanRequestPriority,
    check_plan_request_priority,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.fan_in import FanIn
    from ..models.plan_request_parameters import PlanRequestParameters


T = TypeVar("T", bound="PlanRequest")


@_attrs_define
class PlanRequest:
    """What somebody wants built, and from which exposures.

    ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
    its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
    than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
    adds the tags that are used on request only. ``notify`` lists addresses
    (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
    seen by its maker only, never used for anything else, and removed after some days.

        Attributes:
            product (str):
            combine (bool | None | Unset):
            exposure (list[str] | None | Unset):
            fan_in (FanIn | Unset): How a barrier recipe treats IFUs that failed.

                ``all``: every planned IFU; ``at_least``: ``k`` of them suffice;
                ``listed``: exactly ``ifus``.
            ifus (list[int] | None | Unset):
            night (None | str | Unset):
            notify (list[str] | Unset):
            ob (None | str | Unset):
            owner (str | Unset):  Default: ''.
            parameters (PlanRequestParameters | Unset):
            priority (PlanRequestPriority | Unset):  Default: 'interactive'.
            project (str | Unset):  Default: 'local'.
            target (None | str | Unset):
            template (None | str | Unset):
            trial (bool | Unset):  Default: False.
            urgency (int | Unset):  Default: 0.
            with_ (list[str] | Unset):
            without (list[str] | Unset):
    """

    product: str
    combine: bool | None | Unset = UNSET
    exposure: list[str] | None | Unset = UNSET
    fan_in: FanIn | Unset = UNSET
    ifus: list[int] | None | Unset = UNSET
    night: None | str | Unset = UNSET
    notify: list[str] | Unset = UNSET
    ob: None | str | Unset = UNSET
    owner: str | Unset = ""
    parameters: PlanRequestParameters | Unset = UNSET
    priority: PlanRequestPriority | Unset = "interactive"
    project: str | Unset = "local"
    target: None | str | Unset = UNSET
    template: None | str | Unset = UNSET
    trial: bool | Unset = False
    urgency: int | Unset = 0
    with_: list[str] | Unset = UNSET
    without: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        product = self.product

        combine: bool | None | Unset
        if isinstance(self.combine, Unset):
            combine = UNSET
        else:
            combine = self.combine

        exposure: list[str] | None | Unset
        if isinstance(self.exposure, Unset):
            exposure = UNSET
        elif isinstance(self.exposure, list):
            exposure = self.exposure

        else:
            exposure = self.exposure

        fan_in: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fan_in, Unset):
            fan_in = self.fan_in.to_dict()

        ifus: list[int] | None | Unset
        if isinstance(self.ifus, Unset):
            ifus = UNSET
        elif isinstance(self.ifus, list):
            ifus = self.ifus

        else:
            ifus = self.ifus

        night: None | str | Unset
        if isinstance(self.night, Unset):
            night = UNSET
        else:
            night = self.night

        notify: list[str] | Unset = UNSET
        if not isinstance(self.notify, Unset):
            notify = self.notify

        ob: None | str | Unset
        if isinstance(self.ob, Unset):
            ob = UNSET
        else:
            ob = self.ob

        owner = self.owner

        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        priority: str | Unset = UNSET
        if not isinstance(self.priority, Unset):
            priority = self.priority

        project = self.project

        target: None | str | Unset
        if isinstance(self.target, Unset):
            target = UNSET
        else:
            target = self.target

        template: None | str | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        else:
            template = self.template

        trial = self.trial

        urgency = self.urgency

        with_: list[str] | Unset = UNSET
        if not isinstance(self.with_, Unset):
            with_ = self.with_

        without: list[str] | Unset = UNSET
        if not isinstance(self.without, Unset):
            without = self.without

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "product": product,
            }
        )
        if combine is not UNSET:
            field_dict["combine"] = combine
        if exposure is not UNSET:
            field_dict["exposure"] = exposure
        if fan_in is not UNSET:
            field_dict["fan_in"] = fan_in
        if ifus is not UNSET:
            field_dict["ifus"] = ifus
        if night is not UNSET:
            field_dict["night"] = night
        if notify is not UNSET:
            field_dict["notify"] = notify
        if ob is not UNSET:
            field_dict["ob"] = ob
        if owner is not UNSET:
            field_dict["owner"] = owner
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if priority is not UNSET:
            field_dict["priority"] = priority
        if project is not UNSET:
            field_dict["project"] = project
        if target is not UNSET:
            field_dict["target"] = target
        if template is not UNSET:
            field_dict["template"] = template
        if trial is not UNSET:
            field_dict["trial"] = trial
        if urgency is not UNSET:
            field_dict["urgency"] = urgency
        if with_ is not UNSET:
            field_dict["with"] = with_
        if without is not UNSET:
            field_dict["without"] = without

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.fan_in import FanIn  # noqa: PLC0415
        from ..models.plan_request_parameters import PlanRequestParameters  # noqa: PLC0415

        d = dict(src_dict)
        product = d.pop("product")

        def _parse_combine(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        combine = _parse_combine(d.pop("combine", UNSET))

        def _parse_exposure(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                exposure_type_0 = cast(list[str], data)

                return exposure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        exposure = _parse_exposure(d.pop("exposure", UNSET))

        _fan_in = d.pop("fan_in", UNSET)
        fan_in: FanIn | Unset
        if isinstance(_fan_in, Unset):
            fan_in = UNSET
        else:
            fan_in = FanIn.from_dict(_fan_in)

        def _parse_ifus(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                ifus_type_0 = cast(list[int], data)

                return ifus_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        ifus = _parse_ifus(d.pop("ifus", UNSET))

        def _parse_night(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        night = _parse_night(d.pop("night", UNSET))

        notify = cast(list[str], d.pop("notify", UNSET))

        def _parse_ob(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ob = _parse_ob(d.pop("ob", UNSET))

        owner = d.pop("owner", UNSET)

        _parameters = d.pop("parameters", UNSET)
        parameters: PlanRequestParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = PlanRequestParameters.from_dict(_parameters)

        _priority = d.pop("priority", UNSET)
        priority: PlanRequestPriority | Unset
        if isinstance(_priority, Unset):
            priority = UNSET
        else:
            priority = check_plan_request_priority(_priority)

        project = d.pop("project", UNSET)

        def _parse_target(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        target = _parse_target(d.pop("target", UNSET))

        def _parse_template(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        trial = d.pop("trial", UNSET)

        urgency = d.pop("urgency", UNSET)

        with_ = cast(list[str], d.pop("with", UNSET))

        without = cast(list[str], d.pop("without", UNSET))

        plan_request = cls(
            product=product,
            combine=combine,
            exposure=exposure,
            fan_in=fan_in,
            ifus=ifus,
            night=night,
            notify=notify,
            ob=ob,
            owner=owner,
            parameters=parameters,
            priority=priority,
            project=project,
            target=target,
            template=template,
            trial=trial,
            urgency=urgency,
            with_=with_,
            without=without,
        )

        return plan_request
