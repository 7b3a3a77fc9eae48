"""SQL of the catalogue."""

from muse_catalog.store.frames import FrameStore
from muse_catalog.store.intake import IntakeStore
from muse_catalog.store.making import MakingStore, QcStored, RunId
from muse_catalog.store.superseded import SupersededStore

__all__ = [
    "FrameStore",
    "IntakeStore",
    "MakingStore",
    "QcStored",
    "RunId",
    "SupersededStore",
]
