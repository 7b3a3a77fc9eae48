"""Typical queries of the catalogue, asked of its ASGI app and timed there."""

import asyncio
import base64
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from musecore.db import Database

__all__ = ["Asked", "Timed", "Web", "deep", "typical"]


@dataclass(frozen=True)
class Timed:
    """Times of one question, in ms."""

    p50: float
    p99: float
    rows: int


@dataclass(frozen=True)
class Asked:
    """A question: what it is called, path, parameters, and its goal for p50 in ms."""

    name: str
    path: str
    given: dict[str, Any]
    goal_ms: float | None = None
    plan: bool = False


class Web:
    """Asks the app of the catalogue as a web server would: no socket, no client."""

    def __init__(self, app: FastAPI, token: str) -> None:
        self._app = app
        self._headers = [(b"authorization", f"Bearer {token}".encode())]

    async def get(self, path: str, given: dict[str, Any]) -> tuple[int, bytes]:
        """Give status and body of an answer."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(given).encode(),
            "root_path": "",
            "headers": self._headers,
            "client": ("127.0.0.1", 1),
            "server": ("catalogue", 80),
        }
        status, body = 0, b""

        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                await asyncio.Event().wait()  # the client stays and says no more
            sent = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, send)
        return status, body

    async def json(self, path: str, given: dict[str, Any]) -> Any:
        """Give the JSON of a successful answer."""
        status, body = await self.get(path, given)
        assert status == 200, (path, given, body[:500])
        return json.loads(body)

    async def timed(self, asked: Asked, *, rounds: int, longest_s: float) -> Timed:
        """Ask again and again; the first time does not count."""
        status, body = await self.get(asked.path, asked.given)
        assert status == 200, (asked, body[:500])
        times: list[float] = []
        end = time.perf_counter() + longest_s
        while len(times) < rounds and (len(times) < 3 or time.perf_counter() < end):
            start = time.perf_counter()
            await self.get(asked.path, asked.given)
            times.append(1e3 * (time.perf_counter() - start))
        return Timed(statistics.median(times), _high(times), _rows(json.loads(body)))


def _high(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def _rows(body: Any) -> int:
    for name in ("items", "rows"):
        if name in body:
            return len(body[name])
    return int(body.get("count", 1))


async def deep(database: Database, order: str, where: str, share: float) -> str:
    """Give where a page begins that far into an order: as `next` of the page before."""
    keys = "frame_id" if not order else "mjd_us, frame_id"
    sql = f"SELECT {keys} FROM frame WHERE {where} ORDER BY {order or 'frame_id'}"  # noqa: S608  fixed words
    async with database.begin() as tx:
        found = await tx.execute(f"SELECT count(*) FROM frame WHERE {where}")  # noqa: S608  fixed words
        at = int(found.scalar_one() * share)
        row = (await tx.execute(f"{sql} OFFSET {at} LIMIT 1")).one()
    *values, frame_id = row
    place = json.dumps([*values, {"id": frame_id.hex}])
    return base64.urlsafe_b64encode(place.encode()).decode()


async def typical(database: Database, cube: str, night: str) -> list[Asked]:
    """Give the questions for a catalogue with this cube and this night."""
    newest = "mjd_us DESC NULLS LAST, frame_id"
    science = {"class": "OBJECT", "order": "-DATE_OBS"}
    far = await deep(database, "", "true", 0.9)
    far_science = await deep(database, newest, "tag = 'OBJECT'", 0.9)
    async with database.begin() as tx:
        found = await tx.execute(
            "SELECT obs_id FROM file WHERE tag = 'OBJECT' OFFSET 1000 LIMIT 1"
        )
        ob = found.scalar_one()
    page, table, count = "/objects", "/objects/table", "/objects/count"
    there = f"night == {night}"
    sensor = 'header["ESO INS TEMP90 VAL"] > 10'
    rare = 'header["ESO INS TEMP900 VAL"] > 14.9'
    return [
        Asked("first page of all", page, {}, 8),
        Asked("deep page of all (90 %)", page, {"after": far}, 8),
        Asked("class, newest first", page, science, 8),
        Asked("the same, deep (90 %)", page, {**science, "after": far_science}, 8),
        Asked("class and night", page, {"class": "BIAS", "q": there}, 8),
        Asked("typed column (OBS ID)", page, {"q": f"obs_id == {ob}"}, 10),
        Asked(
            "class and exposure time",
            page,
            {"class": "OBJECT", "q": "exptime > 1550"},
            10,
        ),
        Asked("name of the target begins", page, {"q": 'target ~ "TARGET-12?"'}, 10),
        Asked("cone of 1 deg", page, {"q": "cone(120, -30, 1 deg)"}, None),
        Asked(
            "four columns of a class, with a QC value",
            table,
            {
                "class": "MASTER_BIAS",
                "columns": "night, DATE_OBS, filename, ron",
                "order": "-DATE_OBS",
            },
            None,
        ),
        Asked("count of a night", count, {"q": there}, None),
        Asked(
            "everything a cube was made from", count, {"q": f'used_by("{cube}")'}, 100
        ),
        Asked(
            "keyword, class and night",
            page,
            {"class": "BIAS", "q": f"{there} & {sensor}"},
            plan=True,
        ),
        Asked("keyword that 1 % have", page, {"q": rare}, plan=True),
        Asked("keyword that all have, counted", count, {"q": sensor}, plan=True),
    ]
