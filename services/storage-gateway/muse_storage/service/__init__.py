"""Use cases of the storage gateway."""

from muse_storage.service.copies import Copies
from muse_storage.service.garbage import Garbage
from muse_storage.service.holdings import Holdings
from muse_storage.service.intake import Intake

__all__ = ["Copies", "Garbage", "Holdings", "Intake"]
