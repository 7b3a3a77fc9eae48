"""Plans, jobs and their parts as the server answers them: frozen, as `results`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from musewise.results import Answer


class RunnerUp(Answer):
    """The candidate that came second; ``distance_days`` in days."""

    choice: str
    level: float | None = None
    distance_days: float | None = None
    lost_because: str = ""


class Choice(Answer):
    """One calibration chosen for one consumer; ``distance_days`` in days."""

    consumer: str
    consumer_tag: str = ""
    category: str
    ifus: tuple[int, ...] = ()
    choice: str
    level: float | None = None
    distance_days: float | None = None
    reason: str = ""
    runner_up: RunnerUp | None = None
    warnings: tuple[str, ...] = ()


class Missing(Answer):
    """An input that was not found, and what would help."""

    consumer: str = ""
    category: str = ""
    reason: str = ""
    hint: str | None = None
    ifus: tuple[int, ...] = ()


class RecipeSummary(Answer):
    """Counts and cost of one recipe: seconds, and megabytes for each task."""

    recipe: str
    tasks: int = 0
    reuse: int = 0
    build: int = 0
    waiting: int = 0
    est_s: float | None = None
    est_mem_mb: float | None = None


class PlanRecord(Answer):
    """A plan as the scheduler gives it; ``estimated_s`` in seconds."""

    plan_id: str
    request: dict[str, Any] = Field(default_factory=dict)
    products: tuple[Any, ...] = ()
    recipes: tuple[RecipeSummary, ...] = ()
    tasks: tuple[dict[str, Any], ...] = ()
    choices: tuple[Choice, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    estimated_s: float | None = None
    runnable: bool = True
    not_runnable_because: tuple[str, ...] = ()


class RecipeProgress(Answer):
    """Where the tasks of one recipe are; ``ifus`` maps "1".."24" to a state."""

    total: int = 0
    done: int = 0
    reused: int = 0
    running: int = 0
    failed: int = 0
    blocked: int = 0
    waiting: int = 0
    ifus: dict[str, str] = Field(default_factory=dict)


class JobProduct(Answer):
    """A finished product of a job."""

    tag: str
    frame_id: str
    file_id: str | None = None
    filename: str | None = None
    sha256: str | None = None


class JobRecord(Answer):
    """A job as the scheduler gives it; ``eta_s`` in seconds."""

    job_id: str
    state: str
    request: dict[str, Any] = Field(default_factory=dict)
    created: datetime | None = None
    progress: dict[str, RecipeProgress] = Field(default_factory=dict)
    tasks_total: int = 0
    done: int = 0
    eta_s: float | None = None
    products: tuple[JobProduct, ...] = ()
    messages: tuple[str, ...] = ()


class Attempt(Answer):
    """One try of a task by one worker; times in seconds, memory in megabytes."""

    task_id: str | None = None
    attempt: int | None = None
    worker: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    detail: str | None = None
    telling_lines: tuple[str, ...] = ()
    exit_code: int | None = None
    signal: int | None = None
    log_file_id: str | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    max_rss_mb: float | None = None


class Task(Answer):
    """One recipe run of a job; ``est_s`` in seconds, ``memory_mb`` expected peak."""

    task_id: str
    recipe: str
    ifu: int | None = None
    group: str | None = None
    state: str
    attempt: int | None = None
    reason: str | None = None
    est_s: float | None = None
    memory_mb: float | None = None
    worker: str | None = None
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def name(self) -> str:
        """Recipe and IFU, as ``muse_flat IFU 7``."""
        return self.recipe if self.ifu is None else f"{self.recipe} IFU {self.ifu}"
