"""Recipe parameters: from what people type to checked, typed values."""

import difflib
from collections.abc import Mapping
from typing import Literal

from musecore.errors import Invalid
from musecore.muse.facts import Value
from musecore.muse.recipes import Parameter, Recipe

__all__ = ["BadParameterValue", "UnknownParameter", "check", "suggestion", "typed"]

_TRUE = {"true", "t", "yes", "1"}
_FALSE = {"false", "f", "no", "0"}


class UnknownParameter(Invalid):
    """The recipe has no parameter of this name."""

    code = "unknown_parameter"


class BadParameterValue(Invalid):
    """The value has the wrong type, is no choice, or lies outside the range."""

    code = "bad_parameter_value"


def suggestion(word: str, known: list[str]) -> str | None:
    """Give ``did you mean ...?`` for a misspelt word, None when nothing is near."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else None


def _bad(recipe: str, parameter: Parameter, value: object, right: str) -> Invalid:
    return BadParameterValue(
        f"{recipe}.{parameter.name}={value} is refused: {right}.",
        hint=f"{parameter.name}: {parameter.doc}. Default: {parameter.default}.",
        loc=("parameters", parameter.name),
    )


def _boolean(value: object) -> bool | None:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def _number(value: object, kind: Literal["int", "double"]) -> float | int | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    if kind == "double":
        return number if abs(number) != float("inf") and number == number else None  # noqa: PLR0124  NaN
    return int(number) if number.is_integer() else None


def _in_range(recipe: str, parameter: Parameter, number: float) -> None:
    low, high = parameter.minimum, parameter.maximum
    unit = "" if parameter.unit in (None, "1") else f" {parameter.unit}"
    if low is not None and number < low:
        raise _bad(recipe, parameter, number, f"the smallest value is {low:g}{unit}")
    if high is not None and number > high:
        raise _bad(recipe, parameter, number, f"the largest value is {high:g}{unit}")


def _list_items(recipe: str, parameter: Parameter, text: str) -> None:
    items = [item.strip() for item in text.split(",")]
    if parameter.list_max is not None and len(items) > parameter.list_max:
        most = f"at most {parameter.list_max} values, comma-separated"
        raise _bad(recipe, parameter, text, most)
    for item in items:
        if parameter.list_of == "double" and _number(item, "double") is None:
            raise _bad(recipe, parameter, text, f"{item!r} is not a number")
        if parameter.choices and item not in parameter.choices:
            raise _bad(recipe, parameter, text, _choices(parameter, item))


def _choices(parameter: Parameter, given: str) -> str:
    choices = list(parameter.choices or ())
    near = suggestion(given, choices)
    listed = f"{given!r} is none of {', '.join(choices)}"
    return f"{listed}; {near}" if near else listed


def _text(recipe: str, parameter: Parameter, value: object) -> str:
    text = str(value).strip()
    if parameter.list_of is not None:
        _list_items(recipe, parameter, text)
    elif parameter.choices:
        word = text.split(":", 1)[0] if parameter.suboptions else text
        if word not in parameter.choices:
            raise _bad(recipe, parameter, text, _choices(parameter, word))
    return text


def typed(recipe: str, parameter: Parameter, value: object) -> Value:
    """Give a parameter's value in its type.

    Raises
    ------
    BadParameterValue
        With what would be right.
    """
    if parameter.type == "boolean":
        truth = _boolean(value)
        if truth is None:
            raise _bad(recipe, parameter, value, "true or false is wanted")
        return truth
    if parameter.type == "string":
        return _text(recipe, parameter, value)
    number = _number(value, parameter.type)
    if number is None:
        wanted = "a whole number" if parameter.type == "int" else "a number"
        raise _bad(recipe, parameter, value, f"{wanted} is wanted")
    _in_range(recipe, parameter, number)
    return number


def check(recipe: Recipe, given: Mapping[str, object]) -> dict[str, Value]:
    """Check the parameters a person gave for a recipe.

    Returns
    -------
    dict
        Only the given ones, typed.

    Raises
    ------
    UnknownParameter
        With ``did you mean`` where a name is near.
    BadParameterValue
        Wrong type, no choice, out of range.
    """
    names = [parameter.name for parameter in recipe.parameters]
    checked: dict[str, Value] = {}
    for name, value in given.items():
        parameter = recipe.parameter(name)
        if parameter is None:
            raise UnknownParameter(
                f"{recipe.name} has no parameter {name!r}"
                + (f"; {near}" if (near := suggestion(name, names)) else "."),
                hint=f"Its parameters: {', '.join(names)}.",
                loc=("parameters", name),
            )
        checked[name] = typed(recipe.name, parameter, value)
    return checked
