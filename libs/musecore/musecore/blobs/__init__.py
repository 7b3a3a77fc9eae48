"""Files under keys: one contract, a store in a folder."""

from musecore.blobs.contract import (
    BlobNotFound,
    BlobStore,
    KeyInvalid,
    StorageFull,
    checked_key,
)
from musecore.blobs.directory import DirectoryStore

__all__ = [
    "BlobNotFound",
    "BlobStore",
    "DirectoryStore",
    "KeyInvalid",
    "StorageFull",
    "checked_key",
]
