"""A catalogue of a million objects: bulk registration, and typical queries.

Headers of about 150 cards (one file in a hundred with 1,696) are registered by the
catalogue's own service into a private PostgreSQL with the settings of the embedded
server (fsync on): cards parsed, packed, typed columns, every keyword, QC values,
messages in the outbox. Then queries are asked of its ASGI app, in this process.
Tiled and Rubin's Butler are loaded for a time first; they are compared with this
catalogue at the size that each of them reached, asked in the same run.

    MUSEWISE_BENCH_OBJECTS=50000 benchmarks/run.py catalogue      (or as an argument of
    catalogue.py; MUSEWISE_BENCH_PEERS_S: seconds for each peer to load, 0: no peers)
"""

import asyncio
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import archive_headers
from archive_headers import Told
from catalogue_lineage import make_cube
from catalogue_peers import Peer, peers
from catalogue_queries import Asked, Timed, Web, deep, typical
from verdict import Verdict

from muse_catalog.main import create_app
from muse_catalog.models import RegisterRequest, RowToRegister
from muse_catalog.rules import QcDictionary, QualityLimits
from muse_catalog.service import Products, Readers, Rows
from muse_catalog.settings import CatalogSettings
from musecore.broker import LocalBroker, Topology
from musecore.db import Database, EmbeddedPostgres, upgrade
from musecore.identity import Principal, SigningKey, TokenIssuer, TokenVerifier
from musecore.muse.schema import load

OBJECTS = int(os.environ.get("MUSEWISE_BENCH_OBJECTS", "1000000"))
PEERS_S = float(os.environ.get("MUSEWISE_BENCH_PEERS_S", "300"))
KEPT = os.environ.get("MUSEWISE_BENCH_KEEP")
"""A folder for the database: what is in it is used again and not loaded anew."""
FULL_SHARE = 0.01
AT_ONCE = 10_000
GOALS = {archive_headers.SHORT: 2_000, archive_headers.FULL: 500}
CLOSURE = 20_000

_KEY = SigningKey.generate()
_NAMES = {"issuer": "musewise", "audience": "musewise"}
_ADA = Principal(subject="ada", name="ada", projects={"local": 5})


