"""Pages."""

from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from muse_portal.models import SERVICES

__all__ = ["front_page"]


def _page(name: str) -> Template:
    return Template(files("muse_portal").joinpath("templates", name).read_text())


def front_page(services: dict[str, str]) -> APIRouter:
    """Make the router of the front page, which lists the services and their API."""
    rows = "".join(
        f'<li><a href="{escape(prefix)}/docs">{escape(name)}</a>'
        f"<span>{escape(SERVICES[name])}</span>"
        f'<a class="json" href="{escape(prefix)}/openapi.json">openapi.json</a></li>'
        for name, prefix in services.items()
    )
    body = _page("front.html").substitute(services=rows)
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def front() -> str:
        return body

    return router
