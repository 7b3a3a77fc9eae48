"""HTTP of the catalogue."""

from muse_catalog.api.files import file_routes
from muse_catalog.api.frames import frame_routes, making_routes, summary_routes
from muse_catalog.api.objects import form_routes, object_routes
from muse_catalog.api.streams import stream_routes

__all__ = [
    "file_routes",
    "form_routes",
    "frame_routes",
    "making_routes",
    "object_routes",
    "stream_routes",
    "summary_routes",
]