class Catalogue:
    """The services under test, and what is in them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.model = load()
        self._readers = Readers(self.model, processes=CatalogSettings().readers)
        self._rows = Rows(database, self.model, self._readers)
        self.products = Products(
            database, self.model, QualityLimits(QcDictionary(self.model))
        )
        app = create_app(
            CatalogSettings(),
            database=database,
            broker=LocalBroker(Topology()),
            verifier=TokenVerifier.of_key(_KEY, **_NAMES),
        )
        token = TokenIssuer(_KEY, **_NAMES).issue(_ADA, timedelta(hours=12))
        self.web = Web(app, token)
        self.count = 0

    async def register(self, some: list[Told]) -> float:
        """Register files; give the seconds that it took."""
        rows = [
            RowToRegister(name=one.name, kind=one.kind, header=(one.header,))  # type: ignore[arg-type]
            for one in some
        ]
        request = RegisterRequest(project="local", rows=rows)
        start = time.perf_counter()
        done = await self._rows.register(_ADA, request)
        seconds = time.perf_counter() - start
        states = Counter(one.state for one in done)
        assert states == {"registered": len(some)}, states
        self.count += len(some)
        return seconds

    async def resume(self, files: Iterator[Told]) -> None:
        """Leave out what a kept folder has already."""
        async with self.database.begin() as tx:
            found = await tx.execute("SELECT count(*) FROM file WHERE task_id IS NULL")
            self.count = int(found.scalar_one())
        for _ in islice(files, self.count):
            pass

    async def settle(self) -> None:
        """Let PostgreSQL learn what is there; what was said is sent and forgotten."""
        async with self.database.begin() as tx:
            await tx.execute("TRUNCATE outbox")
        for table in ("file", "frame", "keyword", "shape", "header", "qc", "lineage"):
            async with self.database.engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await alone.exec_driver_sql(f"VACUUM (ANALYZE) {table}")

    async def size_gb(self) -> float:
        """Give the size of the database, in GB."""
        async with self.database.begin() as tx:
            found = await tx.execute("SELECT pg_database_size(current_database())")
            return float(found.scalar_one()) / 1e9

    def close(self) -> None:
        """End the processes that read."""
        self._readers.close()


async def _load(catalogue: Catalogue, files: Iterator[Told], until: int) -> float:
    """Register files until there are so many; give the seconds."""
    seconds = 0.0
    while catalogue.count < until:
        some = list(islice(files, min(AT_ONCE, until - catalogue.count)))
        seconds += await catalogue.register(some)
        async with catalogue.database.begin() as tx:
            await tx.execute("TRUNCATE outbox")  # as if it were sent and swept
        if catalogue.count % 100_000 == 0:
            print(f"  {catalogue.count} objects, {seconds:.0f} s", flush=True)
    return seconds


async def _rates(catalogue: Catalogue) -> list[Verdict]:
    """Bulk registration alone, of short and of full headers."""
    verdicts = []
    for cards, count in (
        (archive_headers.SHORT, 10_000),
        (archive_headers.FULL, 2_000),
    ):
        full = count if cards == archive_headers.FULL else 0
        best = 0.0
        for seed in (101, 102, 103):
            some = list(archive_headers.headers(count, full, seed=seed))
            seconds = await catalogue.register(some)
            best = max(best, count / seconds)
            print(f"  {count} headers of {cards} cards: {count / seconds:.0f}/s, "
                  f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
        goal = GOALS[cards]
        verdicts.append(
            Verdict(
                f"bulk registration, {cards} cards",
                f"{best:.0f} frames/s",
                best / goal,
                f">= {goal} frames/s",
                best >= goal,
            )
        )
    return verdicts


async def _ask(catalogue: Catalogue) -> list[Verdict]:
    gc.freeze()
    cube = await make_cube(catalogue, CLOSURE)
    await catalogue.settle()
    async with catalogue.database.begin() as tx:
        found = await tx.execute("SELECT night FROM frame WHERE tag = 'BIAS' LIMIT 1")
        night = found.scalar_one().isoformat()
    verdicts = []
    for asked in await typical(catalogue.database, cube, night):
        timed = await catalogue.web.timed(asked, rounds=200, longest_s=20)
        verdicts += _judged(asked, timed)
        if asked.plan:
            await _show_plan(catalogue, asked)
    return verdicts


def _judged(asked: Asked, timed: Timed) -> list[Verdict]:
    figure = f"p50 {timed.p50:.1f} ms, p99 {timed.p99:.1f} ms, {timed.rows} rows"
    if asked.goal_ms is None:
        print(f"      {asked.name}: {figure}", flush=True)
        return []
    goal = asked.goal_ms
    verdict = Verdict(
        asked.name, figure, timed.p50 / goal, f"p50 < {goal:g} ms", timed.p50 < goal
    )
    print(verdict, flush=True)
    return [verdict]


async def _show_plan(catalogue: Catalogue, asked: Asked) -> None:
    given = {name: asked.given[name] for name in asked.given if name != "after"}
    for line in await catalogue.web.json("/objects/explain", given):
        print(f"          {line}")


async def _beside(catalogue: Catalogue, peer: Peer) -> None:
    """Print a peer's figures and ours at its size."""
    await catalogue.settle()
    database, web = catalogue.database, catalogue.web
    print(f"  {peer.name}, {peer.size} entries in {peer.seconds:.0f} s")
    rate = peer.size / peer.seconds
    print(f"      loading: {rate:.0f}/s there", flush=True)
    async with database.begin() as tx:
        found = await tx.execute(
            "SELECT frame_id, night, mjd_us FROM frame WHERE tag = 'OBJECT' "
            "OFFSET (SELECT count(*) / 2 FROM frame WHERE tag = 'OBJECT') LIMIT 1"
        )
        frame_id, night, _ = found.one()
    ours = {
        "one": Asked("", f"/frames/{frame_id}", {}),
        "night": Asked("", "/objects", {"q": f"night == {night}", "limit": 1000}),
        "newest": Asked("", "/objects", {"order": "-DATE_OBS"}),
        "class_exptime": Asked(
            "", "/objects", {"class": "OBJECT", "q": "exptime > 1550"}
        ),
        "count": Asked("", "/objects/count", {}),
        "page": Asked("", "/objects", {"class": "BIAS"}),
        "deep": Asked("", "/objects", {"after": await deep(database, "", "true", 0.9)}),
    }
    for name, theirs in peer.times_ms.items():
        mine = await web.timed(ours[name], rounds=50, longest_s=5)
        ratio = theirs / mine.p50
        print(
            f"      {peer.says[name]}: {theirs:.1f} ms there, {mine.p50:.1f} ms here, "
            f"ratio {ratio:.1f}",
            flush=True,
        )


async def _all(
    url: str, objects: int, found: list[Peer], *, only_load: bool = False
) -> list[Verdict]:
    database = Database(url, "catalog")
    await upgrade(database, "muse_catalog")
    catalogue = Catalogue(database)
    try:
        files = archive_headers.headers(objects, round(objects * FULL_SHARE))
        await catalogue.resume(files)
        seconds = 0.0
        for peer in sorted(found, key=lambda one: one.size):
            seconds += await _load(catalogue, files, min(peer.size, objects))
            await _beside(catalogue, peer)
        seconds += await _load(catalogue, files, objects)
        loaded = catalogue.count
        if seconds:
            print(f"  {loaded} objects in {seconds:.0f} s: {loaded / seconds:.0f}/s")
        if only_load:
            return []
        verdicts = await _ask(catalogue)
        size = await catalogue.size_gb()
        verdicts += await _rates(catalogue)
        limit = 8.0 * max(1.0, objects / 1e6)
        figure = f"{size:.2f} GB for {loaded} objects"
        verdicts.append(
            Verdict("disk", figure, size / limit, f"<= {limit:.0f} GB", size <= limit)
        )
        return verdicts
    finally:
        catalogue.close()
        await database.close()


def run(objects: int = OBJECTS, peers_s: float = PEERS_S) -> list[Verdict]:
    """Measure and judge."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = peers(folder, peers_s) if peers_s > 0 else []
        with EmbeddedPostgres(Path(KEPT) if KEPT else folder / "pg") as server:
            return asyncio.run(
                _all(server.url(), objects, found, only_load=peers_s < 0)
            )


if __name__ == "__main__":
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else OBJECTS
    peers_s = float(sys.argv[2]) if len(sys.argv) > 2 else PEERS_S
    for one in run(objects, peers_s):
        print(one)
