"""HTTP of the catalogue."""

from muse_catalog.api.files import file_routes
from muse_catalog.api.frames import frame_routes, making_routes, summary_routes

__all__ = ["file_routes", "frame_routes", "making_routes", "summary_routes"]
