from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.job_state import JobState, check_job_state

if TYPE_CHECKING:
    from ..models.job_product import JobProduct
    from ..models.job_progress import JobProgress
    from ..models.plan_request import PlanRequest


T = TypeVar("T", bound="Job")


@_attrs_define
class Job:
    """An accepted plan and how far it is.

    Attributes:
        created (datetime.datetime):
        done (int):
        eta_s (float | None):
        job_id (UUID):
        messages (list[str]):
        products (list[JobProduct]):
        progress (JobProgress):
        request (PlanRequest): What somebody wants built, and from which exposures.

            ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
            its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
            than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
            adds the tags that are used on request only. ``notify`` lists addresses
            (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
            seen by its maker only, never used for anything else, and removed after some days.
        state (JobState): Life of a job.
        tasks_total (int):
    """

    created: datetime.datetime
    done: int
    eta_s: float | None
    job_id: UUID
    messages: list[str]
    products: list[JobProduct]
    progress: JobProgress
    request: PlanRequest
    state: JobState
    tasks_total: int

    def to_dict(self) -> dict[str, Any]:
        created = self.created.isoformat()

        done = self.done

        eta_s: float | None
        eta_s = self.eta_s

        job_id = str(self.job_id)

        messages = self.messages

        products = []
        for products_item_data in self.products:
            products_item = products_item_data.to_dict()
            products.append(products_item)

        progress = self.progress.to_dict()

        request = self.request.to_dict()

        state: str = self.state

        tasks_total = self.tasks_total

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "created": created,
                "done": done,
                "eta_s": eta_s,
                "job_id": job_id,
                "messages": messages,
                "products": products,
                "progress": progress,
                "request": request,
                "state": state,
                "tasks_total": tasks_total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_product import JobProduct  # noqa: PLC0415
        from ..models.job_progress import JobProgress  # noqa: PLC0415
        from ..models.plan_request import PlanRequest  # noqa: PLC0415

        d = dict(src_dict)
        created = datetime.datetime.fromisoformat(d.pop("created"))

        done = d.pop("done")

        def _parse_eta_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        eta_s = _parse_eta_s(d.pop("eta_s"))

        job_id = UUID(d.pop("job_id"))

        messages = cast(list[str], d.pop("messages"))

        products = []
        _products = d.pop("products")
        for products_item_data in _products:
            products_item = JobProduct.from_dict(products_item_data)

            products.append(products_item)

        progress = JobProgress.from_dict(d.pop("progress"))

        request = PlanRequest.from_dict(d.pop("request"))

        state = check_job_state(d.pop("state"))

        tasks_total = d.pop("tasks_total")

        job = cls(
            created=created,
            done=done,
            eta_s=eta_s,
            job_id=job_id,
            messages=messages,
            products=products,
            progress=progress,
            request=request,
            state=state,
            tasks_total=tasks_total,
        )

        return job
