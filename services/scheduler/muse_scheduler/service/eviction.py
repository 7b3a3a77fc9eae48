"""Drop products that can be made again, when room runs short."""

from __future__ import annotations

from collections.abc import Sequence

from muse_scheduler.service.context import Context, Space
from muse_scheduler.service.release import graph_change
from muse_scheduler.store import KeptProduct, ProductStore
from musecore.db import Transaction
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.messages import FileUnwanted
from musecore.outbox import publish

log = get_logger(__name__)


class Eviction:
    """Keeps some room in the store; records of what was dropped stay."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def make_room(self) -> int:
        """Drop rebuildable products until enough is free; give the bytes dropped."""
        space = await self._measure()
        if space is None:
            return 0
        lacking = self._context.policy.min_free_bytes - space.free
        if lacking <= 0:
            return 0
        async with graph_change(self._context) as tx:
            tags = self._context.rebuildable()
            products = await ProductStore(tx).evictable(tags)
            chosen = _oldest(products, lacking)
            await _drop(tx, chosen, space)
        dropped = sum(product.size for product in chosen)
        if chosen:
            log.info("products dropped", files=len(chosen), bytes=dropped)
        return dropped

    async def _measure(self) -> Space | None:
        if self._context.space is None:
            return None
        try:
            return await self._context.space()
        except MuseError as error:
            log.warning("room in the store is not known", detail=str(error))
            return None


def _oldest(products: Sequence[KeptProduct], lacking: int) -> list[KeptProduct]:
    """Take the oldest until their sizes reach what is lacking (bytes)."""
    chosen: list[KeptProduct] = []
    for product in products:
        if lacking <= 0:
            break
        chosen.append(product)
        lacking -= product.size
    return chosen


async def _drop(tx: Transaction, products: Sequence[KeptProduct], space: Space) -> None:
    why = (
        f"only {space.free / 1e9:.1f} GB were free; nothing waits for it and it can "
        "be made again"
    )
    ids = [product.product_id for product in products]
    await ProductStore(tx).move(ids, "EVICTED", why)
    for product in products:
        await publish(tx, FileUnwanted(file_id=product.file_id, reason=why))
