"""SQL of the catalogue."""

from muse_catalog.store.frames import FrameStore, OfTemplate
from muse_catalog.store.intake import IntakeStore
from muse_catalog.store.kin import KinStore, Relative
from muse_catalog.store.loading import KeywordsOfHdu, LoadingStore
from muse_catalog.store.making import MakingStore, QcStored, RunId
from muse_catalog.store.objects import Key, ObjectStore
from muse_catalog.store.places import PlaceStore
from muse_catalog.store.quality import MadeOf, QualityStore
from muse_catalog.store.query_sql import Named, QuerySql
from muse_catalog.store.references import ReferenceStore
from muse_catalog.store.saved import SavedStore
from muse_catalog.store.superseded import SupersededStore

__all__ = [
    "FrameStore",
    "IntakeStore",
    "Key",
    "KeywordsOfHdu",
    "KinStore",
    "LoadingStore",
    "MadeOf",
    "MakingStore",
    "Named",
    "ObjectStore",
    "OfTemplate",
    "PlaceStore",
    "QcStored",
    "QualityStore",
    "QuerySql",
    "ReferenceStore",
    "Relative",
    "RunId",
    "SavedStore",
    "SupersededStore",
]
