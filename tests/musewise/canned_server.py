"""A server of canned answers, for httpx.MockTransport; it keeps what was asked."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from tests.musewise.canned import (
    CUBE_BYTES,
    DIFF,
    HEADER,
    LOG,
    NIGHTS,
    QC,
    REFUSALS,
    SETS,
    TOKEN,
    make_attempt,
    make_job,
    make_lineage,
    make_plan,
    make_why,
    sha_of,
)

Answer = tuple[int, Any] | httpx.Response


def problem(status: int, code: str, detail: str, **more: Any) -> Answer:
    """A problem document."""
    body = {
        "type": f"urn:musewise:error:{code}",
        "title": code,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": None,
        "loc": None,
        "correlation_id": "req-1",
        **more,
    }
    return httpx.Response(
        status, json=body, headers={"Content-Type": "application/problem+json"}
    )


@dataclass
class CannedServer:
    """Answers by route; what was asked is kept in ``asked``."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=make_plan)
    jobs: list[dict[str, Any]] = field(default_factory=lambda: [make_job("DONE")])
    tasks: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=lambda: [make_attempt()])
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)  # "METHOD path" first
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    page: int = 1000
    local: bool = False
    break_off_after: int | None = None  # bytes of a download

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        body = request.read()
        is_json = request.headers.get("content-type") == "application/json"
        said = json.loads(body) if is_json and body else body or None
        query = {k: v[-1] for k, v in parse_qs(request.url.query.decode()).items()}
        self.asked.append((request.method, path, said if said is not None else query))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _response(problem(401, "unauthorized", "The token does not hold."))
        fixed = self.answers.get(f"{request.method} {path}")
        if fixed is not None:
            return _response(fixed)
        for method, pattern, act in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return _response(act(self, found, query, said, request))
        return _response(problem(404, "not_found", f"{path} is not here."))

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        return ROUTES

    def sent(self, method: str, path: str) -> list[Any]:
        """What was sent to a path."""
        return [
            said for how, where, said in self.asked if (how, where) == (method, path)
        ]


def _response(answer: Answer) -> httpx.Response:
    if isinstance(answer, httpx.Response):
        return answer
    return httpx.Response(answer[0], json=answer[1])


def _frames(server: CannedServer, _: Any, query: dict[str, str], *__: Any) -> Answer:
    fits = [
        one
        for one in server.frames
        if all(
            str(one.get(name)) == value
            for name, value in query.items()
            if name not in ("limit", "after")
        )
    ]
    ids = [one["frame_id"] for one in fits]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    stop = start + min(int(query["limit"]), server.page)
    more = ids[stop - 1] if stop < len(fits) else None
    return 200, {"items": fits[start:stop], "next": more}


def _frame(server: CannedServer, found: re.Match[str], *_: Any) -> Answer:
    fits = [one for one in server.frames if one["frame_id"].startswith(found[1])]
    if not fits:
        return problem(404, "frame_not_found", f"There is no frame {found[1]}.")
    if len(fits) > 1:
        ids = [one["frame_id"] for one in fits]
        detail = f"{found[1]} is the beginning of {len(ids)} ids."
        return problem(409, "ambiguous_id", detail, candidates=ids)
    return 200, fits[0]


def _flag(server: CannedServer, found: re.Match[str], *rest: Any) -> Answer:
    status, frame = _frame(server, found)  # type: ignore[misc]
    said = rest[1]
    frame["is_valid"], frame["is_valid_reason"] = said["is_valid"], said["reason"]
    return status, frame


def _batch(server: CannedServer, _: Any, __: Any, said: Any, *___: Any) -> Answer:
    edits = []
    for edit in said["edits"]:
        frame = next(
            one for one in server.frames if one["frame_id"] == edit["frame_id"]
        )
        before, after = {"is_valid": frame["is_valid"]}, {"is_valid": edit["is_valid"]}
        edits.append({**frame, "before": before, "after": after})
    text = "no products made of these"
    return 200, {"dry_run": said["dry_run"], "edits": edits, "text": text}


def _kin(*_: Any) -> Answer:
    nodes = make_lineage()["inputs"]
    return 200, [
        {"depth": 1, "role": one["tag"], "frame": one["frame"], "recipe": None}
        for one in nodes
    ]


def _upload(server: CannedServer, _: Any, __: Any, said: Any, *___: Any) -> Answer:
    number = f"0199a1b2-c3d4-7fff-8000-{len(server.stored) + 1:012x}"
    how = "link" if "source_path" in said else "put"
    server.stored[number] = dict(said)
    answer = {"file_id": number, "object_key": "objects/1", "upload": how, "url": "x"}
    return 201, answer


def _content(server: CannedServer, found: re.Match[str], *rest: Any) -> Answer:
    server.stored[found[1]]["bytes"] = rest[1] or b""
    return httpx.Response(204)


