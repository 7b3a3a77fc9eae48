"""A worker as a whole: its tools put together, started and stopped."""

from importlib.metadata import PackageNotFoundError, version
from itertools import chain

import httpx

from muse_worker.consumers import Consumers
from muse_worker.engine.contract import Engine
from muse_worker.engine.esorex import EsorexEngine, Installation
from muse_worker.engine.simulated import SimulatedEngine
from muse_worker.models import Announcement
from muse_worker.providers import SchedulerClient, StorageClient
from muse_worker.service.attempt import Tools
from muse_worker.service.cache import NodeCache
from muse_worker.service.folders import WorkFolder, folders_of_the_dead
from muse_worker.service.machine import cores_here, disk_trouble, memory_here_mb
from muse_worker.service.presence import Presence
from muse_worker.service.reports import send_leftovers
from muse_worker.service.room import Room
from muse_worker.service.slots import Slots
from muse_worker.service.storing import SiteStore
from muse_worker.settings import WorkerSettings
from musecore.blobs import BlobStore, DirectoryStore
from musecore.broker import Broker
from musecore.identity import ServiceToken
from musecore.log import get_logger
from musecore.muse.pools import Pools, load_pools
from musecore.muse.schema import MuseModel, load
from musecore.serving import Readiness, Standalone, blobs_of, broker_of
from musecore.settings import SettingInvalid
from musecore.web import create_app

__all__ = ["Service", "engine_of", "scheduler_client", "standalone", "storage_client"]

log = get_logger(__name__)


def engine_of(settings: WorkerSettings) -> Engine:
    """Give the recipe engine that the settings describe."""
    if settings.engine == "simulated":
        return SimulatedEngine(settings.simulated)
    installation = Installation(
        esorex=settings.esorex,
        plugin_dir=settings.plugin_dir,
        library_path=settings.library_path,
    )
    return EsorexEngine(
        installation,
        memory_factor=settings.memory_factor,
        grace_s=settings.stop_grace_s,
    )


def scheduler_client(
    settings: WorkerSettings, transport: httpx.AsyncBaseTransport | None = None
) -> SchedulerClient:
    """Give the client of the scheduler; `transport` may be an app in this process."""
    client = _http(settings, settings.scheduler_url, transport)
    return SchedulerClient(client, patience_s=settings.patience_s)


def storage_client(
    settings: WorkerSettings, transport: httpx.AsyncBaseTransport | None = None
) -> StorageClient:
    """Give the client of the storage gateway."""
    client = _http(settings, settings.storage_url, transport)
    return StorageClient(client, patience_s=settings.patience_s)


