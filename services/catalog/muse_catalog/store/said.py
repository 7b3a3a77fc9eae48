"""What people said of a frame, as columns."""

from typing import Any

from sqlalchemy import ColumnElement, case

from muse_catalog.tables import FileRow, FrameRow

__all__ = ["FLAGS", "VALIDITY"]

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c

VALIDITY: ColumnElement[Any] = case(
    (_FRAME.proposed, "proposed"),
    (_FRAME.is_valid.is_(True), "yes"),
    (_FRAME.is_valid.is_(False), "no"),
    else_=None,
)
"""yes, no or proposed; null: nobody has judged."""

FLAGS: ColumnElement[Any] = _FILE.quality_flags.concat(_FRAME.flags_said)
"""Flags of the system and of people; one may come twice."""
