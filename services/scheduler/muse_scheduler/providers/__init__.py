"""What the scheduler asks and tells outside: the storage gateway, people, programs."""

from muse_scheduler.providers.hooks import Hooks
from muse_scheduler.providers.mail import Mailer
from muse_scheduler.providers.post import Post, Undelivered
from muse_scheduler.providers.storage import Room, StorageClient

__all__ = ["Hooks", "Mailer", "Post", "Room", "StorageClient", "Undelivered"]
