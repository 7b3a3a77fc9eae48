"""What the machine has for recipes: memory and cores, as far as this process may use them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

__all__ = ["cores_here", "disk_trouble", "memory_here_mb"]

MIB = 1024**2
FOR_ALL_ELSE_MB = 2048
"""Of the machine's memory, not for recipes: system, worker, cache of files."""

LEAST_MB = 512

_GROUPS = Path("/sys/fs/cgroup")


def cores_here() -> int:
    """Count the cores that this process may run on."""
    return len(os.sched_getaffinity(0))


def disk_trouble(folder: Path, min_free_bytes: int) -> str:
    """Say what is wrong with the disk under a folder; nothing when all is well."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"its disk cannot be read: {error}."
    if free >= min_free_bytes:
        return ""
    return (
        f"{folder} has room for {free / 1e9:.1f} GB, and {min_free_bytes / 1e9:.1f} "
        "are needed. Free some; it goes on by itself."
    )


def memory_here_mb(
    groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")
) -> int:
    """Give the memory for recipes, in MiB: what a control group leaves, at most."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    least = min([whole, *_limits(groups, own)])
    return max(LEAST_MB, least // MIB - FOR_ALL_ELSE_MB)


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """Give the limits in bytes of our control group and of all above it."""
    for place in _places(groups, own):
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                yield int((place / name).read_text())
            except (OSError, ValueError):  # not there, or "max"
                continue


def _places(groups: Path, own: Path) -> Iterator[Path]:
    """Give the folders of our control group and of all above it, of both versions."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        lines = []
    yield from (groups, groups / "memory")
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root = groups / controllers if controllers else groups
        inside = root / path.lstrip("/")
        while inside != root and root in inside.parents:
            yield inside
            inside = inside.parent
