"""What the worker is told and what it tells within itself."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from musecore.errors import Conflict, MuseError

__all__ = [
    "Announcement",
    "ClaimedInput",
    "ClaimedTask",
    "Committed",
    "EngineMissing",
    "ExpectedOutput",
    "Fate",
    "GoOn",
    "InputDamaged",
    "Orders",
    "SimulatedRuns",
    "Upload",
    "WorkFolderTaken",
]


Fate = Literal[
    "well", "slow", "recipe_error", "no_product", "out_of_memory", "time_limit"
]
"""What becomes of a simulated run."""


class EngineMissing(MuseError):
    """The ESO pipeline is not on this machine."""

    code = "engine_missing"


class InputDamaged(MuseError):
    """An input does not have the bytes that the task names."""

    code = "input_damaged"


class WorkFolderTaken(Conflict):
    """A worker of this name is running already."""

    code = "work_folder_taken"


class _Answer(BaseModel):
    """What another service answers: fields that we do not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ClaimedInput(_Answer):
    """One input; ``size`` in bytes; ``ifu`` None for what is of the whole field."""

    tag: str
    file_id: UUID
    object_key: str
    filename: str
    sha256: str
    content_key: str
    size: int
    ifu: int | None = None


class ExpectedOutput(_Answer):
    """A product class that the recipe writes; ``min`` 0 where it may be absent."""

    tag: str
    min: int
    per_ifu: bool


class ClaimedTask(_Answer):
    """All that is needed to run one attempt of a task.

    ``parameters`` are the effective ones, ``set_parameters`` those that differ from
    the recipe's defaults and go on the command line. ``inputs`` are in the order of
    the set of frames.
    """

    task_id: UUID
    attempt: int
    key: str
    recipe: str
    ifu: int | None
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    inputs: list[ClaimedInput]
    outputs: list[ExpectedOutput]
    threads: int
    memory_mb: float
    timeout_s: float
    lease_s: float
    project: str
    owner: str
    versions: dict[str, str] = {}
    caveats: list[str] = []

    @property
    def spoken(self) -> str:
        """Recipe and IFU as a person says it: ``muse_bias of IFU 7``."""
        return self.recipe if self.ifu is None else f"{self.recipe} of IFU {self.ifu}"

    @property
    def slug(self) -> str:
        """Recipe and IFU as part of a file name: ``muse_bias-07``."""
        return self.recipe if self.ifu is None else f"{self.recipe}-{self.ifu:02d}"


class GoOn(_Answer):
    """Answer to a heartbeat."""

    go_on: bool
    reason: str | None = None


class Announcement(BaseModel):
    """What the worker says of itself, at its start and with every beat.

    ``cores`` is how many recipes may run at a time; ``memory_mb`` is for all of them;
    ``trouble`` is why it cannot take tasks now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    site: str
    pools: tuple[str, ...]
    cores: int
    memory_mb: int
    running: int
    own_queue: bool = True
    starting: bool = False
    stopping: bool = False
    trouble: str = ""


class Orders(_Answer):
    """Answer to an announcement; in any ``state`` but ACTIVE nothing is taken."""

    state: str
    reason: str = ""
    beat_s: float = Field(gt=0)


class Upload(_Answer):
    """Where the bytes of a new file go."""

    file_id: UUID
    object_key: str


class Committed(_Answer):
    """A file as the gateway took it; ``size`` in bytes."""

    file_id: UUID
    sha256: str
    content_key: str
    size: int


class SimulatedRuns(BaseModel):
    """How the simulated engine behaves.

    ``shares`` gives the part (0..1) of the runs that meet a fate; the rest goes
    well. ``out_of_memory`` and ``time_limit`` strike first attempts only. A run
    takes between the two ``seconds``, a slow one ``slow_factor`` times as long.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    seed: int = 0
    seconds: tuple[float, float] = (0.0, 0.0)
    slow_factor: float = Field(default=10.0, ge=1.0)
    shares: dict[Fate, Annotated[float, Field(ge=0.0, le=1.0)]] = {}
