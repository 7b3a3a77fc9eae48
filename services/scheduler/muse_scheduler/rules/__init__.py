"""Pure rules of the scheduler: sets, choices, keys, plans, explanations."""

from muse_scheduler.rules.addresses import Addresses, AddressRefused, masked
from muse_scheduler.rules.explain import Difference, choice_sentence, differences, why
from muse_scheduler.rules.fan_in import (
    TooFewIfus,
    ifus_of,
    may_go_on,
    outline_without,
    plan_without,
)
from muse_scheduler.rules.keys import canonical_json, planned_key, realised_key
from muse_scheduler.rules.planning import (
    IfuNotThere,
    Planner,
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
from muse_scheduler.rules.telling import notice_text
from muse_scheduler.rules.writing import outline_from

__all__ = [
    "AddressRefused",
    "Addresses",
    "Difference",
    "IfuNotThere",
    "NotBuildable",
    "NothingSelected",
    "ParameterNotFree",
    "Planner",
    "TooFewIfus",
    "UnknownCategory",
    "canonical_json",
    "choice_sentence",
    "choices_table",
    "differences",
    "given_parameters",
    "ifus_of",
    "masked",
    "may_go_on",
    "notice_text",
    "outline",
    "outline_from",
    "outline_without",
    "plan",
    "plan_without",
    "planned_key",
    "realised_key",
    "why",
]
