"""The YAML files hold together, and agree with the installed pipeline."""

import re
from datetime import date
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from astropy import units

from musecore.muse.loading import FILES
from musecore.muse.schema import MuseModel, Recipe, load
from musecore.times import NIGHT_BEGINS

MODEL = load()
RECIPES = [recipe.name for recipe in MODEL.recipes.recipes]
NOT_IN_ASTROPY = {
    "UTC",  # a time scale
    "adu/pix",
    "pixels",
    "fraction",
    "count/pix/h",
    "erg/(s cm2 arcsec2)",
    "erg/(s cm2 arcsec2 Angstrom)",
}


def entries(node: object, path: str = ""):
    """Every mapping of a YAML file with where it stands."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from entries(value, f"{path}/{key}")
    elif isinstance(node, list):
        for item in node:
            yield from entries(item, path)


def raw_yaml(name: str) -> dict[str, object]:
    import musecore.muse

    folder = Path(next(iter(musecore.muse.__path__)))
    return yaml.safe_load((folder / name).read_text())


# --- form -------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_a_version_and_says_what_it_is(name: str):
    content = raw_yaml(name)
    assert isinstance(content["version"], int)
    assert content["doc"]


def test_the_identity_changes_with_any_of_the_files():
    assert re.fullmatch(r"(\d+\.){4}\d+\+[0-9a-f]{12}", MODEL.rule_set)
    assert MODEL.rule_set.endswith(MODEL.digest[:12])


def test_numeric_parameters_and_columns_have_a_unit():
    for recipe in MODEL.recipes.recipes:
        for parameter in recipe.parameters:
            numeric = parameter.type in ("int", "double")
            assert (parameter.unit is not None) == numeric, (recipe.name, parameter)
    for column in MODEL.frames.columns:
        assert column.unit is not None or column.type not in ("int", "float"), column


def test_units_parse():
    stated = {p.unit for r in MODEL.recipes.recipes for p in r.parameters}
    stated |= {q.unit for r in MODEL.recipes.recipes for q in r.qc}
    stated |= {c.unit for c in MODEL.frames.columns}
    stated |= {c.unit for r in MODEL.plan.rules for s in r.levels for c in s.order}
    stated |= {r.reject.unit for r in MODEL.plan.rules if r.reject}
    for unit in stated - NOT_IN_ASTROPY - {None}:
        known = {"ADU": "adu", "ADU/count": "adu/count", "count/ADU": "count/adu"}
        units.Unit(known.get(unit, "" if unit == "1" else unit))


def test_names_are_unique():
    for names in (
        [c.tag for c in MODEL.frames.classes],
        [c.name for c in MODEL.frames.columns],
        RECIPES,
        [r.category for r in MODEL.plan.rules],
        [s.name for s in MODEL.plan.steps],
        [c.category for c in MODEL.statics.categories],
        [m.name for m in MODEL.modes.modes],
    ):
        assert len(names) == len(set(names))
    for recipe in MODEL.recipes.recipes:
        names = [p.name for p in recipe.parameters]
        assert len(names) == len(set(names)), recipe.name


def test_no_machine_path_or_address_is_written():
    for name in FILES:
        for _, entry in entries(raw_yaml(name)):
            text = " ".join(str(v) for v in entry.values() if isinstance(v, str))
            assert "http" not in text
            assert "/work" not in text


# --- frames and recipes -----------------------------------------------------


def test_every_tag_of_a_recipe_is_a_class_of_frames():
    for recipe in MODEL.recipes.recipes:
        for entry in (*recipe.inputs, *recipe.outputs):
            known = MODEL.frame_class(entry.tag)
            assert known.tag == entry.tag


def test_inputs_per_ifu_are_kept_per_ifu():
    for recipe in MODEL.recipes.recipes:
        for entry in recipe.inputs:
            scope = MODEL.frame_class(entry.tag).scope
            assert entry.per_ifu == (scope == "ifu"), (recipe.name, entry.tag)


def test_outputs_per_ifu_are_kept_per_ifu_but_for_those_of_two_makers():
    both = {"OBJECT_RESAMPLED", "PIXTABLE_REDUCED"}
    for recipe in MODEL.recipes.recipes:
        for entry in recipe.outputs:
            if entry.tag not in both:
                scope = MODEL.frame_class(entry.tag).scope
                assert entry.per_ifu == (scope == "ifu"), (recipe.name, entry.tag)


def test_counts_are_in_order():
    for recipe in MODEL.recipes.recipes:
        for entry in recipe.inputs:
            if entry.recommended is not None:
                assert entry.min <= entry.recommended, (recipe.name, entry.tag)
            if entry.max is not None:
                assert entry.min <= entry.max
    for entry in MODEL.frames.classes:
        sizes = [entry.min_set, entry.normal_set, entry.typical_set]
        given = [size for size in sizes if size is not None]
        assert given == sorted(given), entry.tag


def test_a_set_that_is_large_enough_feeds_its_recipe():
    for step in MODEL.plan.steps:
        trigger = MODEL.frame_class(step.trigger)
        wanted = [
            i.min
            for i in MODEL.recipe(step.recipe).inputs
            if i.tag == trigger.name_in_sof
        ]
        assert wanted, step.name
        if trigger.min_set is not None and step.one_per == "template":
            assert trigger.min_set >= wanted[0], step.name


def test_defaults_and_options_lie_in_their_ranges():
    for recipe in MODEL.recipes.recipes:
        MODEL.check_parameters(recipe.name, recipe.defaults())
        options = {o.parameter: o.value for o in recipe.options}
        assert MODEL.check_parameters(recipe.name, options) == options


def test_defaults_have_the_type_they_state():
    types = {"int": int, "double": float, "string": str, "boolean": bool}
    for recipe in MODEL.recipes.recipes:
        for parameter in recipe.parameters:
            assert type(parameter.default) is types[parameter.type], parameter


def test_conditions_name_parameters_and_inputs_that_the_recipe_has():
    for recipe in MODEL.recipes.recipes:
        tags = {entry.tag for entry in recipe.inputs}
        for output in recipe.outputs:
            for test in (*output.when, *output.when_any):
                if test.parameter is not None:
                    parameter = recipe.parameter(test.parameter)
                    assert parameter is not None
                    if test.contains:
                        assert test.contains in (parameter.choices or ())
                else:
                    assert test.category in tags, (recipe.name, output.tag)


def test_quality_keys_belong_to_outputs_of_their_recipe():
    for recipe in MODEL.recipes.recipes:
        outputs = {output.tag for output in recipe.outputs}
        for entry in recipe.qc:
            assert set(entry.products) <= outputs, (recipe.name, entry.key)


def test_every_pixel_table_may_be_dropped_and_rebuilt():
    for entry in MODEL.frames.classes:
        if entry.tag.startswith("PIXTABLE_"):
            assert entry.rebuildable
        if entry.tag.startswith(("MASTER_", "DATACUBE_")):
            assert not entry.rebuildable


# --- plan -------------------------------------------------------------------


def test_match_keys_and_windows_name_columns():
    for rule in MODEL.plan.rules:
        named = {*rule.match, *rule.never_match}
        for step in rule.levels:
            named |= set(step.same) | {w.same for w in step.within if w.same}
            for term in step.order:
                named |= {c for c in (term.nearest_in, term.latest_before) if c}
        named |= set(rule.bound_to.same) if rule.bound_to else set()
        named |= {c.column for c in rule.conditions if c.column}
        for name in named:
            MODEL.column(name)
        assert not set(rule.match) & set(rule.never_match)


def test_every_window_and_criterion_says_exactly_one_thing():
    for rule in MODEL.plan.rules:
        for step in rule.levels:
            for window in step.within:
                said = [window.same_night, window.within_days, window.same, window.any]
                assert sum(s is not None for s in said) == 1, rule.category
                if window.within_days:
                    assert window.within_days[0] <= window.within_days[1]
            for term in step.order:
                said = [term.nearest_in, term.latest_before, term.same_epoch]
                assert sum(s is not None for s in said) == 1, rule.category


def test_every_origin_is_a_raw_class_or_a_known_way():
    ways = {"static", "raw", "set", "user"}
    for rule in MODEL.plan.rules:
        for step in rule.levels:
            for origin in step.origins:
                if origin not in ways:
                    assert MODEL.frame_class(origin).kind == "raw"
            for name in step.consumers or ():
                assert MODEL.frame_class(name).kind == "raw"
            if "static" in step.origins:
                assert MODEL.is_static(rule.category), rule.category
                MODEL.static(rule.category)


def test_every_category_that_a_step_takes_has_a_rule_and_an_input_of_the_recipe():
    for step in MODEL.plan.steps:
        recipe = MODEL.recipe(step.recipe)
        tags = {entry.tag for entry in recipe.inputs}
        for entry in step.inputs:
            MODEL.rule(entry.category)
            assert entry.category in tags, (step.name, entry.category)


def test_every_input_that_a_recipe_requires_is_required_by_its_step():
    for step in MODEL.plan.steps:
        recipe: Recipe = MODEL.recipe(step.recipe)
        trigger = MODEL.frame_class(step.trigger).name_in_sof
        given = {i.category: i.use for i in step.inputs} | {trigger: "required"}
        for entry in recipe.inputs:
            if entry.min > 0 and entry.frameset == 1:
                assert given.get(entry.tag) == "required", (step.name, entry.tag)


def test_every_required_calibration_has_a_maker_or_is_delivered():
    for step in MODEL.plan.steps:
        for entry in step.inputs:
            if entry.use == "required":
                rule = MODEL.rule(entry.category)
                made = any(MODEL.recipes_making(rule.category)) and rule.made_by
                given = {o for s in rule.levels for o in s.origins}
                assert made or given & {"static", "raw"}, entry.category


def test_every_origin_has_a_chain_of_steps_to_the_category():
    for rule in MODEL.plan.rules:
        makers = MODEL.steps_making(rule.category)
        for step in rule.levels:
            for origin in set(step.origins) - {"static", "raw", "set", "user"}:
                assert any(origin in m.consumer for m in makers), rule.category
        for maker in rule.made_by:
            assert any(m.recipe == maker for m in makers), rule.category


def test_every_step_makes_what_its_recipe_puts_out():
    for step in MODEL.plan.steps:
        outputs = {output.tag for output in MODEL.recipe(step.recipe).outputs}
        assert set(step.makes) <= outputs, step.name


def origins(model: MuseModel, category: str, consumer: str) -> set[str]:
    """Raw classes that may make a category for a consumer."""
    return {
        origin
        for level in model.rule(category).levels
        if level.consumers is None or consumer in level.consumers
        for origin in level.origins
    } - {"static", "raw", "set", "user"}


def test_the_plan_has_no_cycle():
    graph: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for step in MODEL.plan.steps:
        for consumer in step.consumer:
            needs = graph.setdefault((step.name, consumer), set())
            for maker in map(MODEL.step, step.trigger_from):
                if consumer in maker.consumer:
                    needs.add((maker.name, consumer))
            for entry in step.inputs:
                if step.one_per == "exposure_set":  # made for this very set
                    makers = MODEL.steps_making(entry.category)
                    needs |= {(maker.name, consumer) for maker in makers}
                for origin in origins(MODEL, entry.category, consumer):
                    needs |= {
                        (maker.name, origin)
                        for maker in MODEL.steps_making(entry.category)
                        if origin in maker.consumer
                    }
    order = list(TopologicalSorter(graph).static_order())
    assert order.index(("bias", "BIAS")) < order.index(("flat", "FLAT"))
    assert order.index(("flat", "FLAT")) < order.index(("wavecal", "ARC"))
    assert order.index(("create_sky", "SKY")) < order.index(("scipost", "OBJECT"))
    last = order.index(("exp_combine", "OBJECT"))
    assert order.index(("scipost", "OBJECT")) < order.index(("exp_align", "OBJECT"))
    assert order.index(("exp_align", "OBJECT")) < last


def test_a_trigger_is_raw_or_made_by_the_steps_it_names():
    for step in MODEL.plan.steps:
        made = MODEL.frame_class(step.trigger).kind == "product"
        assert made == bool(step.trigger_from), step.name
        makers = [MODEL.step(name) for name in step.trigger_from]
        assert all(step.trigger in maker.makes for maker in makers)
        if makers:
            assert set(step.consumer) == {c for m in makers for c in m.consumer}


def test_a_bound_category_is_chosen_after_the_one_it_is_bound_to():
    for step in MODEL.plan.steps:
        names = [entry.category for entry in step.inputs]
        for category in names:
            bound = MODEL.rule(category).bound_to
            if bound is not None and bound.category in names:
                assert names.index(bound.category) < names.index(category), step.name


def test_conditions_look_back_only():
    for step in MODEL.plan.steps:
        names = [entry.category for entry in step.inputs]
        for n, entry in enumerate(step.inputs):
            for test in entry.needed_when:
                if test.category is not None:
                    assert test.category in names[:n], (step.name, entry.category)


def test_bound_parameters_exist_and_take_their_values():
    for binding in MODEL.plan.parameter_bindings:
        recipe = MODEL.recipe(binding.recipe)
        value = binding.add if binding.add is not None else binding.set_to
        MODEL.check_parameters(recipe.name, {binding.parameter: value})
        assert bool(binding.when_wanted) != bool(binding.when_missing)
        assert set(binding.when_wanted) <= {o.tag for o in recipe.outputs}
        assert set(binding.when_missing) <= {i.tag for i in recipe.inputs}
        assert (binding.code is None) == (binding.warning is None)


def test_wanting_a_product_makes_the_recipe_write_it():
    for binding in MODEL.plan.parameter_bindings:
        recipe = MODEL.recipe(binding.recipe)
        categories = {i.tag for i in recipe.inputs}
        for product in binding.when_wanted:
            outputs = [o for o in recipe.outputs if o.tag == product]
            tests = [t for o in outputs for t in (*o.when, *o.when_any)]
            value = binding.add if binding.add is not None else binding.set_to
            given = {binding.parameter: value} if value is not None else {}
            assert any(
                t.parameter == binding.parameter
                and t.holds(parameters=given, categories=categories)
                for t in tests
            ), product


def test_the_night_of_the_plan_is_the_night_of_the_clock():
    night = next(r for r in MODEL.plan.readings if r.name == "same_night")
    assert night.facts["night_begins_ut"] == f"{NIGHT_BEGINS:%H:%M}"


def test_epochs_follow_each_other():
    epochs = MODEL.statics.epochs
    assert all(e.first_night <= e.last_night for e in epochs)
    assert all(a.last_night < b.first_night for a, b in pairwise(epochs))
    assert epochs[0].first_night == date(2014, 2, 9)


def test_name_patterns_of_statics_do_not_overlap():
    for category in MODEL.statics.categories:
        for rule in category.names:
            re.compile(rule.pattern)
    names = [r.pattern for c in MODEL.statics.categories for r in c.names if r.verified]
    assert len(names) == len(set(names))


def test_all_modes_have_a_field_and_a_range():
    assert len(MODEL.modes.modes) == 5
    for mode in MODEL.modes.modes:
        assert mode.wave_min_angstrom < mode.wave_max_angstrom
        assert mode.name.startswith(mode.field)
        assert mode.ao == ("-AO-" in mode.name)
        assert (mode.notch_min_angstrom is not None) == mode.ao


def test_header_rules_name_only_what_their_sentence_can_say():
    known = {"filename", "keyword", "value", "expected"}
    for rule in MODEL.frames.header_rules:
        assert set(re.findall(r"{(\w+)}", rule.message)) <= known
        for tag in rule.tags:
            MODEL.frame_class(tag)
