"""data-model.md: frames, columns, and what calibrates what."""

from collections.abc import Iterable

from musecore.muse.schema import (
    CalibrationRule,
    FrameClass,
    KeyTest,
    MuseModel,
    Recipe,
    Step,
)
from pages.markdown import Lines, code, sentence, table, top, value_text
from pages.words import said_condition, said_order, said_window

__all__ = ["data_model_page"]


def _test(test: KeyTest) -> str:
    keyword = test.keyword.removeprefix("ESO ")
    if test.contains_all is not None:
        return f"{keyword} with {' and '.join(test.contains_all)}"
    values = test.one_of if test.one_of is not None else (test.equals,)
    return f"{keyword} = {' or '.join(map(str, values))}"


def _tests(entry: FrameClass) -> str:
    return "; ".join(_test(t) for t in entry.tests if t.keyword != "INSTRUME")


def _classes(model: MuseModel) -> Lines:
    raw = [c for c in model.frames.classes if c.kind == "raw"]
    yield from ("## Raw frames", "", "One file holds up to 24 IFUs, one per extension.")
    yield "A *set* is what one template (or one exposure) took; fewer frames than *least* make no product."
    yield from ("", *_raw_table(raw))
    yield from ("## Products and static calibrations", "")
    yield from table(
        "tag | per | made by | used by | delivered too | MB | meaning",
        (
            (
                code(c.tag),
                c.scope,
                _made_by(model, c.tag),
                _used_by(model, c.tag),
                c.static,
                c.size_mb,
                sentence(c.doc),
            )
            for c in model.frames.classes
            if c.kind in ("product", "static")
        ),
    )
    yield from ("## Frames that people give, and frames that are left aside", "")
    others = [c for c in model.frames.classes if c.kind in ("user", "ignored")]
    rows = ((code(c.tag), c.kind, _tests(c), sentence(c.doc)) for c in others)
    yield from table("tag | kind | recognised by | meaning", rows)


def _raw_table(classes: Iterable[FrameClass]) -> Lines:
    yield from table(
        "tag | recognised by | set | least | normal | usual | meaning",
        (
            (
                code(c.tag),
                _tests(c),
                c.group_by,
                c.min_set,
                c.normal_set,
                c.typical_set,
                sentence(c.doc),
            )
            for c in classes
        ),
    )


def _short(recipes: Iterable[Recipe]) -> tuple[str, ...]:
    names = (recipe.name for recipe in recipes)
    return tuple(f"[{n.removeprefix('muse_')}](recipes.md#{n})" for n in names)


def _made_by(model: MuseModel, tag: str) -> tuple[str, ...]:
    return _short(model.recipes_making(tag))


def _used_by(model: MuseModel, tag: str) -> tuple[str, ...]:
    recipes = model.recipes.recipes
    return _short(r for r in recipes if any(i.tag == tag for i in r.inputs))


def _columns(model: MuseModel) -> Lines:
    yield from ("## Columns", "", "What can be asked for; the whole headers are kept.")
    yield from ("", "Keywords in their order of preference, without `HIERARCH`.", "")
    yield from table(
        "column | keyword | type | unit | of | derived | meaning",
        (
            (
                code(c.name),
                code(c.keywords),
                c.type,
                c.unit,
                c.kinds,
                c.derive if c.derive != "keyword" else None,
                sentence(c.doc),
            )
            for c in model.frames.columns
        ),
    )


def _modes(model: MuseModel) -> Lines:
    yield from ("## Instrument modes", "")
    yield from table(
        "INS.MODE | field (arcsec) | spaxel (arcsec) | range (Angstrom) | notch (Angstrom) | AO | also written | meaning",
        (
            (
                code(m.name),
                m.field_size_arcsec,
                f"{m.spaxel_x_arcsec:g} x {m.spaxel_y_arcsec:g}",
                f"{m.wave_min_angstrom:g}-{m.wave_max_angstrom:g}",
                _range(m.notch_min_angstrom, m.notch_max_angstrom),
                m.ao,
                code(m.aliases),
                sentence(m.doc),
            )
            for m in model.modes.modes
        ),
    )


