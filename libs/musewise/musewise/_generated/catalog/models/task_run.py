from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.task_run_parameters import TaskRunParameters
    from ..models.task_run_resources import TaskRunResources
    from ..models.task_run_versions import TaskRunVersions


T = TypeVar("T", bound="TaskRun")


@_attrs_define
class TaskRun:
    """A run of a recipe, as it was; one elsewhere as far as a header tells of it.

    Attributes:
        attempt (int):
        caveats (list[str]):
        ended (datetime.datetime | None): null: not run here
        ifu (int | None):
        key (None | str): null: not run here
        log_file_id (None | UUID):
        parameters (TaskRunParameters): effective: defaults resolved
        recipe (str):
        resources (TaskRunResources):
        started (datetime.datetime | None): null: not run here
        task_id (UUID):
        versions (TaskRunVersions):
        warnings (list[str]):
        worker (None | str): null: not run here
        rec (int | None | Unset): n of ESO PRO RECn, of a run that a header tells of
    """

    attempt: int
    caveats: list[str]
    ended: datetime.datetime | None
    ifu: int | None
    key: None | str
    log_file_id: None | UUID
    parameters: TaskRunParameters
    recipe: str
    resources: TaskRunResources
    started: datetime.datetime | None
    task_id: UUID
    versions: TaskRunVersions
    warnings: list[str]
    worker: None | str
    rec: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        caveats = self.caveats

        ended: None | str
        if isinstance(self.ended, datetime.datetime):
            ended = self.ended.isoformat()
        else:
            ended = self.ended

        ifu: int | None
        ifu = self.ifu

        key: None | str
        key = self.key

        log_file_id: None | str
        if isinstance(self.log_file_id, UUID):
            log_file_id = str(self.log_file_id)
        else:
            log_file_id = self.log_file_id

        parameters = self.parameters.to_dict()

        recipe = self.recipe

        resources = self.resources.to_dict()

        started: None | str
        if isinstance(self.started, datetime.datetime):
            started = self.started.isoformat()
        else:
            started = self.started

        task_id = str(self.task_id)

        versions = self.versions.to_dict()

        warnings = self.warnings

        worker: None | str
        worker = self.worker

        rec: int | None | Unset
        if isinstance(self.rec, Unset):
            rec = UNSET
        else:
            rec = self.rec

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempt": attempt,
                "caveats": caveats,
                "ended": ended,
                "ifu": ifu,
                "key": key,
                "log_file_id": log_file_id,
                "parameters": parameters,
                "recipe": recipe,
                "resources": resources,
                "started": started,
                "task_id": task_id,
                "versions": versions,
                "warnings": warnings,
                "worker": worker,
            }
        )
        if rec is not UNSET:
            field_dict["rec"] = rec

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_run_parameters import TaskRunParameters  # noqa: PLC0415
        from ..models.task_run_resources import TaskRunResources  # noqa: PLC0415
        from ..models.task_run_versions import TaskRunVersions  # noqa: PLC0415

        d = dict(src_dict)
        attempt = d.pop("attempt")

        caveats = cast(list[str], d.pop("caveats"))

        def _parse_ended(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_type_0 = datetime.datetime.fromisoformat(data)

                return ended_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended = _parse_ended(d.pop("ended"))

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        def _parse_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        key = _parse_key(d.pop("key"))

        def _parse_log_file_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                log_file_id_type_0 = UUID(data)

                return log_file_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        log_file_id = _parse_log_file_id(d.pop("log_file_id"))

        parameters = TaskRunParameters.from_dict(d.pop("parameters"))

        recipe = d.pop("recipe")

        resources = TaskRunResources.from_dict(d.pop("resources"))

        def _parse_started(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_type_0 = datetime.datetime.fromisoformat(data)

                return started_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started = _parse_started(d.pop("started"))

        task_id = UUID(d.pop("task_id"))

        versions = TaskRunVersions.from_dict(d.pop("versions"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_worker(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        worker = _parse_worker(d.pop("worker"))

        def _parse_rec(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        rec = _parse_rec(d.pop("rec", UNSET))

        task_run = cls(
            attempt=attempt,
            caveats=caveats,
            ended=ended,
            ifu=ifu,
            key=key,
            log_file_id=log_file_id,
            parameters=parameters,
            recipe=recipe,
            resources=resources,
            started=started,
            task_id=task_id,
            versions=versions,
            warnings=warnings,
            worker=worker,
            rec=rec,
        )

        task_run.additional_properties = d
        return task_run

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
