import datetime
from typing import Any
from uuid import UUID

from musewise.calls import Call

from ...models.get_sets_kind_type_0 import GetSetsKindType0
from ...models.get_sets_state_type_0 import (
    GetSetsStateType0,
)
from ...models.template_set import TemplateSet
from ...types import UNSET, Unset


def get_sets(
    *,
    tag: None | str | Unset = UNSET,
    kind: GetSetsKindType0 | None | Unset = UNSET,
    night: datetime.date | None | Unset = UNSET,
    target: None | str | Unset = UNSET,
    arcfile: None | str | Unset = UNSET,
    filename: None | str | Unset = UNSET,
    ins_mode: None | str | Unset = UNSET,
    tpl_start: None | str | Unset = UNSET,
    task_id: None | Unset | UUID = UNSET,
    file_id: None | Unset | UUID = UNSET,
    project: None | str | Unset = UNSET,
    recipe: None | str | Unset = UNSET,
    state: GetSetsStateType0 | None | Unset = UNSET,
) -> Call[list[TemplateSet]]:
    """Template sets, oldest first"""

    params: dict[str, Any] = {}

    json_tag: None | str | Unset
    if isinstance(tag, Unset):
        json_tag = UNSET
    else:
        json_tag = tag
    params["tag"] = json_tag

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, str):
        json_kind = kind
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_night: None | str | Unset
    if isinstance(night, Unset):
        json_night = UNSET
    elif isinstance(night, datetime.date):
        json_night = night.isoformat()
    else:
        json_night = night
    params["night"] = json_night

    json_target: None | str | Unset
    if isinstance(target, Unset):
        json_target = UNSET
    else:
        json_target = target
    params["target"] = json_target

    json_arcfile: None | str | Unset
    if isinstance(arcfile, Unset):
        json_arcfile = UNSET
    else:
        json_arcfile = arcfile
    params["arcfile"] = json_arcfile

    json_filename: None | str | Unset
    if isinstance(filename, Unset):
        json_filename = UNSET
    else:
        json_filename = filename
    params["filename"] = json_filename

    json_ins_mode: None | str | Unset
    if isinstance(ins_mode, Unset):
        json_ins_mode = UNSET
    else:
        json_ins_mode = ins_mode
    params["ins_mode"] = json_ins_mode

    json_tpl_start: None | str | Unset
    if isinstance(tpl_start, Unset):
        json_tpl_start = UNSET
    else:
        json_tpl_start = tpl_start
    params["tpl_start"] = json_tpl_start

    json_task_id: None | str | Unset
    if isinstance(task_id, Unset):
        json_task_id = UNSET
    elif isinstance(task_id, UUID):
        json_task_id = str(task_id)
    else:
        json_task_id = task_id
    params["task_id"] = json_task_id

    json_file_id: None | str | Unset
    if isinstance(file_id, Unset):
        json_file_id = UNSET
    elif isinstance(file_id, UUID):
        json_file_id = str(file_id)
    else:
        json_file_id = file_id
    params["file_id"] = json_file_id

    json_project: None | str | Unset
    if isinstance(project, Unset):
        json_project = UNSET
    else:
        json_project = project
    params["project"] = json_project

    json_recipe: None | str | Unset
    if isinstance(recipe, Unset):
        json_recipe = UNSET
    else:
        json_recipe = recipe
    params["recipe"] = json_recipe

    json_state: None | str | Unset
    if isinstance(state, Unset):
        json_state = UNSET
    elif isinstance(state, str):
        json_state = state
    else:
        json_state = state
    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> list[TemplateSet]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = TemplateSet.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/sets",
        parse,
        **_kwargs,
    )
