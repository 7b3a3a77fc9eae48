"""What is asked for: a product from exposures, with parameters; checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from musewise._generated.scheduler.api import jobs as job_calls
from musewise._generated.scheduler.api import plans as plan_calls
from musewise.calls import Call
from musewise.errors import UsageError
from musewise.parameters import check_parameters

__all__ = [
    "FanIn",
    "PlanRequest",
    "accepting",
    "flat_parameters",
    "parse_ifus",
    "plan_request",
    "planning",
]


class FanIn(BaseModel):
    """How a recipe that joins IFUs treats those that failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    policy: Literal["all", "at_least", "listed"] = "all"
    k: int | None = Field(default=None, ge=1, le=24)
    ifus: list[int] | None = None


class PlanRequest(BaseModel):
    """What somebody wants built, and from which exposures.

    ``parameters`` maps ``recipe.name`` to a value (``{"scipost.crsigma": 20}`` or
    ``{"scipost": {"crsigma": 20}}``); ``ifus`` is a list or text as ``1-3,7``;
    ``combine`` None combines when more than one exposure is selected; ``notify``
    lists addresses (``mailto:…``, ``https://…``) that hear what becomes of the job;
    ``priority`` None is ``interactive``, ``urgency`` (-49..49) goes first within it.
    A ``trial`` is seen by its maker only, used for nothing else, and kept some days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    product: str
    target: str | None = None
    exposure: list[str] | None = None
    night: str | None = None
    ob: str | None = None
    template: str | None = None
    ifus: list[int] | None = None
    project: str | None = None
    combine: bool | None = None
    parameters: dict[str, Any] = {}
    fan_in: FanIn | None = None
    without: list[str] = []
    with_: list[str] = Field(default=[], alias="with")
    notify: list[str] = []
    priority: Literal["interactive", "night", "reprocessing"] | None = None
    urgency: int | None = Field(default=None, ge=-49, le=49)
    trial: bool | None = None

    def body(self) -> dict[str, Any]:
        """What is sent: only what was said."""
        said = self.model_dump(by_alias=True, exclude_none=True)
        return {name: value for name, value in said.items() if value not in ([], {})}


def plan_request(product: str, **what: Any) -> PlanRequest:
    """Check a request before anything is sent.

    Raises
    ------
    UsageError
        An unknown name, a wrong type, an IFU outside 1..24.
    ParameterError
        A recipe has no such parameter, or it cannot have that value.
    """
    if isinstance(what.get("ifus"), str):
        what["ifus"] = parse_ifus(what["ifus"])
    if isinstance(what.get("exposure"), str):
        what["exposure"] = [what["exposure"]]
    what["parameters"] = flat_parameters(what.get("parameters") or {})
    check_parameters(what["parameters"])
    try:
        return PlanRequest(product=product, **what)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The request is wrong at {name!r}: {first['msg']}.") from None


def flat_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give ``{"recipe.name": value}`` for that or for ``{"recipe": {...}}``."""
    flat: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{inner}": one for inner, one in value.items()})
        else:
            flat[name] = value
    return flat


def parse_ifus(text: str) -> list[int]:
    """Give the IFU numbers of ``1-3,7``, in order and each once.

    Raises
    ------
    UsageError
        It is no such list, or a number is outside 1..24.
    """
    try:
        ifus = {ifu for part in text.split(",") for ifu in _ifu_range(part.strip())}
    except ValueError:
        raise UsageError(
            f"{text!r} is no list of IFUs.", hint="Write for example 1,2,3 or 1-24."
        ) from None
    outside = sorted(ifu for ifu in ifus if not 1 <= ifu <= 24)
    if outside or not ifus:
        raise UsageError(f"{text!r} names IFU {outside}; they run from 1 to 24.")
    return sorted(ifus)


def _ifu_range(part: str) -> range:
    first, dash, last = part.partition("-")
    return range(int(first), int(last if dash else first) + 1)


def planning(request: PlanRequest) -> Call[Any]:
    """Give the call that asks for a plan."""
    from musewise._generated.scheduler.models.plan_request import (
        PlanRequest as Requested,
    )

    return plan_calls.make_plan(body=Requested.from_dict(request.body()))


def accepting(plan_id: str) -> Call[Any]:
    """Give the call that makes a plan a job."""
    from musewise._generated.scheduler.models.plan_to_accept import PlanToAccept

    return job_calls.make_job(body=PlanToAccept(UUID(plan_id)))
