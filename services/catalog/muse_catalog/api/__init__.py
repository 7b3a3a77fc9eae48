"""HTTP of the catalogue."""

from muse_catalog.api.files import file_routes
from muse_catalog.api.frames import (
    frame_routes,
    lineage_routes,
    making_routes,
    summary_routes,
)
from muse_catalog.api.objects import form_routes, object_routes
from muse_catalog.api.quality import quality_routes, remark_routes
from muse_catalog.api.saved import answer_routes, saved_routes
from muse_catalog.api.streams import stream_routes

__all__ = [
    "answer_routes",
    "file_routes",
    "form_routes",
    "frame_routes",
    "lineage_routes",
    "making_routes",
    "object_routes",
    "quality_routes",
    "remark_routes",
    "saved_routes",
    "stream_routes",
    "summary_routes",
]
