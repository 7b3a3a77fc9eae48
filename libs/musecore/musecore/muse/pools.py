"""Pools of workers by the memory of a task: what pools.yaml says."""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, model_validator

from musecore.muse.facts import Entry, Fact, Value
from musecore.muse.recipes import Recipe

__all__ = ["Learning", "Pool", "Pools", "inputs_bucket", "load_pools", "mode_of"]

_FILE = Path(__file__).parent / "pools.yaml"
_MODES = ("skymethod", "save", "combine", "lambdamin", "lambdamax")


class Pool(Entry):
    """Workers that give at most `memory_mb` to one task."""

    name: Annotated[str, Field(pattern=r"^[a-z]+$")]
    memory_mb: Annotated[int, Field(gt=0)]


class Learning(Entry):
    """How the memory of a task follows from what earlier ones took.

    Attributes
    ----------
    attempts
        So many of the newest attempts count.
    quantile, factor
        The request is this quantile of their peaks times `factor`.
    floor_mb
        Never less than this.
    least_attempts
        With fewer attempts the first guess of the recipe still holds.
    """

    attempts: Annotated[int, Field(ge=1)]
    quantile: Annotated[float, Field(gt=0, le=1)]
    factor: Annotated[float, Field(ge=1)]
    floor_mb: Annotated[int, Field(ge=1)]
    least_attempts: Annotated[int, Field(ge=1)]


class Pools(Fact):
    """pools.yaml: pools from the smallest to the largest."""

    version: int
    doc: str
    pools: Annotated[tuple[Pool, ...], Field(min_length=1)]
    learning: Learning

    @model_validator(mode="after")
    def _grow(self) -> Self:
        sizes = [pool.memory_mb for pool in self.pools]
        if sizes != sorted(set(sizes)):
            raise ValueError("Pools are to be listed from the smallest to the largest.")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names, smallest first."""
        return tuple(pool.name for pool in self.pools)

    @property
    def largest(self) -> Pool:
        """The last resort of a task that ran out of memory."""
        return self.pools[-1]

    def pool(self, name: str) -> Pool | None:
        """Give a pool by name, None when there is none of that name."""
        return next((pool for pool in self.pools if pool.name == name), None)

    def fitting(self, memory_mb: float) -> Pool:
        """Give the smallest pool for a task of this memory; the largest at most."""
        fits = (pool for pool in self.pools if memory_mb <= pool.memory_mb)
        return next(fits, self.largest)

    def within(self, memory_mb: float) -> tuple[Pool, ...]:
        """Give the pools of which a machine with this memory can run a task."""
        return tuple(pool for pool in self.pools if pool.memory_mb <= memory_mb)

    def more(self, memory_mb: int) -> int | None:
        """Give the memory of the next try after this was too little; None: no more.

        Twice as much, or all of the next larger pool, whichever is more.
        """
        if memory_mb >= self.largest.memory_mb:
            return None
        larger = (p.memory_mb for p in self.pools if p.memory_mb > memory_mb)
        own = self.fitting(memory_mb)
        wider = next((m for m in larger if m > own.memory_mb), own.memory_mb)
        return min(self.largest.memory_mb, max(2 * memory_mb, wider))


def inputs_bucket(inputs: int) -> int:
    """Give the bucket of a number of inputs: the next power of two."""
    return 1 if inputs <= 1 else 1 << (inputs - 1).bit_length()


def mode_of(recipe: Recipe | None, parameters: dict[str, Value]) -> str:
    """Give the parameters that decide how much memory a recipe takes, as one text."""
    named = () if recipe is None else recipe.parameters
    known = {p.name for p in named}
    return ",".join(
        f"{name}={parameters[name]}"
        for name in _MODES
        if name in known and name in parameters
    )


@cache
def load_pools(path: Path = _FILE) -> Pools:
    """Read the pools, from here or from another file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for pool in content["pools"]:
        pool.setdefault("source", "given by this installation")
    return Pools.model_validate({**content, "pools": tuple(content["pools"])})
