"""Where pointings of a name are. SQL; never commits."""

from sqlalchemy import func, or_, select

from muse_catalog.models import Access
from muse_catalog.store.frames import seen
from muse_catalog.tables import FileRow
from musecore.db import Transaction

__all__ = ["PlaceStore"]

_FILE = FileRow.__table__.c
NAMES = 20_000
"""So many names are compared with one that is not known."""


class PlaceStore:
    """Names of targets and objects, and where they were pointed at."""

    def __init__(self, tx: Transaction, access: Access) -> None:
        self._tx = tx
        self._access = access

    async def direction(self, name: str) -> tuple[float, float, float] | None:
        """Give the mean of the unit vectors to all pointings of a name."""
        ra, dec = func.radians(_FILE.ra), func.radians(_FILE.dec)
        mean = [
            func.avg(func.cos(dec) * func.cos(ra)),
            func.avg(func.cos(dec) * func.sin(ra)),
            func.avg(func.sin(dec)),
        ]
        asked = select(*mean).where(
            seen(self._access),
            or_(_FILE.target == name, _FILE.object == name),
            _FILE.ra.is_not(None),
            _FILE.dec.is_not(None),
        )
        x, y, z = (await self._tx.session.execute(asked)).one()
        return None if x is None else (float(x), float(y), float(z))

    async def names(self) -> list[str]:
        """Give the names of what was pointed at."""
        found: set[str] = set()
        for column in (_FILE.target, _FILE.object):
            asked = (
                select(column)
                .where(seen(self._access), column.is_not(None), _FILE.ra.is_not(None))
                .distinct()
                .limit(NAMES)
            )
            found.update(await self._tx.session.scalars(asked))
        return sorted(found)
