"""SQL of the catalogue."""

from muse_catalog.store.frames import FrameStore
from muse_catalog.store.intake import IntakeStore
from muse_catalog.store.making import MakingStore, QcStored, RunId
from muse_catalog.store.objects import Key, ObjectStore
from muse_catalog.store.places import PlaceStore
from muse_catalog.store.query_sql import QuerySql
from muse_catalog.store.superseded import SupersededStore

__all__ = [
    "FrameStore",
    "IntakeStore",
    "Key",
    "MakingStore",
    "ObjectStore",
    "PlaceStore",
    "QcStored",
    "QuerySql",
    "RunId",
    "SupersededStore",
]
