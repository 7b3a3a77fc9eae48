"""The other services, asked whether they are ready."""

import asyncio
from collections.abc import Mapping

import httpx

from muse_portal.models import State

__all__ = ["states"]

_PATIENCE_S = 3.0


async def states(
    places: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None
) -> list[State]:
    """Ask every service (name -> address) whether it is ready, all at once."""
    async with httpx.AsyncClient(transport=transport, timeout=_PATIENCE_S) as client:
        return list(
            await asyncio.gather(
                *(_state(client, name, url) for name, url in places.items())
            )
        )


async def _state(client: httpx.AsyncClient, name: str, url: str) -> State:
    try:
        answer = await client.get(f"{url.rstrip('/')}/readyz")
    except httpx.HTTPError as error:
        said = f"does not answer: {type(error).__name__} {error}".strip()
        return State(name=name, url=url, ready=False, detail=said)
    if answer.is_success:
        return State(name=name, url=url, ready=True, detail="ready")
    try:
        said = str(answer.json()["detail"])
    except (ValueError, KeyError):
        said = f"HTTP status {answer.status_code}"
    return State(name=name, url=url, ready=False, detail=said)
