"""The service that the scheduler asks: the storage gateway, for the room it has."""

from __future__ import annotations

from typing import NamedTuple

import httpx

from musecore.errors import Unavailable

__all__ = ["Room", "StorageClient"]


class Room(NamedTuple):
    """Room in a site's store, in bytes."""

    free: int
    total: int
    used: int


class StorageClient:
    """The scheduler's side of the storage gateway.

    Parameters
    ----------
    client
        With the gateway's base address and our token.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def room(self) -> Room | None:
        """Say how much room the site's store has; None where it cannot tell.

        Raises
        ------
        Unavailable
            The gateway does not answer, or not with a number.
        """
        try:
            answer = await self._client.get("/space")
            answer.raise_for_status()
            said = answer.json()
            if said["free"] is None:
                return None
            return Room(said["free"], said["total"], said["used"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise Unavailable(
                f"{self._client.base_url}space: {type(error).__name__} {error}"
            ) from error
