from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.claimed_input import ClaimedInput
    from ..models.claimed_output import ClaimedOutput
    from ..models.claimed_task_parameters import ClaimedTaskParameters
    from ..models.claimed_task_set_parameters import ClaimedTaskSetParameters
    from ..models.claimed_task_versions import ClaimedTaskVersions


T = TypeVar("T", bound="ClaimedTask")


@_attrs_define
class ClaimedTask:
    """Everything a worker needs to run one attempt.

    Attributes:
        attempt (int):
        caveats (list[str]):
        ifu (int | None):
        inputs (list[ClaimedInput]):
        key (str):
        lease_s (float):
        memory_mb (int):
        outputs (list[ClaimedOutput]):
        owner (str):
        parameters (ClaimedTaskParameters):
        project (str):
        recipe (str):
        set_parameters (ClaimedTaskSetParameters):
        task_id (UUID):
        threads (int):
        timeout_s (int):
        versions (ClaimedTaskVersions):
    """

    attempt: int
    caveats: list[str]
    ifu: int | None
    inputs: list[ClaimedInput]
    key: str
    lease_s: float
    memory_mb: int
    outputs: list[ClaimedOutput]
    owner: str
    parameters: ClaimedTaskParameters
    project: str
    recipe: str
    set_parameters: ClaimedTaskSetParameters
    task_id: UUID
    threads: int
    timeout_s: int
    versions: ClaimedTaskVersions

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        caveats = self.caveats

        ifu: int | None
        ifu = self.ifu

        inputs = []
        for inputs_item_data in self.inputs:
            inputs_item = inputs_item_data.to_dict()
            inputs.append(inputs_item)

        key = self.key

        lease_s = self.lease_s

        memory_mb = self.memory_mb

        outputs = []
        for outputs_item_data in self.outputs:
            outputs_item = outputs_item_data.to_dict()
            outputs.append(outputs_item)

        owner = self.owner

        parameters = self.parameters.to_dict()

        project = self.project

        recipe = self.recipe

        set_parameters = self.set_parameters.to_dict()

        task_id = str(self.task_id)

        threads = self.threads

        timeout_s = self.timeout_s

        versions = self.versions.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "caveats": caveats,
                "ifu": ifu,
                "inputs": inputs,
                "key": key,
                "lease_s": lease_s,
                "memory_mb": memory_mb,
                "outputs": outputs,
                "owner": owner,
                "parameters": parameters,
                "project": project,
                "recipe": recipe,
                "set_parameters": set_parameters,
                "task_id": task_id,
                "threads": threads,
                "timeout_s": timeout_s,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.claimed_input import ClaimedInput  # noqa: PLC0415
        from ..models.claimed_output import ClaimedOutput  # noqa: PLC0415
        from ..models.claimed_task_parameters import ClaimedTaskParameters  # noqa: PLC0415
        from ..models.claimed_task_set_parameters import ClaimedTaskSetParameters  # noqa: PLC0415
        from ..models.claimed_task_versions import ClaimedTaskVersions  # noqa: PLC0415

        d = dict(src_dict)
        attempt = d.pop("attempt")

        caveats = cast(list[str], d.pop("caveats"))

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        inputs = []
        _inputs = d.pop("inputs")
        for inputs_item_data in _inputs:
            inputs_item = ClaimedInput.from_dict(inputs_item_data)

            inputs.append(inputs_item)

        key = d.pop("key")

        lease_s = d.pop("lease_s")

        memory_mb = d.pop("memory_mb")

        outputs = []
        _outputs = d.pop("outputs")
        for outputs_item_data in _outputs:
            outputs_item = ClaimedOutput.from_dict(outputs_item_data)

            outputs.append(outputs_item)

        owner = d.pop("owner")

        parameters = ClaimedTaskParameters.from_dict(d.pop("parameters"))

        project = d.pop("project")

        recipe = d.pop("recipe")

        set_parameters = ClaimedTaskSetParameters.from_dict(d.pop("set_parameters"))

        task_id = UUID(d.pop("task_id"))

        threads = d.pop("threads")

        timeout_s = d.pop("timeout_s")

        versions = ClaimedTaskVersions.from_dict(d.pop("versions"))

        claimed_task = cls(
            attempt=attempt,
            caveats=caveats,
            ifu=ifu,
            inputs=inputs,
            key=key,
            lease_s=lease_s,
            memory_mb=memory_mb,
            outputs=outputs,
            owner=owner,
            parameters=parameters,
            project=project,
            recipe=recipe,
            set_parameters=set_parameters,
            task_id=task_id,
            threads=threads,
            timeout_s=timeout_s,
            versions=versions,
        )

        return claimed_task
