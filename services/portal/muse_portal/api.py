"""Pages."""

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from muse_portal.models import SERVICES, State

__all__ = ["Look", "front_page"]

Look = Callable[[], Awaitable[list[State]]]
"""Asks the services whether they are ready."""


def _page(name: str) -> Template:
    return Template(files("muse_portal").joinpath("templates", name).read_text())


def front_page(places: Mapping[str, str], look: Look | None = None) -> APIRouter:
    """Make the router of the front page, which lists the services and their API.

    Parameters
    ----------
    places
        Name of each service -> its address, or the prefix it is served under.
    look
        None: they are in this process, and as ready as this page.
    """
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def front() -> str:
        states = {} if look is None else {one.name: one for one in await look()}
        rows = "".join(
            _row(name, place, states.get(name)) for name, place in places.items()
        )
        return _page("front.html").substitute(services=rows)

    @router.get("/services", summary="Where the services are, and whether ready")
    async def services() -> list[State]:
        if look is not None:
            return await look()
        return [
            State(name=name, url=place, ready=True, detail="in this process")
            for name, place in places.items()
        ]

    return router


def _row(name: str, place: str, state: State | None) -> str:
    said = escape(SERVICES[name])
    if state is not None:
        kind = "ready" if state.ready else "away"
        said += f'<br><small class="{kind}">{escape(state.url)}: {escape(state.detail)}</small>'
    return (
        f'<li><a href="{escape(place)}/docs">{escape(name)}</a>'
        f"<span>{said}</span>"
        f'<a class="json" href="{escape(place)}/openapi.json">openapi.json</a></li>'
    )
