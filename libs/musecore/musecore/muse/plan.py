"""Models of calibration_plan.yaml and statics.yaml."""

from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import Field

from musecore.muse.facts import Condition, Entry, Fact, Items, Value
from musecore.times import DAY_US

__all__ = [
    "Binding",
    "CalibrationPlan",
    "CalibrationRule",
    "Caution",
    "Criterion",
    "Epoch",
    "IfuNeeds",
    "Level",
    "MaxDifference",
    "NameRule",
    "ParameterBinding",
    "Reading",
    "StaticCategory",
    "Statics",
    "Step",
    "StepInput",
    "Use",
    "Window",
]

Use = Literal["required", "optional", "on_request"]


class Window(Fact):
    """Where a candidate must lie; exactly one of the fields is given.

    `within_days` are days of MJD, calibration minus consumer, both ends included:
    ``[-60, 0]`` means taken up to 60 days before the consumer.
    """

    same_night: bool | None = None
    within_days: tuple[float, float] | None = None
    same: str | None = None  # this column is equal, and present in both
    any: bool | None = None

    @property
    def words(self) -> str:
        """Say where it is."""
        if self.same_night:
            return "same night"
        if self.within_days is not None:
            low, high = self.within_days
            return f"within {low:+g}..{high:+g} d"
        if self.same is not None:
            return f"same {self.same}"
        return "any time"


class Criterion(Fact):
    """One term of the order among the candidates of a level; smaller is better.

    ``nearest_in``: the absolute difference in this column (rounded to whole
    multiples of `step`); ``latest_before``: not after the consumer first, then the
    smallest distance; ``same_epoch``: inside the consumer's epoch first.
    """

    nearest_in: str | None = None
    step: float | None = None
    unit: str | None = None
    latest_before: str | None = None
    same_epoch: bool | None = None


class Level(Fact):
    """A step of a rule; the order of the list is the preference.

    `level` is the number told to people; it never falls along the list.
    """

    level: float
    within: tuple[Window, ...]  # all must hold
    origins: Items  # raw classes whose sets make it, "static", "user", "raw", "set"
    order: tuple[Criterion, ...]  # then the plan's tie break
    same: Items = ()  # match keys asked in addition to the rule's
    consumers: Items | None = None  # only for consumers of these raw classes
    source: str
    doc: str | None = None

    @cached_property
    def span_us(self) -> tuple[int | None, int | None]:
        """Earliest and latest time of a candidate after the consumer, microseconds.

        A same-night window has none of its own; it is looked for within one day.
        """
        spans = [
            window.within_days or (-1.0, 1.0)
            for window in self.within
            if window.within_days or window.same_night
        ]
        if not spans:
            return None, None
        return (
            max(round(low * DAY_US) for low, _ in spans),
            min(round(high * DAY_US) for _, high in spans),
        )

    @cached_property
    def words(self) -> str:
        """Say where its candidates lie."""
        return " and ".join(window.words for window in self.within) or "any time"


class Binding(Fact):
    """The choice follows (or prefers) the choice of another category."""

    category: str
    same: Items  # columns that must agree with the chosen one of `category`
    strength: Literal["follows", "prefers"]  # follows: no other is taken
    takes_level: bool
    doc: str


class MaxDifference(Fact):
    """A chosen calibration that differs by more than `limit` is not used."""

    column: str
    limit: float
    unit: str
    code: str
    warning: str


class CalibrationRule(Entry):
    """What may calibrate a consumer, in which order of preference."""

    category: str
    made_by: Items  # recipes; empty: delivered from outside
    match: Items  # columns that must be equal; one that a frame lacks matches
    never_match: Items = ()
    levels: tuple[Level, ...]
    bound_to: Binding | None = None
    conditions: tuple[Condition, ...] = ()  # on the consumer; all must hold
    reject: MaxDifference | None = None
    default_use: Use
    hint: str  # what a person can do when nothing is found


class StepInput(Fact):
    """A calibration category that a step takes, and how badly it needs it."""

    category: str
    use: Use
    needed_when: tuple[Condition, ...] = ()  # given: left out unless one holds
    source: str


class IfuNeeds(Fact):
    """Which IFUs a recipe that joins them cannot do without."""

    ifus_include: tuple[int, ...] = ()  # IFU numbers that must be among them
    adjacent_ifus: int = 1  # length of a run of neighbouring IFU numbers
    source: str


class Step(Entry):
    """One kind of task: a recipe run on one kind of trigger.

    `trigger` is the class of the frames the task is about; `one_per` says how many
    of them go into one task: all of a template, one exposure, or a set of exposures
    equal in `set_of`. A trigger that is a product is made by a step of `trigger_from`
    (IMAGE_FOV for the alignment comes from single exposures, never from a combination).
    """

    name: str
    recipe: str
    trigger: str
    trigger_from: Items = ()  # steps; empty: the trigger is raw
    consumer: Items  # raw classes that the trigger stems from
    one_per: Literal["template", "exposure", "exposure_set"]
    set_of: Items = ()
    inputs: tuple[StepInput, ...]
    makes: Items
    needs: IfuNeeds | None = None  # IFUs without which the recipe fails


class ParameterBinding(Entry):
    """A parameter that follows from what is wanted or what is missing."""

    recipe: str
    when_wanted: Items = ()  # one of these products is wanted by somebody
    when_missing: Items = ()  # one of these inputs was not found
    parameter: str
    set_to: Value | None = None
    add: str | None = None  # item added to a comma-separated list
    yields_to_user: bool  # True: a value that a person gave stays
    code: str | None = None
    warning: str | None = None


class Caution(Entry):
    """A warning about two choices that are allowed and not ideal."""

    code: str
    of: str  # the chosen calibration ...
    used: str  # ... was made with another one of this category
    warning: str


class Reading(Entry):
    """One of the nine statements on how the plan is read."""

    number: int
    name: str
    facts: dict[str, Value | Items]


class CalibrationPlan(Fact):
    """calibration_plan.yaml."""

    version: int
    doc: str
    readings: tuple[Reading, ...]
    tie_break: Items
    rules: tuple[CalibrationRule, ...]
    steps: tuple[Step, ...]
    parameter_bindings: tuple[ParameterBinding, ...]
    cautions: tuple[Caution, ...]


class NameRule(Fact):
    """A pattern of file names (or titles) that tells a static's category."""

    pattern: str
    of: Literal["file_name", "title"]
    verified: bool
    source: str


class StaticCategory(Entry):
    """A category of files delivered from outside."""

    category: str
    names: tuple[NameRule, ...]
    field_from: Literal["file_name", "ins_mode", "none"]
    mode_from: Literal["file_name", "ins_mode", "none"]
    extensions: str  # what the file holds
    variants: dict[str, str] = Field(default_factory=dict)
    epochs: bool = False  # bound to the epochs of geometry and astrometry


class Epoch(Fact):
    """A date range in which one pair of geometry and astrometry holds."""

    name: str
    first_night: date
    last_night: date


class Statics(Fact):
    """statics.yaml."""

    version: int
    doc: str
    categories: tuple[StaticCategory, ...]
    epochs_source: str
    epochs: tuple[Epoch, ...]

    def epoch_at(self, night: date) -> Epoch | None:
        """Give the epoch that an observing night lies in."""
        if night not in self._epoch_of:
            self._epoch_of[night] = next(
                (e for e in self.epochs if e.first_night <= night <= e.last_night), None
            )
        return self._epoch_of[night]

    @cached_property
    def _epoch_of(self) -> dict[date, Epoch | None]:
        return {}
