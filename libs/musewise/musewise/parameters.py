"""Parameters of recipes, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from musewise.classes import parameters_of
from musewise.errors import ParameterError, nearest

__all__ = ["check_parameters"]

PREFIX = "muse_"
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def check_parameters(flat: Mapping[str, Any]) -> None:
    """Check ``{"scipost.crsigma": 20}`` against what recipes say of themselves.

    Recipes that this client does not know are left to the server.

    Raises
    ------
    ParameterError
        No such parameter (the nearest is named), or a value that it cannot have.
    """
    for name, value in flat.items():
        recipe, _, parameter = name.partition(".")
        whole = PREFIX + recipe.removeprefix(PREFIX)
        known = parameters_of(whole)
        if known is not None and parameter:
            _check(whole, parameter, value, known)


def _check(
    recipe: str, name: str, value: Any, known: Mapping[str, Mapping[str, Any]]
) -> None:
    if name not in known:
        near = nearest(name, known)
        meant = near.partition("'")[2].rpartition("'")[0]
        choices = known.get(meant, {}).get("choices")
        listed = f" ({', '.join(choices)})" if choices else ""
        raise _error(
            f"{recipe} has no parameter {name!r}.{near}{listed}",
            None if near else f"Its parameters: {', '.join(known)}.",
            "unknown_parameter",
        )
    wrong = _wrong(known[name], value)
    if wrong is not None:
        raise _error(f"{recipe}.{name} {wrong}", None, "bad_parameter_value")


def _wrong(fact: Mapping[str, Any], value: Any) -> str | None:
    """Say what is wrong with a value; None: nothing."""
    match fact["type"]:
        case "boolean":
            right = isinstance(value, bool) or str(value).lower() in _TRUTH
            return None if right else f"takes true or false, got {value!r}."
        case "string":
            return _wrong_choice(fact, str(value).strip())
        case kind:
            return _wrong_number(fact, kind, value)


def _wrong_choice(fact: Mapping[str, Any], text: str) -> str | None:
    choices = fact.get("choices")
    word = text.partition(":")[0] if fact.get("suboptions") else text
    if not choices or word in choices:
        return None
    return f"is one of {', '.join(choices)}, not {text!r}.{nearest(word, choices)}"


def _wrong_number(fact: Mapping[str, Any], kind: str, value: Any) -> str | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return f"takes {_article(kind)}, got {value!r}."
    if isinstance(value, bool) or (kind == "int" and number != int(number)):
        return f"takes {_article(kind)}, got {value!r}."
    low, high = fact.get("minimum"), fact.get("maximum")
    if low is not None and number < low:
        return f"is at least {low:g}, not {value}."
    if high is not None and number > high:
        return f"is at most {high:g}, not {value}."
    return None


def _article(kind: str) -> str:
    return "a whole number" if kind == "int" else "a number"


def _error(detail: str, hint: str | None, code: str) -> ParameterError:
    return ParameterError(422, {"detail": detail, "hint": hint, "code": code})
