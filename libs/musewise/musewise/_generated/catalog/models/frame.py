from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.frame_is_valid import FrameIsValid, check_frame_is_valid
from ..models.frame_kind import FrameKind, check_frame_kind
from ..models.frame_state import FrameState, check_frame_state

if TYPE_CHECKING:
    from ..models.frame_keywords import FrameKeywords


T = TypeVar("T", bound="Frame")


@_attrs_define
class Frame:
    """A frame: one IFU of a file, or the whole field (``ifu`` null).

    Attributes:
        arcfile (str): identity of an exposure
        chip_id (None | str):
        chip_live (bool): false: a dead channel
        chip_name (None | str):
        content_key (str):
        created_at (datetime.datetime):
        date_obs (None | str): as written in the header
        dec (float | None): deg
        exptime_s (float | None):
        file_id (UUID):
        filename (str):
        flags_said (list[str]): set by people
        frame_id (UUID):
        grade (None | str): newest assessment, A to D
        ifu (int | None): 1..24; null: the whole field
        ins_mode (None | str):
        is_valid (FrameIsValid): said by people: yes, no, unknown or proposed
        is_valid_reason (None | str):
        keywords (FrameKeywords): all typed columns
        kind (FrameKind):
        mjd_us (int | None): start, microseconds of MJD
        night (datetime.date | None): UT date, minus one day before 20:40 UT
        object_ (None | str):
        obs_id (int | None):
        obs_name (None | str):
        owner (str):
        prog_id (None | str):
        project (str):
        quality_flags (list[str]): set by the system, and `flags_said`
        ra (float | None): deg
        recipe (None | str): that made the product
        sha256 (str):
        size (int): bytes, of the file
        state (FrameState):
        tag (str):
        target (None | str): OBS TARG NAME
        task_id (None | UUID):
        tpl_expno (int | None):
        tpl_id (None | str):
        tpl_nexp (int | None):
        tpl_start (None | str):
        verdict (bool | None): last judged; counts for choices while a proposal waits
        version (int): of what people said; an edit gives it as `expect`
    """

    arcfile: str
    chip_id: None | str
    chip_live: bool
    chip_name: None | str
    content_key: str
    created_at: datetime.datetime
    date_obs: None | str
    dec: float | None
    exptime_s: float | None
    file_id: UUID
    filename: str
    flags_said: list[str]
    frame_id: UUID
    grade: None | str
    ifu: int | None
    ins_mode: None | str
    is_valid: FrameIsValid
    is_valid_reason: None | str
    keywords: FrameKeywords
    kind: FrameKind
    mjd_us: int | None
    night: datetime.date | None
    object_: None | str
    obs_id: int | None
    obs_name: None | str
    owner: str
    prog_id: None | str
    project: str
    quality_flags: list[str]
    ra: float | None
    recipe: None | str
    sha256: str
    size: int
    state: FrameState
    tag: str
    target: None | str
    task_id: None | UUID
    tpl_expno: int | None
    tpl_id: None | str
    tpl_nexp: int | None
    tpl_start: None | str
    verdict: bool | None
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        arcfile = self.arcfile

        chip_id: None | str
        chip_id = self.chip_id

        chip_live = self.chip_live

        chip_name: None | str
        chip_name = self.chip_name

        content_key = self.content_key

        created_at = self.created_at.isoformat()

        date_obs: None | str
        date_obs = self.date_obs

        dec: float | None
        dec = self.dec

        exptime_s: float | None
        exptime_s = self.exptime_s

        file_id = str(self.file_id)

        filename = self.filename

        flags_said = self.flags_said

        frame_id = str(self.frame_id)

        grade: None | str
        grade = self.grade

        ifu: int | None
        ifu = self.ifu

        ins_mode: None | str
        ins_mode = self.ins_mode

        is_valid: str = self.is_valid

        is_valid_reason: None | str
        is_valid_reason = self.is_valid_reason

        keywords = self.keywords.to_dict()

        kind: str = self.kind

        mjd_us: int | None
        mjd_us = self.mjd_us

        night: None | str
        if isinstance(self.night, datetime.date):
            night = self.night.isoformat()
        else:
            night = self.night

        object_: None | str
        object_ = self.object_

        obs_id: int | None
        obs_id = self.obs_id

        obs_name: None | str
        obs_name = self.obs_name

        owner = self.owner

        prog_id: None | str
        prog_id = self.prog_id

        project = self.project

        quality_flags = self.quality_flags

        ra: float | None
        ra = self.ra

        recipe: None | str
        recipe = self.recipe

        sha256 = self.sha256

        size = self.size

        state: str = self.state

        tag = self.tag

        target: None | str
        target = self.target

        task_id: None | str
        if isinstance(self.task_id, UUID):
            task_id = str(self.task_id)
        else:
            task_id = self.task_id

        tpl_expno: int | None
        tpl_expno = self.tpl_expno

        tpl_id: None | str
        tpl_id = self.tpl_id

        tpl_nexp: int | None
        tpl_nexp = self.tpl_nexp

        tpl_start: None | str
        tpl_start = self.tpl_start

        verdict: bool | None
        verdict = self.verdict

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "arcfile": arcfile,
                "chip_id": chip_id,
                "chip_live": chip_live,
                "chip_name": chip_name,
                "content_key": content_key,
                "created_at": created_at,
                "date_obs": date_obs,
                "dec": dec,
                "exptime_s": exptime_s,
                "file_id": file_id,
                "filename": filename,
                "flags_said": flags_said,
                "frame_id": frame_id,
                "grade": grade,
                "ifu": ifu,
                "ins_mode": ins_mode,
                "is_valid": is_valid,
                "is_valid_reason": is_valid_reason,
                "keywords": keywords,
                "kind": kind,
                "mjd_us": mjd_us,
                "night": night,
                "object": object_,
                "obs_id": obs_id,
                "obs_name": obs_name,
                "owner": owner,
                "prog_id": prog_id,
                "project": project,
                "quality_flags": quality_flags,
                "ra": ra,
                "recipe": recipe,
                "sha256": sha256,
                "size": size,
                "state": state,
                "tag": tag,
                "target": target,
                "task_id": task_id,
                "tpl_expno": tpl_expno,
                "tpl_id": tpl_id,
                "tpl_nexp": tpl_nexp,
                "tpl_start": tpl_start,
                "verdict": verdict,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.frame_keywords import FrameKeywords  # noqa: PLC0415

        d = dict(src_dict)
        arcfile = d.pop("arcfile")

        def _parse_chip_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        chip_id = _parse_chip_id(d.pop("chip_id"))

        chip_live = d.pop("chip_live")

        def _parse_chip_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        chip_name = _parse_chip_name(d.pop("chip_name"))

        content_key = d.pop("content_key")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_date_obs(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        date_obs = _parse_date_obs(d.pop("date_obs"))

        def _parse_dec(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        dec = _parse_dec(d.pop("dec"))

        def _parse_exptime_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        exptime_s = _parse_exptime_s(d.pop("exptime_s"))

        file_id = UUID(d.pop("file_id"))

        filename = d.pop("filename")

        flags_said = cast(list[str], d.pop("flags_said"))

        frame_id = UUID(d.pop("frame_id"))

        def _parse_grade(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        grade = _parse_grade(d.pop("grade"))

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        def _parse_ins_mode(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ins_mode = _parse_ins_mode(d.pop("ins_mode"))

        is_valid = check_frame_is_valid(d.pop("is_valid"))

        def _parse_is_valid_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        is_valid_reason = _parse_is_valid_reason(d.pop("is_valid_reason"))

        keywords = FrameKeywords.from_dict(d.pop("keywords"))

        kind = check_frame_kind(d.pop("kind"))

        def _parse_mjd_us(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        mjd_us = _parse_mjd_us(d.pop("mjd_us"))

        def _parse_night(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                night_type_0 = datetime.date.fromisoformat(data)

                return night_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        night = _parse_night(d.pop("night"))

        def _parse_object_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        object_ = _parse_object_(d.pop("object"))

        def _parse_obs_id(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        obs_id = _parse_obs_id(d.pop("obs_id"))

        def _parse_obs_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        obs_name = _parse_obs_name(d.pop("obs_name"))

        owner = d.pop("owner")

        def _parse_prog_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        prog_id = _parse_prog_id(d.pop("prog_id"))

        project = d.pop("project")

        quality_flags = cast(list[str], d.pop("quality_flags"))

        def _parse_ra(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        ra = _parse_ra(d.pop("ra"))

        def _parse_recipe(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        recipe = _parse_recipe(d.pop("recipe"))

        sha256 = d.pop("sha256")

        size = d.pop("size")

        state = check_frame_state(d.pop("state"))

        tag = d.pop("tag")

        def _parse_target(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        target = _parse_target(d.pop("target"))

        def _parse_task_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                task_id_type_0 = UUID(data)

                return task_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        task_id = _parse_task_id(d.pop("task_id"))

        def _parse_tpl_expno(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tpl_expno = _parse_tpl_expno(d.pop("tpl_expno"))

        def _parse_tpl_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tpl_id = _parse_tpl_id(d.pop("tpl_id"))

        def _parse_tpl_nexp(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tpl_nexp = _parse_tpl_nexp(d.pop("tpl_nexp"))

        def _parse_tpl_start(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tpl_start = _parse_tpl_start(d.pop("tpl_start"))

        def _parse_verdict(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        verdict = _parse_verdict(d.pop("verdict"))

        version = d.pop("version")

        frame = cls(
            arcfile=arcfile,
            chip_id=chip_id,
            chip_live=chip_live,
            chip_name=chip_name,
            content_key=content_key,
            created_at=created_at,
            date_obs=date_obs,
            dec=dec,
            exptime_s=exptime_s,
            file_id=file_id,
            filename=filename,
            flags_said=flags_said,
            frame_id=frame_id,
            grade=grade,
            ifu=ifu,
            ins_mode=ins_mode,
            is_valid=is_valid,
            is_valid_reason=is_valid_reason,
            keywords=keywords,
            kind=kind,
            mjd_us=mjd_us,
            night=night,
            object_=object_,
            obs_id=obs_id,
            obs_name=obs_name,
            owner=owner,
            prog_id=prog_id,
            project=project,
            quality_flags=quality_flags,
            ra=ra,
            recipe=recipe,
            sha256=sha256,
            size=size,
            state=state,
            tag=tag,
            target=target,
            task_id=task_id,
            tpl_expno=tpl_expno,
            tpl_id=tpl_id,
            tpl_nexp=tpl_nexp,
            tpl_start=tpl_start,
            verdict=verdict,
            version=version,
        )

        frame.additional_properties = d
        return frame

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
