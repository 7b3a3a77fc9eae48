"""Header scan of a raw file with 25 HDUs, against astropy."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from astropy.io import fits
from verdict import Verdict

from musecore.fits import scan_headers
from musesim.headers import example_headers

ROUNDS = 15
GOAL = 10.0


def raw_file(folder: Path) -> Path:
    """Write a raw OBJECT file of 24 IFUs: real headers, pixels left as holes."""
    path = folder / "MUSE.2014-12-10T02:25:50.350.fits"
    with path.open("wb") as out:
        for header in example_headers("OBJECT"):
            out.write(header.tostring().encode("ascii"))
            if header.get("NAXIS", 0):
                size = header["NAXIS1"] * header["NAXIS2"] * 2
                out.seek(-(-size // 2880) * 2880, 1)
        out.truncate(out.tell())
    return path


def ours(path: Path) -> list[dict[str, object]]:
    """Read every value of every header with musecore."""
    return [dict(hdu.header.items()) for hdu in scan_headers(path)]


def theirs(path: Path) -> list[dict[str, object]]:
    """Read every value of every header with astropy."""
    with fits.open(path) as hdus:
        return [dict(hdu.header.items()) for hdu in hdus]


def median_s(read: Callable[[Path], object], path: Path) -> float:
    """Median wall time of `ROUNDS` readings, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run() -> list[Verdict]:
    """Measure, and compare the values."""
    with tempfile.TemporaryDirectory() as folder:
        path = raw_file(Path(folder))
        mine, astropys = ours(path), theirs(path)
        same = mine == astropys
        if not same:
            for a, b in zip(mine, astropys, strict=True):
                for key in b:
                    if a.get(key) != b[key]:
                        print(f"differs: {key}: {a.get(key)!r}, astropy {b[key]!r}")
        t_ours, t_theirs = median_s(ours, path), median_s(theirs, path)
    ratio = t_theirs / t_ours
    cards = sum(map(len, astropys))
    figure = (
        f"{t_ours * 1e3:.1f} ms, astropy {t_theirs * 1e3:.1f} ms ({cards} cards);"
        f" values {'identical' if same else 'DIFFER'}"
    )
    return [
        Verdict("header scan", figure, ratio, f">= {GOAL:.0f}", same and ratio >= GOAL)
    ]
