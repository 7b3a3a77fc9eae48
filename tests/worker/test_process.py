"""Process groups: limited, measured, stopped, and gone with the worker."""

import asyncio
import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from muse_worker.engine.process import ProcessGroup
from tests.worker.world import until

pytestmark = pytest.mark.asyncio

GIB = 1024**3


def is_gone(pid: int) -> bool:
    """Whether a process ended; its parent may not have taken notice yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def gone_soon(pid: int) -> bool:
    """Whether a process ends within a second: a signal takes its time."""
    for _ in range(50):
        if is_gone(pid):
            return True
        await asyncio.sleep(0.02)
    return False


def start(folder: Path, script: str, memory_bytes: int = GIB) -> ProcessGroup:
    return ProcessGroup.start(
        ["/bin/sh", "-c", script],
        cwd=folder,
        environment={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "2"},
        memory_bytes=memory_bytes,
        terminal=folder / "terminal.txt",
    )


async def test_exit_status_words_and_use_are_known_at_the_end(tmp_path: Path):
    group = start(tmp_path, "echo words; echo more >&2; exit 3")
    ended = await group.wait(10, 1)
    assert (ended.exit_code, ended.signal, ended.stopped_by) == (3, None, None)
    assert (tmp_path / "terminal.txt").read_text() == "words\nmore\n"
    assert 0 < ended.cpu_s <= ended.wall_s + 0.1


async def test_the_peak_of_memory_is_that_of_the_command_not_of_the_worker(
    tmp_path: Path,
):
    ballast = bytearray(os.urandom(1)) * (200 * 1024**2)  # the worker is large
    group = start(tmp_path, "exec sleep 0.7")
    ended = await group.wait(10, 1)
    assert len(ballast) > 0
    assert 0.1 < ended.max_rss_mb < 50


async def test_the_environment_is_what_was_given_and_no_more(tmp_path: Path):
    await start(tmp_path, "env").wait(10, 1)
    said = (tmp_path / "terminal.txt").read_text()
    names = {line.split("=")[0] for line in said.splitlines()}
    assert names <= {"PATH", "OMP_NUM_THREADS", "PWD", "SHLVL", "_", "LC_CTYPE"}


async def test_address_space_is_limited(tmp_path: Path):
    allocate = f"exec {sys.executable} -c 'b = bytearray(500 * 1024**2)'"
    ended = await start(tmp_path, allocate, GIB // 4).wait(20, 1)
    assert ended.exit_code == 1
    assert "MemoryError" in (tmp_path / "terminal.txt").read_text()


async def test_the_time_limit_ends_the_whole_group(tmp_path: Path):
    begun = time.monotonic()
    group = start(tmp_path, "sleep 61 & echo $! > child; wait")
    ended = await group.wait(0.5, 1)
    assert ended.stopped_by == "time_limit"
    assert time.monotonic() - begun < 5
    assert await gone_soon(int((tmp_path / "child").read_text()))


async def test_a_command_that_ignores_sigterm_is_killed(tmp_path: Path):
    group = start(tmp_path, "trap '' TERM; while :; do sleep 0.1; done")
    waiting = asyncio.create_task(group.wait(60, 1))
    await asyncio.sleep(0.3)
    await group.stop("order", 0.3)
    ended = await waiting
    assert (ended.signal, ended.stopped_by) == (signal.SIGKILL, "order")


async def test_a_cancelled_wait_leaves_no_orphan(tmp_path: Path):
    group = start(tmp_path, "exec sleep 61")
    waiting = asyncio.create_task(group.wait(60, 1))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert is_gone(group.pid)


WORKER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from muse_worker.engine.process import ProcessGroup

    async def main():
        folder = Path(sys.argv[1])
        group = ProcessGroup.start(
            ["/bin/sleep", "62"], cwd=folder, environment={},
            memory_bytes=2**30, terminal=folder / "terminal.txt",
        )
        await asyncio.sleep(0.3)
        (folder / "pid").write_text(str(group.pid))
        await group.wait(60, 1)

    asyncio.run(main())
    """
)


async def test_a_recipe_dies_with_its_worker(tmp_path: Path):
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    worker = await asyncio.create_subprocess_exec(*command)
    await until(lambda: (tmp_path / "pid").exists() or worker.returncode is not None)
    await asyncio.sleep(0.05)
    worker.kill()
    await worker.wait()
    pid = int((tmp_path / "pid").read_text())
    assert await gone_soon(pid)
