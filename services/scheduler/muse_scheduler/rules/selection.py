"""From a request to the exposures and sets it is about, and its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from muse_scheduler.models import FrameRecord, PlanRequest
from muse_scheduler.rules.sets import FrameSet
from musecore.errors import NotFound, Refused
from musecore.muse.facts import Value
from musecore.muse.schema import MuseModel

_SHOWN = 8


class NothingSelected(NotFound):
    """No frame of the wanted class fits the request."""

    code = "nothing_selected"


class NotBuildable(Refused):
    """The request asks for something that no recipe makes."""

    code = "not_buildable"


class ParameterNotFree(Refused):
    """The parameter is set by musewise itself."""

    code = "parameter_not_free"


_OWN_PARAMETERS: Mapping[str, str] = {
    "nifu": "a task runs for one IFU; choose IFUs with `ifus`",
    "merge": "products are kept per IFU",
}


def given_parameters(
    model: MuseModel, parameters: Mapping[str, Any]
) -> dict[str, dict[str, Value]]:
    """Check the parameters of a request against the recipes' own description.

    Parameters
    ----------
    model
        The MUSE model.
    parameters
        ``recipe.name`` (recipe with or without ``muse_``) to value or text.

    Returns
    -------
    dict
        Recipe name to typed parameters.

    Raises
    ------
    MuseError
        An unknown recipe or parameter (with a suggestion), or a bad value.
    """
    raw: dict[str, dict[str, Any]] = {}
    for path, value in parameters.items():
        recipe_name, dot, name = path.rpartition(".")
        if not dot:
            raise Refused(
                f"Parameter {path!r} names no recipe.",
                hint="Write recipe.parameter=value, as in scipost.crsigma=20.",
                loc=("parameters", path),
            )
        recipe = model.recipe(recipe_name).name
        if name in _OWN_PARAMETERS:
            raise ParameterNotFree(
                f"Parameter {name!r} of {recipe} is set by musewise: "
                f"{_OWN_PARAMETERS[name]}.",
                loc=("parameters", path),
            )
        raw.setdefault(recipe, {})[name] = value
    return {name: model.check_parameters(name, given) for name, given in raw.items()}


def select(request: PlanRequest, sets: Sequence[FrameSet]) -> list[FrameSet]:
    """Give the sets that a request is about.

    Raises
    ------
    NothingSelected
        A condition of the request fits none of the sets; the nearest spelling or
        what there is is named.
    """
    chosen = list(sets)
    chosen = _by(chosen, "target", request.target, _targets)
    chosen = _by(chosen, "night", request.night, lambda s: [s.night])
    chosen = _by(chosen, "OB", request.ob, _obs)
    chosen = _by(chosen, "template", request.template, _template)
    if request.exposure:
        chosen = _by_exposure(chosen, request.exposure)
    return chosen


def _targets(frames: FrameSet) -> list[Any]:
    return [frames.columns.get("obs_targ_name")]


def _obs(frames: FrameSet) -> list[Any]:
    return [frames.columns.get("obs_name"), frames.columns.get("obs_id")]


def _template(frames: FrameSet) -> list[Any]:
    return [frames.columns.get("tpl_start")]


def _by(
    sets: list[FrameSet], what: str, wanted: str | None, values: Any
) -> list[FrameSet]:
    if wanted is None:
        return sets
    fitting = [
        s for s in sets if wanted in {str(v) for v in values(s) if v is not None}
    ]
    if fitting:
        return fitting
    known = sorted({str(v) for s in sets for v in values(s) if v is not None})
    tag = sets[0].tag if sets else "frame"
    raise NothingSelected(
        f"No {tag} has the {what} {wanted!r}.",
        hint=_suggestion(wanted, known, what),
        loc=("body", what.lower()),
    )


def _suggestion(wanted: str, known: Sequence[str], what: str) -> str:
    if not known:
        return f"No frame here carries a {what}; put some, or select in another way."
    near = get_close_matches(wanted, known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]!r}?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"Known are {', '.join(known[:_SHOWN])}{more}."


def _by_exposure(sets: list[FrameSet], wanted: Iterable[str]) -> list[FrameSet]:
    chosen: dict[int, FrameSet] = {}
    for text in wanted:
        fitting = [s for s in sets if any(_is_named(f, text) for f in s.frames)]
        if not fitting:
            known = [s.first.arcfile for s in sets]
            raise NothingSelected(
                f"No exposure is called {text!r}, nor does the name of one begin so.",
                hint=_suggestion(text, known, "ARCFILE"),
                loc=("body", "exposure"),
            )
        chosen |= {id(s): s for s in fitting}
    return [s for s in sets if id(s) in chosen]


def _is_named(frame: FrameRecord, text: str) -> bool:
    """Whether a text is an exposure's ARCFILE, its time stamp, or how it begins."""
    return frame.arcfile.startswith(text) or frame.arcfile.removeprefix(
        "MUSE."
    ).startswith(text)