class Service:
    """One worker.

    Parameters
    ----------
    blobs
        The site's store; on the file system of ``settings.work_dir`` inputs are
        linked and products renamed.
    engine
        By default the one that the settings describe.

    Raises
    ------
    SettingInvalid
        It is to serve a pool that does not exist.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        broker: Broker,
        blobs: BlobStore,
        scheduler: SchedulerClient,
        storage: StorageClient,
        engine: Engine | None = None,
        model: MuseModel | None = None,
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._blobs = blobs
        self._storage = storage
        self._scheduler = scheduler
        self._engine = engine or engine_of(settings)
        self._model = model or load()
        self._pools = load_pools()
        self._room = _room_of(settings)
        self._served = _served(settings, self._pools, self._room)
        self._folder: WorkFolder | None = None
        self._presence = Presence(
            scheduler, settings.name, self._announcement, self._room
        )
        self._consumers: Consumers | None = None
        self.slots: Slots | None = None

    async def start(self) -> None:
        """Look at the pipeline, settle what dead workers left, take tasks.

        Raises
        ------
        EngineMissing
            There is no ESO pipeline here.
        WorkFolderTaken
            A worker of this name runs.
        """
        settings = self._settings
        versions = await self._engine.versions()
        if self._folder is None:
            self._folder = await WorkFolder.taken(
                settings.work_dir, settings.name, 2 * settings.patience_s
            )
        await self._settle_leftovers(self._folder)
        tools = Tools(
            worker=settings.name,
            engine=self._engine,
            versions=versions | {"musewise": _own_version()},
            model=self._model,
            store=self._site_store(),
            scheduler=self._scheduler,
            broker=self._broker,
            patience_s=settings.patience_s,
        )
        self.slots = Slots(self._room, tools, self._folder.path)
        self._consumers = Consumers(
            self._broker,
            self.slots,
            pools=self._pools,
            served=self._served,
            worker=settings.name,
            refused=self._presence.ask,
        )
        await self._presence.start()
        await self._consumers.start()
        log.info("worker ready", worker=settings.name, **versions)

    def _site_store(self) -> SiteStore:
        settings = self._settings
        cache = None
        if settings.cache_bytes and not isinstance(self._blobs, DirectoryStore):
            folder = settings.cache_dir or settings.work_dir / ".cache"
            cache = NodeCache(folder, settings.cache_bytes)
        return SiteStore(
            self._blobs, self._storage, cache=cache, patience_s=settings.patience_s
        )

    async def stop(self) -> None:
        """Take no more and say so, let recipes end or hand them back, stop listening."""
        self._room.shut("The worker stops.")
        await self._presence.stop()
        if self._consumers is not None and self.slots is not None:
            await self._consumers.stop_taking()
            await self.slots.drain(self._settings.drain_s)
            await self._consumers.stop()
        if self._folder is not None:
            self._folder.release()
        self._consumers = self._folder = None

    def _announcement(self) -> Announcement:
        settings, room = self._settings, self._room
        return Announcement(
            site=settings.site,
            pools=self._served,
            cores=min(room.cores, room.slots),
            memory_mb=room.memory_mb,
            running=len(self.slots.running) if self.slots is not None else 0,
            trouble=disk_trouble(settings.work_dir, settings.min_free_bytes),
        )

    async def _settle_leftovers(self, own: WorkFolder) -> None:
        """Send reports that were not sent, and remove what the dead left behind."""
        settings = self._settings
        others = folders_of_the_dead(settings.work_dir, settings.name)
        for folder in chain([own], others):
            await send_leftovers(
                self._broker, folder.path, patience_s=settings.patience_s
            )


def _room_of(settings: WorkerSettings) -> Room:
    return Room(
        slots=settings.slots,
        cores=settings.cores or cores_here(),
        memory_mb=settings.memory_mb or memory_here_mb(),
    )


def _served(settings: WorkerSettings, pools: Pools, room: Room) -> tuple[str, ...]:
    """Give the pools to serve: those named, else those that fit, the smallest anyway."""
    unknown = [name for name in settings.pools if name not in pools.names]
    if unknown:
        raise SettingInvalid(
            f"There is no pool {unknown[0]!r}.",
            hint=f"Pools: {', '.join(pools.names)}.",
        )
    fitting = [pool.name for pool in pools.within(room.memory_mb)]
    return tuple(settings.pools or fitting or pools.names[:1])


def _http(
    settings: WorkerSettings, url: str, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    headers = {}
    if settings.token is not None:
        headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        auth=_account(settings),
        transport=transport,
        timeout=30.0,
    )


def _account(settings: WorkerSettings) -> ServiceToken | None:
    if settings.client_id is None:
        return None
    return ServiceToken(
        settings.need("auth_url"), settings.client_id, settings.need("client_secret")
    )


def standalone(settings: WorkerSettings) -> Standalone:
    """Wire a worker as a process of its own, with an app for its health.

    Raises
    ------
    SettingMissing
    """
    broker = broker_of(settings.need("broker_url"))
    blobs = blobs_of(settings.need("blobs_url"))
    if settings.token is None:
        settings.need("client_id")
    scheduler, storage = scheduler_client(settings), storage_client(settings)
    service = Service(
        settings, broker=broker, blobs=blobs, scheduler=scheduler, storage=storage
    )
    app = create_app(
        f"musewise worker {settings.name}",
        ready=Readiness(broker=broker, blobs=blobs),
    )
    return Standalone(
        app,
        service,
        broker=broker,
        closing=[scheduler.close, storage.close, blobs.close],
    )


def _own_version() -> str:
    try:
        return version("musewise-server")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"
