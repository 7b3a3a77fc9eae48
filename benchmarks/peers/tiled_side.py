"""Tiled's side of the catalogue benchmark; runs in .venv-peers, prints one JSON line.

Its catalogue on SQLite, server and client in one process (ASGI, no socket), nodes with
44 keys of metadata.
Usage: tiled_side.py FOLDER SECONDS.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from tiled.catalog import from_uri
from tiled.client import Context, from_context
from tiled.queries import Key
from tiled.server.app import build_app


def metadata(n):
    """Give what node `n` says."""
    night = n // 400
    return {
        "DATE_OBS": f"2014-{1 + night // 28 % 12:02d}-{1 + night % 28:02d}",
        "INSTRUME": "MUSE",
        "DPR_TYPE": ("BIAS", "FLAT", "ARC", "OBJECT")[n % 4],
        "EXPTIME": float(n % 1600),
        "SEQ": n,
        **{f"INS_TEMP{k}": n + k / 7 for k in range(40)},
    }


def timed(ask, rounds=15):
    """Give the median of some times, in ms."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def main(folder, seconds):
    """Load, ask, print."""
    place = Path(folder) / "tiled"
    place.mkdir()
    tree = from_uri(
        f"sqlite:///{place}/catalog.db",
        writable_storage=[str(place / "store")],
        init_if_not_exists=True,
    )
    with Context.from_app(build_app(tree)) as context:
        client = from_context(context)
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            client.create_container(key=f"f{count}", metadata=metadata(count))
            count += 1
        took = time.perf_counter() - start
        http = context.http_client
        root = "http://local-tiled-app/api/v1"
        biases = {
            "filter[eq][condition][key]": "DPR_TYPE",
            "filter[eq][condition][value]": '"BIAS"',
            "page[limit]": 100,
        }
        deep = {"page[offset]": int(0.9 * count), "page[limit]": 100}

        def get(path, **params):
            answer = http.get(f"{root}{path}", params=params)
            answer.raise_for_status()

        times = {
            "one": timed(lambda: get(f"/metadata/f{count // 2}")),
            "page": timed(lambda: get("/search/", **biases)),
            "deep": timed(lambda: get("/search/", **deep)),
            "count": timed(lambda: len(client.search(Key("INSTRUME") == "MUSE"))),
        }
    says = {
        "one": "one entry",
        "page": "first 100 of a class, with metadata",
        "deep": "100 at 90 % of all",
        "count": "count of all",
    }
    told = {"size": count, "seconds": took, "times_ms": times, "says": says}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
