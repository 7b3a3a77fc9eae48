"""The store that a URL names."""

from pathlib import Path

from musecore.blobs.contract import BlobStore
from musecore.blobs.directory import DirectoryStore
from musecore.blobs.s3 import S3Store
from musecore.blobs.s3_link import S3Place
from musecore.settings import SettingInvalid

__all__ = ["blobs_of"]


def blobs_of(url: str) -> BlobStore:
    """Give the store of ``file:///folder`` or ``s3+https://key:secret@host/bucket``.

    A folder may be shared by several processes. For the options of S3 see
    `musecore.blobs.s3_link.S3Place`.

    Raises
    ------
    SettingInvalid
    """
    if url.startswith("file:///"):
        return DirectoryStore(Path(url[7:]), alone=False)
    if url.startswith(("s3+http://", "s3+https://")):
        return S3Store(S3Place.of(url))
    raise SettingInvalid(
        f"No store speaks {url.partition(':')[0]!r} (blobs_url).",
        hint="Use s3+https://KEY:SECRET@host:port/bucket or file:///folder.",
    )
