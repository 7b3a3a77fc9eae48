"""Models of recipes.yaml: inputs, outputs, parameters, QC keys, cost."""

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Literal

from musecore.muse.facts import Condition, Entry, Fact, Items, Value
from musecore.muse.frames import Scope

__all__ = [
    "AtLeastOne",
    "Expected",
    "Option",
    "Parameter",
    "QcKey",
    "Recipe",
    "RecipeInput",
    "RecipeOutput",
    "Recipes",
]

ParameterType = Literal["int", "double", "string", "boolean"]


class RecipeInput(Fact):
    """A tag that a recipe reads; counts are frames as one IFU sees them."""

    tag: str
    kind: Literal["raw", "calib", "static", "product", "user"]
    min: int
    recommended: int | None = None
    max: int | None = None  # None: no upper limit
    per_ifu: bool
    frameset: int = 1  # 2: belongs to the second accepted set of inputs
    needed_when: str | None = None
    declared: bool = True  # False: the recipe's frame list does not name it
    declared_match: Items = ()
    note: str | None = None


class AtLeastOne(Fact):
    """Inputs of which one must be there, though each alone is optional."""

    tags: Items
    doc: str


class RecipeOutput(Fact):
    """A product of a recipe and when it is written."""

    tag: str
    per_ifu: bool
    level: Literal["intermediate", "final"]
    naming: Literal["master", "dateobs", "all", "subset", "sequence"]
    format: str | None = None
    mergeable: bool
    one_per: Literal["run", "exposure", "filter", "lamp", "image"] = "run"
    when: tuple[Condition, ...] = ()  # all must hold
    when_any: tuple[Condition, ...] = ()  # and one of these, if any is given
    note: str | None = None


class Parameter(Fact):
    """A recipe parameter as the pipeline declares it."""

    name: str
    type: ParameterType
    default: Value  # "" where the pipeline has none
    unit: str | None = None
    choices: tuple[str, ...] | None = None
    suboptions: bool = False  # a choice may carry sub-options after a colon
    list_of: Literal["double", "string"] | None = None  # comma-separated
    list_max: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    expert: bool = False
    doc: str


class QcKey(Fact):
    """A QC keyword of a recipe; lower-case letters in it are running numbers."""

    key: str
    indices: Items = ()  # input, slice, quadrant, ifu, line, source, photodiode
    type: Literal["int", "float", "double", "string"]
    unit: str | None = None
    unit_inferred: bool = False
    doc: str
    products: Items

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches a keyword of a header; one group per index, in order."""
        parts = re.split(r"(?<=[A-Z])([a-z])(?=\d|\b)", self.key)
        return re.compile(
            "".join(r"(\d+)" if n % 2 else re.escape(p) for n, p in enumerate(parts))
            + "$"
        )


class Option(Fact):
    """A value that musewise sets where the pipeline's default does not suit."""

    parameter: str
    value: Value
    source: str


class Expected(Fact):
    """First guess of the cost of a run, until there are runs to learn from.

    Sums of a fixed part and a part for each IFU and exposure among the inputs.
    """

    wall_s: float
    wall_s_per_ifu: float = 0.0
    memory_mb: float
    memory_mb_per_ifu: float = 0.0
    disk_mb: float = 0.0
    disk_mb_per_ifu: float = 0.0
    threads_gain: bool  # True: a second thread shortens the run
    measured: bool  # False: estimated
    source: str

    def wall(self, ifus: int = 1) -> float:
        """Seconds of wall time for `ifus` (IFU, exposure) pairs among the inputs."""
        return self.wall_s + self.wall_s_per_ifu * ifus

    def memory(self, ifus: int = 1) -> float:
        """Peak resident memory in MB."""
        return self.memory_mb + self.memory_mb_per_ifu * ifus

    def disk(self, ifus: int = 1) -> float:
        """Size of the products in MB."""
        return self.disk_mb + self.disk_mb_per_ifu * ifus


class Recipe(Entry):
    """One recipe of the ESO pipeline."""

    name: str
    main: str | None = None  # what it is run for, if that is not its first output
    scope: Scope
    joins_ifus: bool  # runs over all IFUs itself
    inputs: tuple[RecipeInput, ...]
    at_least_one: tuple[AtLeastOne, ...] = ()
    outputs: tuple[RecipeOutput, ...]
    parameters: tuple[Parameter, ...]
    qc: tuple[QcKey, ...] = ()
    options: tuple[Option, ...] = ()
    expected: Expected
    note: str | None = None

    @property
    def main_product(self) -> str:
        """What it is run for."""
        return self.main or self.outputs[0].tag

    @cached_property
    def takes_nifu(self) -> bool:
        """Whether the recipe knows ``--nifu``."""
        return any(p.name == "nifu" for p in self.parameters)

    def parameter(self, name: str) -> Parameter | None:
        """Give a parameter by name, None when the recipe has none of that name."""
        return next((p for p in self.parameters if p.name == name), None)

    def defaults(self) -> dict[str, Value]:
        """Give the pipeline's own value of every parameter."""
        return {p.name: p.default for p in self.parameters}

    def effective(self, given: Mapping[str, Value] | None = None) -> dict[str, Value]:
        """Give every parameter: pipeline's default, musewise's option, then `given`."""
        chosen = {o.parameter: o.value for o in self.options}
        return self.defaults() | chosen | dict(given or {})

    def outputs_with(
        self, parameters: Mapping[str, Value], categories: Collection[str]
    ) -> tuple[RecipeOutput, ...]:
        """Give the outputs to expect from these effective parameters and input tags."""

        def holds(test: Condition) -> bool:
            return test.holds(parameters=parameters, categories=categories)

        return tuple(
            output
            for output in self.outputs
            if all(map(holds, output.when))
            and (not output.when_any or any(map(holds, output.when_any)))
        )


class Recipes(Fact):
    """recipes.yaml."""

    version: int
    doc: str
    pipeline: str
    recipes: tuple[Recipe, ...]
