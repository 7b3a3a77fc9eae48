"""Use cases of the catalogue."""

from muse_catalog.service.ingest import Ingest
from muse_catalog.service.lineage import Lineage
from muse_catalog.service.objects import Objects
from muse_catalog.service.products import Products
from muse_catalog.service.quality import Quality
from muse_catalog.service.queries import Queries
from muse_catalog.service.readers import Readers
from muse_catalog.service.row_reading import row_identity
from muse_catalog.service.rows import Rows
from muse_catalog.service.saved import Saved
from muse_catalog.service.scoring import Rescored, Scoring
from muse_catalog.service.streaming import Streams

__all__ = [
    "Ingest",
    "Lineage",
    "Objects",
    "Products",
    "Quality",
    "Queries",
    "Readers",
    "Rescored",
    "Rows",
    "Saved",
    "Scoring",
    "Streams",
    "row_identity",
]
