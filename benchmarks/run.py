"""Run the benchmarks: all, or those named."""

import importlib
import sys

NAMES = (
    "header_scan",
    "overhead",
    "planning",
    "dispatch",
    "catalogue",
    "fuzz",
    "chaos",
)


def main(names: list[str]) -> int:
    """Run benchmarks by name; exit status 1 when a goal was missed."""
    verdicts = []
    for name in names or NAMES:
        if name not in NAMES:
            print(f"no benchmark '{name}'; there are: {', '.join(NAMES)}")
            return 2
        print(f"== {name}", flush=True)
        for verdict in importlib.import_module(name).run():
            print(verdict, flush=True)
            verdicts.append(verdict)
    return 0 if all(v.passed for v in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