def _range(first: float | None, last: float | None) -> str | None:
    return None if first is None or last is None else f"{first:g}-{last:g}"


def _rule(rule: CalibrationRule) -> Lines:
    yield from (f"### {rule.category}", "", f"{sentence(rule.doc)} *{rule.source}*", "")
    bound, reject = rule.bound_to, rule.reject
    facts = {
        "Made by": code(rule.made_by) or "delivered from outside",
        "Must agree": code(rule.match),
        "Never compared": code(rule.never_match),
        "Only when": " and ".join(map(said_condition, rule.conditions)),
        "Bound": bound and f"{bound.strength} {bound.category}: {bound.doc}",
        "Dropped when": reject
        and f"`{reject.column}` differs by more than {reject.limit:g} {reject.unit}",
        "Nothing found": rule.hint,
    }
    yield from (f"- {what}: {said}" for what, said in facts.items() if said)
    yield ""
    yield from table(
        "level | where | from | preferred | must agree too | for | source",
        (
            (
                f"{level.level:g}",
                " and ".join(map(said_window, level.within)),
                level.origins,
                said_order(level),
                code(level.same),
                level.consumers,
                level.source,
            )
            for level in rule.levels
        ),
    )


def _plan(model: MuseModel) -> Lines:
    yield from ("## Calibration plan", "", "How it is read:", "")
    for reading in model.plan.readings:
        yield f"{reading.number}. {sentence(reading.doc)}"
    ties = ", ".join(model.plan.tie_break).replace("_", " ")
    yield from ("", f"Ties are broken by: {ties}.", "")
    yield "Levels are tried from top to bottom. Windows are days of MJD, calibration minus consumer."
    yield ""
    for rule in model.plan.rules:
        yield from _rule(rule)


def _inputs(step: Step, use: str) -> str:
    return ", ".join(
        i.category
        + (f" (if {' or '.join(map(said_condition, i.needed_when))})")
        * bool(i.needed_when)
        for i in step.inputs
        if i.use == use
    )


def _steps(model: MuseModel) -> Lines:
    yield from ("## Steps", "", "One task each, per IFU where the recipe works so.", "")
    yield from table(
        "step | recipe | of | one per | needs | takes if there | on request | makes",
        (
            (
                step.name,
                code(step.recipe),
                step.trigger,
                step.one_per.replace("_", " ") + _set_of(step),
                *tuple(_inputs(step, use) for use in ("required", "optional")),
                _inputs(step, "on_request"),
                step.makes,
            )
            for step in model.plan.steps
        ),
    )
    yield from ("### Parameters that follow from what is wanted or missing", "")
    yield from table(
        "recipe | when wanted | when missing | then | a person's value stays | why",
        (
            (
                code(b.recipe),
                b.when_wanted,
                b.when_missing,
                f"`{b.parameter}` {'+' if b.add else ''}= `{b.add or value_text(b.set_to)}`",
                b.yields_to_user,
                sentence(b.doc),
            )
            for b in model.plan.parameter_bindings
        ),
    )


def _set_of(step: Step) -> str:
    return f" (same {code(step.set_of)})" if step.set_of else ""


def _statics(model: MuseModel) -> Lines:
    yield from (
        "## Delivered files",
        "",
        "`PRO.CATG` decides first, then the name.",
        "",
    )
    yield from table(
        "category | name or title | holds | meaning",
        (
            (
                code(c.category),
                code(tuple(n.pattern for n in c.names)),
                c.extensions,
                sentence(c.doc),
            )
            for c in model.statics.categories
        ),
    )
    yield from ("### Epochs of geometry and astrometry", "")
    yield from (sentence(model.statics.epochs_source), "")
    rows = ((e.name, e.first_night, e.last_night) for e in model.statics.epochs)
    yield from table("epoch | first night | last night", rows)


def data_model_page(model: MuseModel) -> Lines:
    """Give data-model.md."""
    yield from top(
        "MUSE as data",
        f"the YAML files of `musecore/muse`, version {model.version}",
        "Which frames there are, what is known of each, and what calibrates what. Recipes have [their own page](recipes.md).",
    )
    for section in (_modes, _classes, _columns, _plan, _steps, _statics):
        yield from section(model)
