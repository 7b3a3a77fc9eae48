"""Become a command that dies with the worker and keeps to its memory.

Run as a script, ``python -I -S confine.py PARENT MEMORY_BYTES COMMAND ...``: it sets
the limits on itself and then *is* the command (same process id). A script of its own
instead of ``preexec_fn``: Python code between fork and exec of a process with threads
may hang for ever. It imports nothing of ours, so it costs about 15 ms.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def die_with(parent: int) -> None:
    """Ask the kernel for SIGKILL when the worker's thread that started us ends.

    Raises
    ------
    OSError
        The kernel refused.
    ProcessLookupError
        The worker is gone already, so no signal would ever come.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise ProcessLookupError(f"worker {parent} ended before its recipe began")


def limit_memory(size: int) -> None:
    """Bound the address space in bytes, and write no core files."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: list[str]) -> None:
    """Set the limits, then replace this process by the command."""
    parent, memory_bytes, *command = arguments
    die_with(int(parent))
    limit_memory(int(memory_bytes))
    os.execv(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
