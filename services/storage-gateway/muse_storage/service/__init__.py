"""Use cases of the storage gateway."""

from muse_storage.service.garbage import Garbage
from muse_storage.service.holdings import Holdings
from muse_storage.service.intake import Intake

__all__ = ["Garbage", "Holdings", "Intake"]
