"""The closed vocabulary of the YAML files, said in words."""

from musecore.muse.schema import Condition, Level, RecipeOutput, Window
from pages.markdown import code, value_text

__all__ = [
    "said_condition",
    "said_order",
    "said_output",
    "said_window",
]


def said_condition(test: Condition) -> str:
    """Say a condition in words."""
    if test.category is not None:
        return f"{test.category} is {'' if test.given is not False else 'not '}given"
    subject = f"`{test.parameter or test.column}`"
    if test.given is not None:
        return f"{subject} is {'' if test.given else 'not '}there"
    if test.one_of is not None:
        return f"{subject} is one of {code(test.one_of)}"
    if test.contains is not None:
        return f"{subject} contains `{test.contains}`"
    if test.less_than is not None:
        return f"{subject} < {test.less_than:g}"
    return f"{subject} = `{value_text(test.equals)}`"


def said_window(window: Window) -> str:
    """Say a window in words."""
    if window.same_night:
        return "same night"
    if window.within_days is not None:
        first, last = (f"{days:+g}" if days else "0" for days in window.within_days)
        return f"{first} to {last} d"
    return f"same `{window.same}`" if window.same else "any time"


def said_order(level: Level) -> str:
    """Say the order among the candidates of a level in words."""
    words = []
    for term in level.order:
        if term.same_epoch:
            words.append("same epoch")
        elif term.latest_before is not None:
            words.append(f"latest before in `{term.latest_before}`")
        else:
            step = f" in steps of {term.step:g} {term.unit}" if term.step else ""
            words.append(f"nearest in `{term.nearest_in}`{step}")
    return ", then ".join(words)


def said_output(output: RecipeOutput) -> str:
    """Say when a product is written."""
    words = [said_condition(test) for test in output.when]
    any_of = " or ".join(said_condition(test) for test in output.when_any)
    return " and ".join([*words, *([f"({any_of})"] if any_of else [])])
