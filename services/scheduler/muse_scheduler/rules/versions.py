"""Which file counts, of several with one content or of one exposure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from muse_scheduler.models import FrameRecord


def without_twins(frames: Iterable[FrameRecord]) -> list[FrameRecord]:
    """Keep one of every group of byte-identical files of a tag.

    Kept is the one whose bytes are here, then the oldest id; a twin marked as bad
    makes the content bad.
    """
    kept: dict[tuple[str, str], FrameRecord] = {}
    bad: set[tuple[str, str]] = set()
    for frame in sorted(frames, key=_twin_order):
        identity = (frame.tag, frame.sha256)
        kept.setdefault(identity, frame)
        if frame.is_valid is False:
            bad.add(identity)
    return [
        frame.model_copy(update={"is_valid": False}) if identity in bad else frame
        for identity, frame in kept.items()
    ]


def _twin_order(frame: FrameRecord) -> tuple[bool, str, str]:
    return frame.object_key is None, str(frame.file_id), frame.arcfile


def newest_versions(frames: Iterable[FrameRecord]) -> list[FrameRecord]:
    """Keep one file of every raw exposure, which is known by its archive name.

    An exposure may be delivered again with other content: its header was mended, or
    the whole file came after a row of its metadata. Kept is one that is not marked as
    bad, with its bytes here, and of these the last delivered.
    """
    kept: dict[Any, FrameRecord] = {}
    for frame in frames:
        exposure: Any = (frame.tag, frame.arcfile, frame.mjd_us)
        key = exposure if frame.kind == "raw" else frame.file_id
        other = kept.get(key)
        kept[key] = frame if other is None else _newer(other, frame)
    return list(kept.values())


def _newer(one: FrameRecord, other: FrameRecord) -> FrameRecord:
    last = max(one, other, key=_version_order)
    return last.model_copy(update={"replaces": one.replaces + other.replaces + 1})


def _version_order(frame: FrameRecord) -> tuple[bool, bool, str]:
    return (
        frame.is_valid is not False,
        frame.object_key is not None,
        str(frame.file_id),  # of version 7: in order of time
    )
