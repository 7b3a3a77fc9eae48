"""Settings of the worker; read once, by `main`."""

import socket
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from muse_worker.models import SimulatedRuns
from musecore.settings import MusewiseSettings

__all__ = ["WorkerSettings"]


class WorkerSettings(MusewiseSettings):
    """How this worker is called, what it may use, and whom it asks."""

    table: ClassVar[str] = "worker"

    name: str = Field(default_factory=socket.gethostname, pattern=r"^[\w.-]+$")
    """Unique among the workers that run; the same after a restart."""

    site: str = Field(default="local", pattern=r"^[\w.-]+$")
    """Where the worker is; a site can be paused as a whole."""

    slots: int = Field(default=2, ge=1)
    """Recipes that may run at the same time, if memory and cores allow."""

    memory_mb: int | None = Field(default=None, ge=1, examples=[65536])
    """Memory for all recipes together, in MiB. None: that of the machine, or of its
    control group where that is less, without 2 GiB for all else."""

    cores: int | None = Field(default=None, ge=1, examples=[16])
    """Cores for all recipes together. None: those that this process may use."""

    pools: list[str] = Field(default=[], examples=[["small", "medium"]])
    """Pools whose tasks it takes. None named: all whose tasks fit into its memory. A
    task of a named pool that is larger than the memory runs alone."""

    work_dir: Path = Path("work")
    """Folder for the work of running tasks: on the file system of the blob store,
    where there is one, so that files are linked and renamed instead of copied."""

    cache_dir: Path | None = None
    """Where files of a store that is elsewhere are kept for later tasks; none:
    ``.cache`` in work_dir. Workers of one machine may share it. On the file system of
    work_dir files are linked, else copied."""

    cache_bytes: int = Field(default=50_000_000_000, ge=0)
    """How much of it is used; 0: no cache."""

    min_free_bytes: int = Field(default=2_000_000_000, ge=0)
    """With less room than this in work_dir the worker takes no tasks, and says so."""

    engine: Literal["esorex", "simulated"] = "esorex"
    """``simulated`` needs no ESO software and makes no data: for load, chaos and
    scale tests, with servers that are started for simulation."""

    simulated: SimulatedRuns = SimulatedRuns()
    """Duration and failures of simulated runs
    (``MUSEWISE_SIMULATED__SHARES='{"slow": 0.1}'``)."""

    esorex: str = "esorex"
    """The program, by name or by path."""

    plugin_dir: Path | None = None
    """Where esorex finds the recipes, if not where it was built to look."""

    library_path: str | None = None
    """``LD_LIBRARY_PATH`` of a pipeline that is not installed system-wide."""

    memory_factor: float = Field(default=2.0, ge=1.0)
    """Limit of the address space, in units of the memory that the task asks for:
    address space runs ahead of what is resident."""

    stop_grace_s: float = Field(default=5.0, ge=0.0)
    """Between SIGTERM and SIGKILL, in seconds."""

    drain_s: float = Field(default=10.0, ge=0.0)
    """How long a worker that is told to stop lets its recipes go on, in seconds;
    what has not ended by then is handed back."""

    scheduler_url: str = "http://localhost:8642/scheduler"
    """Where the scheduler is."""

    storage_url: str = "http://localhost:8642/storage"
    """Where the storage gateway is."""

    token: SecretStr | None = None
    """Bearer token of a service account, where there is no client_id."""

    patience_s: float = Field(default=30.0, ge=0.0)
    """How long a call to another service, or to the store, is repeated while it does
    not answer."""
