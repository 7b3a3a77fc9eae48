"""Odd questions and odd files by the thousand: tests/catalog/test_fuzz.py, longer.

MUSEWISE_FUZZ_CASES: cases of each of its six kinds.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from verdict import Verdict

CASES = int(os.environ.get("MUSEWISE_FUZZ_CASES", "2000"))
WANTED = 10_000

_ROOT = Path(__file__).parents[1]


def run(cases: int = CASES) -> list[Verdict]:
    """Run the tests with so many cases of each kind, and judge."""
    command = [sys.executable, "-m", "pytest", "-q", "-s", "tests/catalog/test_fuzz.py"]
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=_ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "MUSEWISE_FUZZ_CASES": str(cases)},
    )
    seconds = time.perf_counter() - start
    counts = [int(one) for one in re.findall(r"^\.?(\d+) cases$", done.stdout, re.M)]
    said = done.stdout.strip().splitlines()[-1]
    print(f"  {sum(counts)} cases in {seconds:.0f} s: {said}")
    if done.returncode:
        print(done.stdout[-6000:])
    passed = done.returncode == 0 and sum(counts) >= WANTED
    return [
        Verdict(
            "fuzz of questions and of intake",
            f"{sum(counts)} cases, exit status {done.returncode}",
            sum(counts) / WANTED,
            f">= {WANTED} cases, no 5xx, no hang, no lost frame",
            passed,
        )
    ]


if __name__ == "__main__":
    for one in run():
        print(one)
