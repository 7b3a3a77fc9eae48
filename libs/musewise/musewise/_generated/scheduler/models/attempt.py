from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Attempt")


@_attrs_define
class Attempt:
    """One try of a task by one worker. ``wall_s``, ``cpu_s`` in seconds.

    Attributes:
        attempt (int):
        bytes_in (int | None):
        bytes_out (int | None):
        cpu_s (float | None):
        detail (str):
        ended (datetime.datetime | None):
        exit_code (int | None):
        log_file_id (None | UUID):
        max_rss_mb (float | None):
        outcome (None | str):
        pid (int | None):
        signal (int | None):
        started (datetime.datetime):
        task_id (UUID):
        telling_lines (list[str]):
        wall_s (float | None):
        worker (str):
    """

    attempt: int
    bytes_in: int | None
    bytes_out: int | None
    cpu_s: float | None
    detail: str
    ended: datetime.datetime | None
    exit_code: int | None
    log_file_id: None | UUID
    max_rss_mb: float | None
    outcome: None | str
    pid: int | None
    signal: int | None
    started: datetime.datetime
    task_id: UUID
    telling_lines: list[str]
    wall_s: float | None
    worker: str

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        bytes_in: int | None
        bytes_in = self.bytes_in

        bytes_out: int | None
        bytes_out = self.bytes_out

        cpu_s: float | None
        cpu_s = self.cpu_s

        detail = self.detail

        ended: None | str
        if isinstance(self.ended, datetime.datetime):
            ended = self.ended.isoformat()
        else:
            ended = self.ended

        exit_code: int | None
        exit_code = self.exit_code

        log_file_id: None | str
        if isinstance(self.log_file_id, UUID):
            log_file_id = str(self.log_file_id)
        else:
            log_file_id = self.log_file_id

        max_rss_mb: float | None
        max_rss_mb = self.max_rss_mb

        outcome: None | str
        outcome = self.outcome

        pid: int | None
        pid = self.pid

        signal: int | None
        signal = self.signal

        started = self.started.isoformat()

        task_id = str(self.task_id)

        telling_lines = self.telling_lines

        wall_s: float | None
        wall_s = self.wall_s

        worker = self.worker

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "bytes_in": bytes_in,
                "bytes_out": bytes_out,
                "cpu_s": cpu_s,
                "detail": detail,
                "ended": ended,
                "exit_code": exit_code,
                "log_file_id": log_file_id,
                "max_rss_mb": max_rss_mb,
                "outcome": outcome,
                "pid": pid,
                "signal": signal,
                "started": started,
                "task_id": task_id,
                "telling_lines": telling_lines,
                "wall_s": wall_s,
                "worker": worker,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempt = d.pop("attempt")

        def _parse_bytes_in(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        bytes_in = _parse_bytes_in(d.pop("bytes_in"))

        def _parse_bytes_out(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        bytes_out = _parse_bytes_out(d.pop("bytes_out"))

        def _parse_cpu_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        cpu_s = _parse_cpu_s(d.pop("cpu_s"))

        detail = d.pop("detail")

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

        def _parse_exit_code(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        exit_code = _parse_exit_code(d.pop("exit_code"))

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

        def _parse_max_rss_mb(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        max_rss_mb = _parse_max_rss_mb(d.pop("max_rss_mb"))

        def _parse_outcome(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        outcome = _parse_outcome(d.pop("outcome"))

        def _parse_pid(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        pid = _parse_pid(d.pop("pid"))

        def _parse_signal(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        signal = _parse_signal(d.pop("signal"))

        started = datetime.datetime.fromisoformat(d.pop("started"))

        task_id = UUID(d.pop("task_id"))

        telling_lines = cast(list[str], d.pop("telling_lines"))

        def _parse_wall_s(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        wall_s = _parse_wall_s(d.pop("wall_s"))

        worker = d.pop("worker")

        attempt = cls(
            attempt=attempt,
            bytes_in=bytes_in,
            bytes_out=bytes_out,
            cpu_s=cpu_s,
            detail=detail,
            ended=ended,
            exit_code=exit_code,
            log_file_id=log_file_id,
            max_rss_mb=max_rss_mb,
            outcome=outcome,
            pid=pid,
            signal=signal,
            started=started,
            task_id=task_id,
            telling_lines=telling_lines,
            wall_s=wall_s,
            worker=worker,
        )

        return attempt
