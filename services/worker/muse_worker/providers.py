"""The services that a worker calls: scheduler (tasks) and storage gateway (files)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from muse_worker.models import (
    Announcement,
    ClaimedTask,
    Committed,
    GoOn,
    Orders,
    Upload,
)
from musecore.blobs import StorageFull
from musecore.errors import (
    Conflict,
    Forbidden,
    InternalError,
    MuseError,
    NotFound,
    Refused,
    Unauthorized,
    Unavailable,
    error_class,
)
from musecore.log import correlation_id
from musecore.messages import Kind
from musecore.telemetry import carried

__all__ = ["SchedulerClient", "StorageClient"]

_TRY_LATER = {429, 502, 503, 504}

_BY_STATUS: dict[int, type[MuseError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Refused,
    507: StorageFull,
}
"""For codes of the other service that this process does not know."""


class _Calls:
    """HTTP calls whose errors are those that the other service raised.

    Parameters
    ----------
    client
        With the other service's base address and our token.
    patience_s
        How long a call is repeated while the service does not answer, in seconds.
        All calls here may arrive twice without harm.
    """

    def __init__(self, client: httpx.AsyncClient, *, patience_s: float = 30.0) -> None:
        self._client = client
        self._patience_s = patience_s

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_delay(self._patience_s),
            wait=wait_random_exponential(multiplier=0.1, max=5.0),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._once("POST", path, body)
        raise AssertionError("tenacity raises or returns")

    async def _once(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        headers = carried()
        if (known := correlation_id()) is not None:
            headers["X-Correlation-ID"] = known
        try:
            answer = await self._client.request(
                method, path, json=body, headers=headers
            )
        except httpx.TransportError as error:
            raise Unavailable(
                f"{self._client.base_url}{path} does not answer: "
                f"{type(error).__name__} {error}"
            ) from error
        if answer.is_success:
            return answer.json()
        raise _error_of(answer)


def _error_of(answer: httpx.Response) -> MuseError:
    """Give the error that a problem document stands for."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") or f"HTTP status {answer.status_code}"
    detail = f"{answer.request.url.path}: {detail}"
    if answer.status_code in _TRY_LATER:
        return Unavailable(detail)
    kind = error_class(str(problem.get("code", "")))
    if kind is InternalError:
        kind = _BY_STATUS.get(answer.status_code, InternalError)
    return kind(detail, hint=problem.get("hint"))


class SchedulerClient(_Calls):
    """The worker's side of the scheduler."""

    async def claim(self, task_id: UUID, attempt: int, worker: str) -> ClaimedTask:
        """Take a task; from now on the scheduler waits for our heartbeats.

        Raises
        ------
        Conflict
            It runs elsewhere, it is done, or nobody wants it (status 409).
        WorkerPaused
            We get nothing now; the task is offered again.
        Unavailable
            The scheduler does not answer.
        """
        body = {"attempt": attempt, "worker": worker}
        answer = await self._post(f"/tasks/{task_id}/claim", body)
        return ClaimedTask.model_validate(answer)

    async def heartbeat(self, task_id: UUID, attempt: int, worker: str) -> GoOn:
        """Say that we are alive; hear whether to go on. Asked once, not repeated."""
        body = {"attempt": attempt, "worker": worker}
        answer = await self._once("POST", f"/tasks/{task_id}/heartbeat", body)
        return GoOn.model_validate(answer)

    async def announce(self, worker: str, said: Announcement) -> Orders:
        """Say that we are there, and what we have. Asked once, not repeated."""
        body = said.model_dump(mode="json")
        answer = await self._once("PUT", f"/workers/{worker}", body)
        return Orders.model_validate(answer)


class StorageClient(_Calls):
    """The worker's side of the storage gateway: the bytes go past it."""

    async def announce(
        self, file_id: UUID, filename: str, *, size: int, kind: Kind, project: str
    ) -> Upload:
        """Say that a file of `size` bytes comes; hear the key for its bytes."""
        body = {
            "file_id": str(file_id),
            "filename": filename,
            "size": size,
            "kind": kind,
            "project": project,
        }
        return Upload.model_validate(await self._post("/uploads", body))

    async def commit(
        self, file_id: UUID, *, sha256: str, content_key: str, size: int
    ) -> Committed:
        """Say that the bytes are in the store."""
        body = {"sha256": sha256, "content_key": content_key, "size": size}
        answer = await self._post(f"/uploads/{file_id}/commit", body)
        return Committed.model_validate(answer)
