"""One bucket of an S3 server: calls in threads, tried again, errors in our words."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Self, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from musecore.blobs.contract import (
    BlobNotFound,
    BlobsForbidden,
    BlobsUnavailable,
    BucketMissing,
    StorageFull,
)
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.settings import SettingInvalid

__all__ = ["RangeOutside", "S3Link", "S3Place"]

log = get_logger(__name__)

_T = TypeVar("_T")

AT_ONCE = 16
"""Threads, and so connections, of one store."""

CONNECT_S = 5.0

_FORBIDDEN = {
    "AccessDenied",
    "AccountProblem",
    "InvalidAccessKeyId",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}
# Swift says EntityTooLarge when a quota is reached; our parts are never too large.
_FULL = {"EntityTooLarge", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"}
_GONE = {"NoSuchKey", "NoSuchVersion", "ResourceNotFound"}
_LATER = {"OperationAborted", "RequestTimeout", "SlowDown", "ServiceUnavailable"}

_OPTIONS = ("region", "create", "public", "timeout_s", "patience_s")


class BlobsRefused(MuseError):
    """The store answers with an error that we do not expect."""

    code = "blobs_refused"


class RangeOutside(MuseError):
    """The range begins at or beyond the end; seen inside the store only."""

    code = "range_outside"
    status = 416


@dataclass(frozen=True)
class S3Place:
    """Where a store is, and who we are there.

    Attributes
    ----------
    public
        Address under which clients reach the server, for presigned URLs; None: they
        do not.
    create
        Make the bucket if there is none.
    timeout_s
        How long the server may be silent in one call.
    patience_s
        How long a call is repeated while the server refuses or is away.
    """

    endpoint: str
    bucket: str
    key: str
    secret: str
    secure: bool = True
    region: str = "us-east-1"
    public: str | None = None
    create: bool = False
    timeout_s: float = 20.0
    patience_s: float = 10.0

    @classmethod
    def of(cls, url: str) -> Self:
        """Read ``s3+https://KEY:SECRET@host:port/bucket?region=…&create=true``.

        Key and secret are percent-encoded where they hold ``:/?#@%``.

        Raises
        ------
        SettingInvalid
        """
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if not (parts.hostname and parts.username and parts.password and bucket):
            raise SettingInvalid(
                "blobs_url lacks a host, a key, a secret or a bucket.",
                hint="Write s3+https://KEY:SECRET@host:port/bucket, with %3A for a "
                "colon in the key.",
            )
        options = dict(parse_qsl(parts.query))
        unknown = sorted(options.keys() - set(_OPTIONS))
        if unknown:
            raise SettingInvalid(
                f"blobs_url has the unknown option {unknown[0]!r}.",
                hint=f"There are: {', '.join(_OPTIONS)}.",
            )
        return cls(
            endpoint=parts.netloc.rpartition("@")[2],
            bucket=bucket,
            key=unquote(parts.username),
            secret=unquote(parts.password),
            secure=parts.scheme == "s3+https",
            region=options.get("region", cls.region),
            public=options.get("public"),
            create=options.get("create") in ("true", "1"),
            timeout_s=_seconds(options, "timeout_s", cls.timeout_s),
            patience_s=_seconds(options, "patience_s", cls.patience_s),
        )


def _seconds(options: dict[str, str], name: str, otherwise: float) -> float:
    text = options.get(name)
    try:
        return otherwise if text is None else float(text)
    except ValueError as error:
        raise SettingInvalid(f"blobs_url: {name}={text} is no number.") from error


class S3Link:
    """Calls to one bucket.

    Attributes
    ----------
    client
        The vendor's client; it blocks, so it is used inside `call` only.
    """

    def __init__(self, place: S3Place) -> None:
        self.place = place
        self.bucket = place.bucket
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(
                connect=min(CONNECT_S, place.timeout_s), read=place.timeout_s
            ),
            maxsize=AT_ONCE,
            retries=False,  # `call` does that, and says so in the log
        )
        self.client = self._client(place.endpoint, secure=place.secure)
        self.signer = self._signer()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="s3")
        self._bucket_known = False
        self._bucket_turn = asyncio.Lock()

    def _client(self, endpoint: str, *, secure: bool) -> Minio:
        return Minio(
            endpoint,
            access_key=self.place.key,
            secret_key=self.place.secret,
            secure=secure,
            region=self.place.region,  # else each bucket's is asked for
            http_client=self._http,
        )

    def _signer(self) -> Minio | None:
        """Give a client that signs URLs for the address that clients use."""
        if self.place.public is None:
            return None
        public = urlsplit(self.place.public)
        return self._client(public.netloc, secure=public.scheme == "https")

    async def call(
        self,
        what: str,
        function: Callable[[], _T],
        *,
        unwanted: Callable[[_T], None] = lambda result: None,
    ) -> _T:
        """Do something with the bucket; repeated while the server refuses or is away.

        Parameters
        ----------
        what
            Follows "Cannot" in the error.
        function
            Runs in a thread; may be repeated.
        unwanted
            Gets a result that came after the caller was cancelled.

        Raises
        ------
        BlobNotFound, BlobsUnavailable, BlobsForbidden, BucketMissing, StorageFull
        RangeOutside
        """

        def note(state: RetryCallState) -> None:
            assert state.outcome is not None
            log.warning("store is asked again", detail=str(state.outcome.exception()))

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BlobsUnavailable),
            stop=stop_after_delay(self.place.patience_s),
            wait=wait_random_exponential(multiplier=0.1, max=2.0),
            before_sleep=note,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                await self._need_bucket()
                return await self.once(what, function, unwanted=unwanted)
        raise AssertionError("tenacity raises or returns")

    async def once(
        self,
        what: str,
        function: Callable[[], _T],
        *,
        unwanted: Callable[[_T], None] = lambda result: None,
    ) -> _T:
        """Do it once, whatever becomes of it."""
        context = contextvars.copy_context()
        working = self._threads.submit(partial(context.run, function))
        try:
            return await asyncio.wrap_future(working)
        except asyncio.CancelledError:
            working.add_done_callback(
                lambda done: (
                    None
                    if done.cancelled() or done.exception()
                    else unwanted(done.result())
                )
            )
            raise
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._said(error, what) from error

    async def require_bucket(self) -> None:
        """Ask once whether the bucket is there; make it if that is wanted.

        Raises
        ------
        BucketMissing, BlobsUnavailable, BlobsForbidden
        """
        there = await self.once(
            "look for the bucket", partial(self.client.bucket_exists, self.bucket)
        )
        if not there and self.place.create:
            await self.once("make the bucket", self._make_bucket)
        elif not there:
            raise self._missing()
        self._bucket_known = True

    def _make_bucket(self) -> None:
        try:
            self.client.make_bucket(self.bucket)
        except S3Error as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
        log.info("bucket made", bucket=self.bucket, server=self.place.endpoint)

    async def _need_bucket(self) -> None:
        """A HEAD of an object does not tell a missing bucket from a missing key."""
        if self._bucket_known:
            return
        async with self._bucket_turn:
            if not self._bucket_known:
                await self.require_bucket()

    def close(self) -> None:
        """Close the connections; calls that run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    def _missing(self) -> BucketMissing:
        return BucketMissing(
            f"{self.place.endpoint} has no bucket {self.bucket!r}.",
            hint="Make it, name another in blobs_url, or add ?create=true to it.",
        )

    def _said(self, error: Exception, what: str) -> MuseError:
        """Give an error of the vendor's, or of the network, in our words."""
        server = f"the S3 server {self.place.endpoint}"
        code, status, detail = _facts(error)
        if code == "NoSuchBucket":
            self._bucket_known = False
            return self._missing()
        kind, hint = _kind(code, status)
        return kind(f"Cannot {what}: {server} says {detail}.", hint=hint)


def _kind(code: str, status: int) -> tuple[type[MuseError], str | None]:
    """Give the class of an error, and what to do about it."""
    if code in _GONE:
        return BlobNotFound, None
    if code == "InvalidRange" or status == 416:
        return RangeOutside, None
    if code in _FULL or status == 507:
        return StorageFull, "Remove something there, or raise the quota."
    if code in _FORBIDDEN or status in (401, 403):
        return BlobsForbidden, "Check key and secret in blobs_url, and their rights."
    if code in _LATER or status == 429 or status >= 500 or not status:
        return BlobsUnavailable, None
    return BlobsRefused, None


def _facts(error: Exception) -> tuple[str, int, str]:
    """Give code, HTTP status (0: there was no answer) and a short text of an error."""
    if isinstance(error, S3Error):
        detail = f"{error.code}: {error.message}"
        return error.code or "", int(error.response.status), detail
    if isinstance(error, ServerError):
        return "", error.status_code, f"status {error.status_code}"
    if isinstance(error, InvalidResponseError):
        status = int(getattr(error, "_code", 0))
        return "", status, f"status {status} without a document"
    return "", 0, f"{type(error).__name__}: {error}"