def _commit(server: CannedServer, found: re.Match[str], *rest: Any) -> Answer:
    one = server.stored[found[1]]
    if "text" in one["filename"]:
        del server.stored[found[1]]
        return problem(422, "not_fits", f"{one['filename']} is no FITS file.")
    content = one.get("bytes") or one["filename"].encode()
    one["sha256"] = sha_of(content)
    twins = [
        number
        for number, other in server.stored.items()
        if other.get("sha256") == one["sha256"] and number != found[1]
    ]
    twin = twins[0] if twins else None
    if twin:
        del server.stored[found[1]]
    size = len(content)
    return 200, {
        "file_id": found[1], "sha256": one["sha256"], "content_key": one["sha256"],
        "size": size, "duplicate_of": twin,
    }  # fmt: skip


def _status(server: CannedServer, _: Any, __: Any, said: Any, *___: Any) -> Answer:
    rows = []
    for number in said["file_ids"]:
        one = server.stored[number]
        one["asked"] = one.get("asked", 0) + 1
        row = {"file_id": number, "state": "registered", "tag": "BIAS", "frames": [],
               "code": None, "detail": None}  # fmt: skip
        if "alien" in one["filename"]:
            row |= {"state": "refused", "tag": None, "code": "not_muse",
                    "detail": "INSTRUME is 'FORS2', not 'MUSE'."}  # fmt: skip
        elif one["asked"] == 1:
            row |= {"state": "pending", "tag": None}
        elif "again" in one["filename"]:
            row["detail"] = "The exposure was here before with other content (01a2)."
        rows.append(row)
    return 200, rows


def _register(_: CannedServer, __: Any, ___: Any, said: Any, *____: Any) -> Answer:
    rows = [{"name": row["name"], "state": "registered", "file_id": f"row-{n}",
             "code": None, "detail": None}
            for n, row in enumerate(said["rows"])]  # fmt: skip
    return 200, rows


def _bytes(server: CannedServer, *rest: Any) -> Answer:
    request: httpx.Request = rest[-1]
    wanted = request.headers.get("range")
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
    body = CUBE_BYTES[start : server.break_off_after]
    return httpx.Response(206 if wanted else 200, content=body)


def _job(server: CannedServer, *_: Any) -> Answer:
    """The next canned moment of the job; the last one stays."""
    return 200, server.jobs.pop(0) if len(server.jobs) > 1 else server.jobs[0]


def _tasks(server: CannedServer, *_: Any) -> Answer:
    return 200, server.tasks


WORKER = {
    "name": "w1",
    "site": "garching",
    "pools": {"small": 4, "large": 1},
    "state": "PAUSED",
    "reason": "disk swap",
    "seen_at": "2026-03-01T12:00:00Z",
    "running": ["019b0a3c-5d00-7004-8000-000000000004"],
}
GATE = {
    "kind": "site",
    "name": "garching",
    "reason": "power cut",
    "who": "op",
    "since": "2026-03-01T12:00:00Z",
}


ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "/catalog/frames", _frames),
    ("GET", "/catalog/frames/([^/]+)", _frame),
    ("PATCH", "/catalog/frames/([^/]+)", _flag),
    ("GET", "/catalog/frames/[^/]+/lineage", lambda *_: (200, make_lineage())),
    ("GET", "/catalog/frames/[^/]+/lineage/table", _kin),
    ("POST", "/catalog/quality/batch", _batch),
    ("GET", "/catalog/frames/[^/]+/qc", lambda *_: (200, QC)),
    ("GET", "/catalog/frames/[^/]+/header", lambda *_: (200, HEADER)),
    ("POST", "/catalog/files/status", _status),
    ("POST", "/catalog/register", _register),
    ("POST", "/scheduler/files/unknown", lambda *_: (200, [])),
    ("GET", "/catalog/nights", lambda *_: (200, NIGHTS)),
    ("GET", "/catalog/sets", lambda *_: (200, SETS)),
    ("GET", "/catalog/refusals", lambda *_: (200, REFUSALS)),
    ("GET", "/catalog/diff", lambda *_: (200, DIFF)),
    ("POST", "/storage/uploads", _upload),
    ("PUT", "/storage/uploads/([^/]+)/content", _content),
    ("POST", "/storage/uploads/([^/]+)/commit", _commit),
    (
        "GET",
        "/storage/files/[^/]+-7eee-[^/]+/content",
        lambda *_: httpx.Response(200, text=LOG),
    ),
    ("GET", "/storage/files/[^/]+/content", _bytes),
    ("POST", "/scheduler/plans", lambda server, *_: (200, server.plan)),
    ("POST", "/scheduler/jobs", _job),
    ("GET", "/scheduler/jobs", lambda server, *_: (200, server.jobs)),
    ("GET", "/scheduler/workers", lambda *_: (200, [WORKER])),
    ("POST", "/scheduler/workers/[^/]+/[a-z]+", lambda *_: (200, WORKER)),
    ("POST", "/scheduler/(sites|pools)/[^/]+/[a-z]+", lambda *_: (200, [GATE])),
    ("GET", "/scheduler/jobs/[^/]+", _job),
    ("GET", "/scheduler/jobs/[^/]+/tasks", _tasks),
    ("POST", "/scheduler/jobs/[^/]+/(cancel|retry|fan-in)", _job),
    (
        "GET",
        "/scheduler/tasks/[^/]+/attempts",
        lambda server, *_: (200, server.attempts),
    ),
    ("GET", "/scheduler/why", lambda *_: (200, make_why())),
]
