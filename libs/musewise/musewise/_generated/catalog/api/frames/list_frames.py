import datetime
from typing import Any
from uuid import UUID

from musewise.calls import Call

from ...models.frame_page import FramePage
from ...models.list_frames_is_valid_type_0 import (
    ListFramesIsValidType0,
)
from ...models.list_frames_kind_type_0 import (
    ListFramesKindType0,
)
from ...models.list_frames_state_type_0 import (
    ListFramesStateType0,
)
from ...types import UNSET, Unset


def list_frames(
    *,
    tag: None | str | Unset = UNSET,
    kind: ListFramesKindType0 | None | Unset = UNSET,
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
    state: ListFramesStateType0 | None | Unset = UNSET,
    ifu: int | None | Unset = UNSET,
    is_valid: ListFramesIsValidType0 | None | Unset = UNSET,
    limit: int | Unset = 100,
    after: None | Unset | UUID = UNSET,
) -> Call[FramePage]:
    """Frames that fit all given values

    In the order of their ids, that is of their arrival.
    """

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

    json_ifu: int | None | Unset
    if isinstance(ifu, Unset):
        json_ifu = UNSET
    else:
        json_ifu = ifu
    params["ifu"] = json_ifu

    json_is_valid: None | str | Unset
    if isinstance(is_valid, Unset):
        json_is_valid = UNSET
    elif isinstance(is_valid, str):
        json_is_valid = is_valid
    else:
        json_is_valid = is_valid
    params["is_valid"] = json_is_valid

    params["limit"] = limit

    json_after: None | str | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    elif isinstance(after, UUID):
        json_after = str(after)
    else:
        json_after = after
    params["after"] = json_after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> FramePage:
        response_200 = FramePage.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/frames",
        parse,
        **_kwargs,
    )
