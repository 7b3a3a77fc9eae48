"""The set-of-frames file: one line ``PATH TAG`` per input, in the order of the task.

Paths are relative to the folder that the recipe runs in, so that a work folder may
have any name.
"""

from collections.abc import Iterable
from pathlib import Path

__all__ = ["write_sof"]


def write_sof(path: Path, frames: Iterable[tuple[Path, str]]) -> Path:
    """Write the set of frames.

    Raises
    ------
    ValueError
        A path holds white space: `esorex` would split its line there.
    """
    lines = []
    for frame, tag in frames:
        if any(character.isspace() for character in str(frame)):
            raise ValueError(
                f"esorex cannot read the path {str(frame)!r}: it holds white space."
            )
        lines.append(f"{frame} {tag}\n")
    path.write_text("".join(lines))
    return path
