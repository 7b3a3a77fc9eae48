"""The portal's wiring."""

from fastapi import FastAPI

from muse_portal.api import front_page
from musecore.web import create_app

__all__ = ["Service"]


class Service:
    """The portal: a front page that leads to the API pages.

    Parameters
    ----------
    services
        Name of each service -> the prefix it is served under.
    """

    def __init__(self, services: dict[str, str]) -> None:
        self.app: FastAPI = create_app("musewise portal")
        self.app.include_router(front_page(services))

    async def start(self) -> None:
        """Begin to serve; the portal owns nothing to start."""

    async def stop(self) -> None:
        """Stop serving; the portal owns nothing to stop."""
