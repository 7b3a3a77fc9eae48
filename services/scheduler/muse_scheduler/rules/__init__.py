"""Pure rules of the scheduler: sets, choices, keys, plans, explanations."""

from muse_scheduler.rules.explain import Difference, choice_sentence, differences, why
from muse_scheduler.rules.fan_in import (
    TooFewIfus,
    ifus_of,
    may_go_on,
    plan_without,
)
from muse_scheduler.rules.keys import canonical_json, planned_key, realised_key
from muse_scheduler.rules.planning import (
    IfuNotThere,
    UnknownCategory,
    choices_table,
    outline,
    plan,
)
from muse_scheduler.rules.selection import (
    NotBuildable,
    NothingSelected,
    ParameterNotFree,
    given_parameters,
)

__all__ = [
    "Difference",
    "IfuNotThere",
    "NotBuildable",
    "NothingSelected",
    "ParameterNotFree",
    "TooFewIfus",
    "UnknownCategory",
    "canonical_json",
    "choice_sentence",
    "choices_table",
    "differences",
    "given_parameters",
    "ifus_of",
    "may_go_on",
    "outline",
    "plan",
    "plan_without",
    "planned_key",
    "realised_key",
    "why",
]
