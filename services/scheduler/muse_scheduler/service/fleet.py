"""Workers, sites and pools: who is there, who may work, who shares how."""

from __future__ import annotations

from muse_scheduler.models import (
    Announcement,
    Gate,
    PoolShown,
    Worker,
    WorkerEvent,
    WorkerOrders,
    WorkerState,
)
from muse_scheduler.service.context import Context
from muse_scheduler.service.dispatching import (
    SCHEDULER,
    dispatch,
    fleet,
    slots_of,
)
from muse_scheduler.service.release import graph_change
from muse_scheduler.store import KeptWorker, WindowStore, WorkerRegistry
from musecore.db import Transaction
from musecore.errors import NotFound
from musecore.identity import Principal

ADMIN_SCOPE = "admin"
STOPPED = "it stopped in order"
TROUBLE = "it says: "


class WorkerNotFound(NotFound):
    """No worker of this name was ever heard of."""

    code = "worker_not_found"


class PoolNotFound(NotFound):
    """There is no pool of this name."""

    code = "pool_not_found"


class FleetService:
    """Hears workers announce themselves; shows and steers them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # -- the worker's side
    async def announce(self, name: str, said: Announcement) -> WorkerOrders:
        """Take in what a worker says of itself; tell it what it may do.

        A worker that was GONE is taken back as what it was before; one that was
        told to leave and starts anew is free again, a cordoned one is not. One that
        stops is GONE at once: nothing more is offered to it; one in trouble is
        cordoned until the trouble is over.
        """
        async with graph_change(self._context) as tx:
            registry = WorkerRegistry(tx)
            before = await registry.worker(name)
            await registry.announce(name, said)
            if said.starting:
                await registry.trust(name)
            if said.stopping:
                gone = WorkerState.GONE
                await registry.move([name], gone, orders=None, who=name, why=STOPPED)
            back = _comes_back(before, said)
            if back is not None:
                why = "it started" if said.starting else "it is heard of again"
                await registry.move(
                    [name], back, orders=back, who=SCHEDULER, why=_reason(before, why)
                )
            elif before is not None:
                await self._set_aside(registry, before, said.trouble)
            now = await registry.worker(name)
            gate = (await registry.gates()).get(("site", said.site))
            await dispatch(self._context, tx)
        assert now is not None
        return self._orders(now, gate)

    async def _set_aside(
        self, registry: WorkerRegistry, worker: KeptWorker, trouble: str
    ) -> None:
        """Cordon a worker that says it cannot work, until it says so no more."""
        itself = worker.orders is WorkerState.CORDONED and worker.reason.startswith(
            TROUBLE
        )
        if trouble and worker.orders is WorkerState.ACTIVE:
            orders, why = WorkerState.CORDONED, f"{TROUBLE}{trouble}"
        elif itself and not trouble:
            orders, why = WorkerState.ACTIVE, "its trouble is over"
        else:
            return
        await registry.move(
            [worker.name], orders, orders=orders, who=worker.name, why=why
        )

    def _orders(self, worker: KeptWorker, gate: Gate | None) -> WorkerOrders:
        state, reason = worker.orders, worker.reason
        if state is WorkerState.ACTIVE and gate is not None:
            state = WorkerState.PAUSED
            reason = f"site {gate.name} is paused: {gate.reason}"
        return WorkerOrders(
            state=state, reason=reason, beat_s=self._context.policy.beat_s
        )

    # -- show
    async def workers(self) -> list[Worker]:
        """Give every worker that was ever heard of."""
        async with self._context.database.begin() as tx:
            registry = WorkerRegistry(tx)
            running = await registry.running()
            return [
                self._shown(worker, running.get(worker.name, []))
                for worker in await registry.all()
            ]

    async def worker(self, name: str) -> Worker:
        """Give one worker."""
        async with self._context.database.begin() as tx:
            worker = await _find(tx, name)
            running = await WorkerRegistry(tx).running()
        return self._shown(worker, running.get(name, []))

    async def events(self, name: str) -> list[WorkerEvent]:
        """Give the history of a worker."""
        async with self._context.database.begin() as tx:
            await _find(tx, name)
            return await WorkerRegistry(tx).events(name)

    def _shown(self, worker: KeptWorker, running: list) -> Worker:  # type: ignore[type-arg]
        slots = {
            pool.name: slots_of(self._context, worker, pool)
            for pool in self._context.pools.pools
            if worker.cores is not None
        }
        plain = worker.model_dump(
            exclude={"pools", "orders", "trusted_since"}, mode="python"
        )
        return Worker(
            **plain,
            pools={name: n for name, n in slots.items() if n > 0},
            running=tuple(running),
        )

    async def pools(self) -> list[PoolShown]:
        """Say for each pool who serves it, and what waits and runs there."""
        context = self._context
        async with context.database.begin() as tx:
            now = await fleet(tx)
            gates = await WorkerRegistry(tx).gates()
            counts = await WindowStore(tx).counts()
        shown = []
        for pool in context.pools.pools:
            slots = now.slots(context, pool)
            gate = gates.get(("pool", pool.name))
            shown.append(
                PoolShown(
                    name=pool.name,
                    memory_mb=pool.memory_mb,
                    workers=sum(slots_of(context, w, pool) > 0 for w in now.live),
                    slots=slots,
                    places=context.policy.places(slots),
                    ready=counts.get((pool.name, "READY"), 0),
                    queued=counts.get((pool.name, "QUEUED"), 0),
                    running=counts.get((pool.name, "RUNNING"), 0),
                    paused=None if gate is None else gate.reason or f"by {gate.who}",
                )
            )
        return shown

    async def gates(self) -> list[Gate]:
        """Give the sites and pools that are paused."""
        async with self._context.database.begin() as tx:
            return list((await WorkerRegistry(tx).gates()).values())

    # -- steer
    async def order(
        self, principal: Principal, name: str, state: WorkerState, reason: str
    ) -> Worker:
        """Pause, drain or cordon a worker, or let it work again.

        What it runs goes on; it gets nothing new.
        """
        _require_operator(principal)
        async with graph_change(self._context) as tx:
            worker = await _find(tx, name)
            shown = state if worker.state is not WorkerState.GONE else WorkerState.GONE
            why = reason or ("" if state is WorkerState.ACTIVE else "no reason given")
            await WorkerRegistry(tx).move(
                [name], shown, orders=state, who=principal.name, why=why
            )
            await dispatch(self._context, tx)
        return await self.worker(name)

    async def pause(
        self, principal: Principal, kind: str, name: str, reason: str
    ) -> list[Gate]:
        """Let a site or a pool get no new tasks; give all that is paused."""
        _require_operator(principal)
        if kind == "pool" and self._context.pools.pool(name) is None:
            known = ", ".join(self._context.pools.names)
            raise PoolNotFound(f"There is no pool {name!r}.", hint=f"Known: {known}.")
        async with graph_change(self._context) as tx:
            await WorkerRegistry(tx).close(kind, name, principal.name, reason)
        return await self.gates()

    async def resume(self, principal: Principal, kind: str, name: str) -> list[Gate]:
        """Let a site or a pool go on; give all that is still paused."""
        _require_operator(principal)
        async with graph_change(self._context) as tx:
            await WorkerRegistry(tx).open(kind, name)
            await dispatch(self._context, tx)
        return await self.gates()

    async def set_weight(self, principal: Principal, owner: str, weight: float) -> None:
        """Let an owner have more or less of the window than others."""
        _require_operator(principal)
        async with self._context.database.begin() as tx:
            await WindowStore(tx).set_weight(owner, weight)


def _require_operator(principal: Principal) -> None:
    if not principal.is_service:
        principal.require_scope(ADMIN_SCOPE)


async def _find(tx: Transaction, name: str) -> KeptWorker:
    worker = await WorkerRegistry(tx).worker(name)
    if worker is None:
        raise WorkerNotFound(
            f"No worker {name!r} was ever heard of.", hint="See: musewise workers"
        )
    return worker


def _comes_back(before: KeptWorker | None, said: Announcement) -> WorkerState | None:
    """Give the state that a worker changes to by being heard of, None for no change."""
    if before is None or said.stopping:
        return None
    if said.starting and before.orders is WorkerState.DRAINING:
        return WorkerState.ACTIVE
    return before.orders if before.state is WorkerState.GONE else None


def _reason(before: KeptWorker | None, why: str) -> str:
    if before is None or before.orders is WorkerState.ACTIVE:
        return why
    return f"{why}, and was {before.orders}"
