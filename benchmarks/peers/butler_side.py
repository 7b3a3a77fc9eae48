"""Butler's side of the catalogue benchmark; runs in .venv-peers, prints one JSON line.

SQLite registry, exposures with their dimension records and one dataset each, no files.
Usage: butler_side.py FOLDER SECONDS.
"""

import datetime
import json
import statistics
import sys
import time
from pathlib import Path

from astropy.time import Time, TimeDelta
from lsst.daf.butler import Butler, DatasetType, Timespan

BATCH = 2000
PER_NIGHT = 400
START = Time("2014-01-01T00:00:00", scale="tai")
DAY = datetime.date(2014, 1, 1)
WHERE = "instrument='MUSE'"
RUN = "MUSE/raw"


def exposure(n):
    """Give the dimension record of exposure `n`."""
    day = DAY + datetime.timedelta(days=n // PER_NIGHT)
    begin = START + TimeDelta(n * 200, format="sec")
    return {
        "instrument": "MUSE",
        "id": n,
        "physical_filter": "WFM",
        "obs_id": f"MUSE.{n}",
        "exposure_time": float(n % 1600),
        "dark_time": 0.0,
        "observation_type": ("bias", "flat", "arc", "science")[n % 4],
        "observation_reason": "x",
        "day_obs": int(day.strftime("%Y%m%d")),
        "seq_num": n % 100_000,
        "seq_start": n,
        "seq_end": n,
        "group": f"g{n}",
        "target_name": f"TARGET-{n // 50 % 5000}",
        "science_program": f"{n // 3000}.A",
        "tracking_ra": float(n % 360),
        "tracking_dec": float(n % 90 - 60),
        "sky_angle": 0.0,
        "azimuth": 0.0,
        "zenith_angle": 0.0,
        "has_simulated": False,
        "can_see_sky": True,
        "timespan": Timespan(begin, begin + TimeDelta(60, format="sec")),
    }


def load(butler, seconds):
    """Insert exposures for so long; give their number and the seconds."""
    registry = butler.registry
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        records = [exposure(n) for n in range(count, count + BATCH)]
        days = {one["day_obs"] for one in records}
        registry.insertDimensionData(
            "day_obs",
            *({"instrument": "MUSE", "id": day, "timespan": None} for day in days),
            skip_existing=True,
        )
        groups = ({"instrument": "MUSE", "name": one["group"]} for one in records)
        registry.insertDimensionData("group", *groups)
        registry.insertDimensionData("exposure", *records)
        ids = [
            {"instrument": "MUSE", "exposure": one["id"], "detector": 0}
            for one in records
        ]
        registry.insertDatasets("raw", ids, run=RUN)
        count += BATCH
    return count, time.perf_counter() - start


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
    root = str(Path(folder) / "butler")
    Butler.makeRepo(root)
    butler = Butler.from_config(root, writeable=True)
    registry = butler.registry
    registry.insertDimensionData(
        "instrument",
        {
            "name": "MUSE",
            "visit_max": 10**9,
            "exposure_max": 10**9,
            "detector_max": 24,
            "class_name": "none.MUSE",
        },
    )
    band = {"instrument": "MUSE", "name": "WFM", "band": "r"}
    registry.insertDimensionData("physical_filter", band)
    chip = {"instrument": "MUSE", "id": 0, "full_name": "CHAN01", "name_in_raft": "0"}
    registry.insertDimensionData(
        "detector", {**chip, "raft": "R", "purpose": "SCIENCE"}
    )
    kind = DatasetType(
        "raw",
        dimensions=("instrument", "exposure", "detector"),
        storageClass="StructuredDataDict",
        universe=butler.dimensions,
    )
    registry.registerDatasetType(kind)
    registry.registerRun(RUN)
    count, took = load(butler, seconds)

    def query(where, **more):
        return butler.query_datasets("raw", collections=RUN, where=where, **more)

    def counted():
        with butler.query() as asked:
            return asked.datasets("raw", RUN).where(WHERE).count()

    middle = exposure(count // 2)
    night = f"{WHERE} AND exposure.day_obs={middle['day_obs']}"
    kind_time = "exposure.observation_type='science' AND exposure.exposure_time>1550"
    newest = ["-exposure.timespan.begin"]
    one = {"instrument": "MUSE", "exposure": count // 2, "detector": 0}
    print(
        json.dumps(
            {
                "size": count,
                "seconds": took,
                "times_ms": {
                    "one": timed(
                        lambda: butler.find_dataset("raw", collections=RUN, **one)
                    ),
                    "night": timed(lambda: query(night, limit=None)),
                    "newest": timed(lambda: query(WHERE, order_by=newest, limit=100)),
                    "class_exptime": timed(
                        lambda: query(
                            f"{WHERE} AND {kind_time}", limit=100, explain=False
                        )
                    ),
                    "count": timed(counted),
                },
                "says": {
                    "one": "one entry",
                    "night": "all of a night",
                    "newest": "newest 100",
                    "class_exptime": "type and exposure time, 100",
                    "count": "count of all",
                },
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
