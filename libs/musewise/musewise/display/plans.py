"""A plan before it runs: what is built, what is reused, what was chosen and why."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from musewise.display.formats import (
    distance_text,
    ifus_text,
    memory_text,
    recipe_text,
    time_text,
)
from musewise.display.tables import grid, plain
from musewise.records import Choice, Missing, PlanRecord, RecipeSummary

FEW = 40  # choices shown without being asked for
SELECTORS = ("target", "exposure", "night", "ob", "template")


def plan_view(
    plan: PlanRecord,
    *,
    all_choices: bool = False,
    verbose: bool = False,
    brief: bool = False,
) -> RenderableType:
    """Show a plan.

    ``verbose`` adds the runner-up of each choice, ``brief`` only counts the choices.
    """
    parts: list[RenderableType] = [_headline(plan), Text(), recipes_table(plan.recipes)]
    if not any(one.build or one.waiting for one in plan.recipes):
        parts += [Text("\nWhy nothing runs", "bold"), *_why_reused(plan)]
    if plan.choices and brief and not verbose:
        parts.append(_counted(plan.choices))
    elif plan.choices:
        parts += [Text(), *_choices(plan.choices, all_choices, verbose)]
    if plan.warnings:
        parts += [Text("\nWarnings", "bold yellow"), *_bullets(plan.warnings)]
    if plan.missing:
        parts += [Text("\nMissing", "bold red"), *_missing(plan.missing)]
    if not plan.runnable:
        why = "; ".join(plan.not_runnable_because)
        said = f": {why}." if why else "."
        parts.append(Text(f"\nThis plan cannot run{said}", "bold red"))
    return Group(*parts)


def _why_reused(plan: PlanRecord) -> list[RenderableType]:
    """Give one reason per recipe: those of its IFUs differ in the key only."""
    reasons: dict[str, list[str]] = {}
    for task in plan.tasks:
        reasons.setdefault(str(task["recipe"]), []).append(str(task.get("reason", "")))
    lines = [
        f"{recipe_text(recipe)}: {texts[0]}"
        + (f" (and {len(texts) - 1} more like this)" if len(texts) > 1 else "")
        for recipe, texts in reasons.items()
    ]
    return _bullets(lines, mark="=")


def _counted(choices: Sequence[Choice]) -> Text:
    best = sum(not one.level for one in choices if one.choice)
    found = sum(bool(one.choice) for one in choices)
    line = f"\n{found} calibrations chosen, {best} of them at level 0 of the plan"
    return Text(f"{line} (-v or musewise plan shows them)", "dim")


def _headline(plan: PlanRecord) -> Text:
    build = sum(recipe.build for recipe in plan.recipes)
    reuse = sum(recipe.reuse for recipe in plan.recipes)
    waiting = sum(recipe.waiting for recipe in plan.recipes)
    request = plan.request
    line = Text(str(request.get("product", "Plan")), "bold")
    for name in SELECTORS:
        if value := request.get(name):
            shown = ", ".join(value) if isinstance(value, list) else value
            line.append(f" {name} {shown}", "not bold")
    line.append(f"\n{_work(build, reuse, waiting)}", "not bold")
    if build and plan.estimated_s is not None:
        line.append(f", about {time_text(plan.estimated_s)}", "not bold")
    return line


def _work(build: int, reuse: int, waiting: int) -> str:
    if not build and not waiting:
        return f"nothing to run: all {reuse} tasks are done already and reused"
    shared = f", {waiting} running for another job" if waiting else ""
    return f"{build} tasks to run, {reuse} reused{shared}"


def recipes_table(recipes: Sequence[RecipeSummary]) -> Table:
    """Count tasks per recipe, with estimated time and the memory of one task."""
    numbers = ("tasks", "run", "reuse", "time", "memory each")
    table = grid("recipe", *numbers, right=numbers)
    for one in recipes:
        built = bool(one.build)
        table.add_row(
            recipe_text(one.recipe),
            str(one.tasks),
            str(one.build or ""),
            Text(str(one.reuse or ""), "blue"),
            time_text(one.est_s) if built else "",
            memory_text(one.est_mem_mb) if built else "",
        )
    return table


# ---------------------------------------------------------------- choices
def _choices(
    choices: Sequence[Choice], all_choices: bool, verbose: bool
) -> Iterator[RenderableType]:
    choices = merged(choices)
    shown = choices if all_choices or len(choices) <= FEW else choices[:FEW]
    yield Text("Calibrations chosen", "bold")
    yield from choices_view(shown, verbose=verbose)
    left = len(choices) - len(shown)
    if left:
        yield Text(f"… and {left} more: --choices shows them all", "dim")


def choices_view(
    choices: Iterable[Choice], *, verbose: bool = False
) -> Iterator[RenderableType]:
    """Give, for each consumer, what was chosen for it and why."""
    for (consumer, tag), group in groupby(
        choices, key=lambda one: (one.consumer, one.consumer_tag)
    ):
        title = Text("for ", "dim").append(consumer, "not dim").append(f"  {tag}")
        yield title
        yield Padding(_choice_table(list(group), verbose), (0, 0, 0, 2))


def merged(choices: Iterable[Choice]) -> list[Choice]:
    """Make one of choices that differ in nothing but their IFUs."""
    found: dict[str, Choice] = {}
    for one in choices:
        key = one.model_dump_json(exclude={"ifus"})
        ifus = {*one.ifus, *(found[key].ifus if key in found else ())}
        found[key] = one.model_copy(update={"ifus": tuple(sorted(ifus))})
    return sorted(found.values(), key=lambda one: (one.consumer_tag, one.consumer))


def _choice_table(choices: Sequence[Choice], verbose: bool) -> Table:
    table = grid(
        "category", "chosen", "level", "distance", "reason", right=["distance"],
        fold=["chosen", "reason"],
    )  # fmt: skip
    for one in choices:
        table.add_row(
            _category(one),
            plain(one.choice),
            "" if one.level is None else f"{one.level:g}",
            distance_text(one.distance_days),
            plain(one.reason),
        )
        for warning in one.warnings:
            table.add_row("", "", "", "", Text(f"! {warning}", "yellow"))
        if verbose:
            table.add_row(*_runner_up(one))
    return table


def _category(one: Choice) -> str:
    return (
        f"{one.category} {ifus_text(one.ifus)}"
        if 0 < len(one.ifus) < 24
        else one.category
    )


def _runner_up(one: Choice) -> list[Text]:
    second = one.runner_up
    if second is None:
        cells = ("", "no other", "", "", "")
    else:
        level = "" if second.level is None else f"{second.level:g}"
        distance = distance_text(second.distance_days)
        cells = ("  next", second.choice, level, distance, second.lost_because)
    return [Text(cell, "dim") for cell in cells]


# ---------------------------------------------------------------- trouble
def _bullets(lines: Iterable[str], mark: str = "!") -> list[RenderableType]:
    return [
        Padding(Text(f"{mark} {line}"), (0, 0, 0, 2)) for line in dict.fromkeys(lines)
    ]


def _missing(missing: Sequence[Missing]) -> Iterator[RenderableType]:
    for one in missing:
        line = Text(f"x {one.category}", "red")
        ifus = f" IFU {ifus_text(one.ifus)}" if one.ifus else ""
        line.append(f"{ifus} for {one.consumer}: {one.reason}", "default")
        if one.hint:
            line.append(f"\n  {one.hint}", "dim")
        yield Padding(line, (0, 0, 0, 2))
