"""The chaos test for longer: more seeds than in the tests, twice the faults in each."""

import os
import subprocess
import sys
from pathlib import Path

from verdict import Verdict

ROOT = Path(__file__).parents[1]
SEEDS = range(11, 17)
TIMES = 2


def run() -> list[Verdict]:
    """Run the seeds; what struck is printed for each."""
    seeds = ",".join(map(str, SEEDS))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "tests/chaos/test_chaos.py"],
        cwd=ROOT,
        env={**os.environ, "CHAOS_SEEDS": seeds, "CHAOS_TIMES": str(TIMES)},
        check=False,
        capture_output=True,
        text=True,
    )
    print(done.stdout)
    survived = done.returncode == 0 and " passed" in done.stdout
    figure = f"{len(SEEDS)} nights, every task done once" if survived else "see above"
    goal = "nothing lost, nothing twice"
    return [Verdict("chaos", figure, float(survived), goal, survived)]
