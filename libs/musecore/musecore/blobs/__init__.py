"""Files under keys: one contract, a store in a folder, a store in an S3 bucket."""

from musecore.blobs.contract import (
    BlobNotFound,
    BlobsForbidden,
    BlobStore,
    BlobsUnavailable,
    BucketMissing,
    KeyInvalid,
    StorageFull,
    checked_key,
)
from musecore.blobs.directory import DirectoryStore
from musecore.blobs.places import blobs_of
from musecore.blobs.s3 import S3Store
from musecore.blobs.s3_link import S3Place

__all__ = [
    "BlobNotFound",
    "BlobStore",
    "BlobsForbidden",
    "BlobsUnavailable",
    "BucketMissing",
    "DirectoryStore",
    "KeyInvalid",
    "S3Place",
    "S3Store",
    "StorageFull",
    "blobs_of",
    "checked_key",
]
