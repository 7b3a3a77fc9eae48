"""Use cases of the catalogue."""

from muse_catalog.service.ingest import Ingest
from muse_catalog.service.lineage import Lineage
from muse_catalog.service.objects import Objects
from muse_catalog.service.products import Products
from muse_catalog.service.queries import Queries
from muse_catalog.service.rows import Rows, row_identity
from muse_catalog.service.streaming import Streams
from muse_catalog.service.validity import Validity

__all__ = [
    "Ingest",
    "Lineage",
    "Objects",
    "Products",
    "Queries",
    "Rows",
    "Streams",
    "Validity",
    "row_identity",
]
