"""The portal's wiring."""

from collections.abc import Mapping

import httpx
from fastapi import FastAPI

from muse_portal.api import front_page
from muse_portal.models import State
from muse_portal.providers import states
from muse_portal.settings import PortalSettings
from musecore.serving import Standalone
from musecore.web import create_app

__all__ = ["Service", "standalone"]


class Service:
    """The portal: a front page that leads to the API pages.

    Parameters
    ----------
    places
        Name of each service -> its address, or the prefix it is served under.
    remote
        They are other processes: the page says whether they are ready.
    transport
        The seam for apps in the same process.
    """

    def __init__(
        self,
        places: Mapping[str, str],
        *,
        remote: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        async def look() -> list[State]:
            return await states(places, transport)

        self.app: FastAPI = create_app("musewise portal")
        self.app.include_router(front_page(places, look if remote else None))

    async def start(self) -> None:
        """Begin to serve; the portal owns nothing to start."""

    async def stop(self) -> None:
        """Stop serving; the portal owns nothing to stop."""


def standalone(settings: PortalSettings) -> Standalone:
    """Wire the portal as a process of its own.

    It shows the services that its settings name.
    """
    named = {
        "catalog": settings.catalog_url,
        "scheduler": settings.scheduler_url,
        "storage": settings.storage_url,
        "auth": settings.auth_url,
    }
    if not any(named.values()):
        settings.need("catalog_url")
    places = {name: url.rstrip("/") for name, url in named.items() if url}
    service = Service(places, remote=True)
    return Standalone(service.app, service)
