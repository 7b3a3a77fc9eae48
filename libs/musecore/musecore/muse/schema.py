"""The MUSE model: the five YAML files as one frozen value, with its look-ups."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from musecore.errors import NotFound
from musecore.muse import classify as classification
from musecore.muse import parameters as recipe_parameters
from musecore.muse.classify import AmbiguousClass, NotMuse, Unclassified, canonical
from musecore.muse.facts import Condition, Entry, Fact, Value, matches
from musecore.muse.frames import (
    Column,
    FrameClass,
    FrameKind,
    Frames,
    HeaderRule,
    KeyTest,
    Mode,
    Modes,
    Scope,
)
from musecore.muse.loading import UnknownModelVersion, read_files
from musecore.muse.parameters import BadParameterValue, UnknownParameter
from musecore.muse.plan import (
    Binding,
    CalibrationPlan,
    CalibrationRule,
    Caution,
    Criterion,
    Epoch,
    Level,
    MaxDifference,
    NameRule,
    ParameterBinding,
    Reading,
    StaticCategory,
    Statics,
    Step,
    StepInput,
    Use,
    Window,
)
from musecore.muse.recipes import (
    AtLeastOne,
    Expected,
    Option,
    Parameter,
    QcKey,
    Recipe,
    RecipeInput,
    RecipeOutput,
    Recipes,
)

__all__ = [
    "AmbiguousClass",
    "AtLeastOne",
    "BadParameterValue",
    "Binding",
    "CalibrationPlan",
    "CalibrationRule",
    "Caution",
    "Column",
    "Condition",
    "Criterion",
    "Entry",
    "Epoch",
    "Expected",
    "Fact",
    "FrameClass",
    "FrameKind",
    "Frames",
    "HeaderRule",
    "KeyTest",
    "Level",
    "MaxDifference",
    "Mode",
    "Modes",
    "MuseModel",
    "NameRule",
    "NotMuse",
    "Option",
    "Parameter",
    "ParameterBinding",
    "QcKey",
    "Reading",
    "Recipe",
    "RecipeInput",
    "RecipeOutput",
    "Recipes",
    "Scope",
    "StaticCategory",
    "Statics",
    "Step",
    "StepInput",
    "Unclassified",
    "UnknownModelVersion",
    "UnknownName",
    "UnknownParameter",
    "Use",
    "Value",
    "Window",
    "canonical",
    "load",
    "matches",
]


class UnknownName(NotFound):
    """A tag, recipe, column, category, step or mode that the model does not have."""

    code = "unknown_name"


_T = TypeVar("_T")


SHORT = 30
"""So many names are listed in an error; of more it says where to see them."""


def _found(what: str, name: str, by_name: Mapping[str, _T]) -> _T:
    if name in by_name:
        return by_name[name]
    near = recipe_parameters.suggestion(name, list(by_name))
    raise UnknownName(
        f"There is no {what} {name!r}" + (f"; {near}" if near else "."),
        hint=_known(what, list(by_name)),
    )


def _known(what: str, names: list[str]) -> str:
    if len(names) <= SHORT:
        return f"Known: {', '.join(names)}."
    return f"There are {len(names)}: docs/data-model.md has each {what}."


class MuseModel(BaseModel):
    """Everything that musewise knows about MUSE, at one version.

    Attributes
    ----------
    version
        Versions of frames, recipes, plan, statics and modes, joined with dots.
    digest
        sha256 over the five files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    digest: str
    frames: Frames
    recipes: Recipes
    plan: CalibrationPlan
    statics: Statics
    modes: Modes

    @property
    def rule_set(self) -> str:
        """Identity of this model, as products record it."""
        return f"{self.version}+{self.digest[:12]}"

    @cached_property
    def _classes(self) -> dict[str, FrameClass]:
        return {entry.tag: entry for entry in self.frames.classes}

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.name: column for column in self.frames.columns}

    @cached_property
    def _recipes(self) -> dict[str, Recipe]:
        return {recipe.name: recipe for recipe in self.recipes.recipes}

    @cached_property
    def _rules(self) -> dict[str, CalibrationRule]:
        return {rule.category: rule for rule in self.plan.rules}

    @cached_property
    def _steps(self) -> dict[str, Step]:
        return {step.name: step for step in self.plan.steps}

    @cached_property
    def _modes(self) -> dict[str, Mode]:
        named = {mode.name: mode for mode in self.modes.modes}
        old = {alias: mode for mode in self.modes.modes for alias in mode.aliases}
        return named | old

    def frame_class(self, tag: str) -> FrameClass:
        """Give a class of frames by its tag.

        Raises
        ------
        UnknownName
            With a suggestion for a misspelt tag.
        """
        return _found("class of frames", tag, self._classes)

    def classify(
        self,
        keywords: Mapping[str, Value | None],
        filename: str | None = None,
        title: str | None = None,
    ) -> FrameClass:
        """Give the class of a frame; see `musecore.muse.classify.classify`."""
        return classification.classify(
            self.frames, self.statics, keywords, filename, title
        )

    def column(self, name: str) -> Column:
        """Give a typed column by name."""
        return _found("column", name, self._columns)

    def columns_for(self, tag: str) -> tuple[Column, ...]:
        """Give the columns that frames of a class have."""
        entry = self.frame_class(tag)
        kinds = {entry.kind} | ({"static"} if entry.static else set())
        return tuple(c for c in self.frames.columns if kinds & set(c.kinds))

    def recipe(self, name: str) -> Recipe:
        """Give a recipe by name, with or without the prefix ``muse_``."""
        full = name if name.startswith("muse_") else f"muse_{name}"
        return _found("recipe", full, self._recipes)

    def recipes_making(self, tag: str) -> tuple[Recipe, ...]:
        """Give the recipes that have `tag` among their outputs."""
        return tuple(
            recipe
            for recipe in self.recipes.recipes
            if any(output.tag == tag for output in recipe.outputs)
        )

    def recipe_defaults(self, name: str) -> dict[str, Value]:
        """Give the effective parameters when a person sets none."""
        return self.recipe(name).effective()

    def check_parameters(
        self, recipe: str, given: Mapping[str, object]
    ) -> dict[str, Value]:
        """Check and type what a person gave; see `musecore.muse.parameters.check`."""
        return recipe_parameters.check(self.recipe(recipe), given)

    def rule(self, category: str) -> CalibrationRule:
        """Give the calibration rule of a category."""
        return _found("calibration category", category, self._rules)

    def step(self, name: str) -> Step:
        """Give a step of the plan by name."""
        return _found("step", name, self._steps)

    def steps_making(self, tag: str) -> tuple[Step, ...]:
        """Give the steps that make a product; two for DATACUBE_FINAL."""
        return tuple(step for step in self.plan.steps if tag in step.makes)

    def steps_of(self, recipe: str) -> tuple[Step, ...]:
        """Give the steps that run a recipe."""
        name = self.recipe(recipe).name
        return tuple(step for step in self.plan.steps if step.recipe == name)

    def mode(self, name: str) -> Mode:
        """Give an instrument mode, also by its old spelling."""
        return _found("instrument mode", name, self._modes)

    def is_static(self, tag: str) -> bool:
        """Say whether files of this category are delivered from outside, too."""
        return self.frame_class(tag).static

    def static(self, category: str) -> StaticCategory:
        """Give a category of delivered files."""
        known = {entry.category: entry for entry in self.statics.categories}
        return _found("category of delivered files", category, known)


@cache
def load(version: str | None = None) -> MuseModel:
    """Give the MUSE model, of the present files or of an earlier version.

    Raises
    ------
    UnknownModelVersion
        `version` is neither the present one nor kept in ``history``.
    """
    found, digest, contents = read_files(version)
    frames, recipes, plan, statics, modes = contents
    return MuseModel(
        version=found,
        digest=digest,
        frames=Frames.model_validate(frames),
        recipes=Recipes.model_validate(recipes),
        plan=CalibrationPlan.model_validate(plan),
        statics=Statics.model_validate(statics),
        modes=Modes.model_validate(modes),
    )
