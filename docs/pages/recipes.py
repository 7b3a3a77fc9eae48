"""recipes.md: inputs, outputs and parameters of the recipes."""

from musecore.muse.schema import MuseModel, Parameter, Recipe, RecipeInput
from pages.markdown import Lines, code, sentence, table, top, value_text
from pages.words import said_output

__all__ = ["recipes_page"]


def _count(entry: RecipeInput) -> str:
    least = str(entry.min)
    if entry.max is None:
        return f"{least} or more"
    return least if entry.max == entry.min else f"{least} to {entry.max}"


def _allowed(parameter: Parameter) -> str:
    if parameter.choices is not None:
        return code(parameter.choices) + (" [:options]" if parameter.suboptions else "")
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f">= {low:g}"
    return f"<= {high:g}" if high is not None else ""


def _parameters(recipe: Recipe) -> Lines:
    own = {option.parameter: value_text(option.value) for option in recipe.options}
    yield from table(
        "parameter | type | default | musewise sets | unit | allowed | meaning",
        (
            (
                code(p.name),
                f"list of {p.list_of}" if p.list_of else p.type,
                code(value_text(p.default)),
                code(own.get(p.name)),
                p.unit if p.unit != "1" else None,
                _allowed(p),
                ("(expert) " if p.expert else "") + sentence(p.doc),
            )
            for p in recipe.parameters
        ),
    )


def _recipe(recipe: Recipe) -> Lines:
    yield from (f"## {recipe.name}", "", sentence(recipe.doc), "")
    if recipe.note:
        yield from (sentence(recipe.note), "")
    yield from table(
        "input | kind | frames | recommended | per IFU | needed when | note",
        (
            (
                code(i.tag),
                i.kind,
                _count(i),
                i.recommended,
                i.per_ifu,
                i.needed_when,
                i.note,
            )
            for i in recipe.inputs
        ),
    )
    for group in recipe.at_least_one:
        yield from (f"At least one of {code(group.tags)}: {sentence(group.doc)}", "")
    yield from table(
        "output | per IFU | one per | written when | note",
        (
            (code(o.tag), o.per_ifu, o.one_per, said_output(o), o.note)
            for o in recipe.outputs
        ),
    )
    yield from _parameters(recipe)
    tags = code(tuple(dict.fromkeys(tag for key in recipe.qc for tag in key.products)))
    count = len(recipe.qc)
    yield f"QC: {count} keywords, in {tags}." if count else "QC: no keywords."
    yield ""


def recipes_page(model: MuseModel) -> Lines:
    """Give recipes.md."""
    recipes = model.recipes.recipes
    yield from top(
        "Recipes",
        f"`musecore/muse/recipes.yaml`, version {model.recipes.version}",
        f"The {len(recipes)} recipes of {model.recipes.pipeline}, with the pipeline's own defaults. Set a parameter with "
        "`musewise process ... -p scipost.crsigma=20`. Frames are counted as one IFU sees them; times and memory are first guesses for the whole wavelength range.",
    )
    yield from table(
        "recipe | runs per | parameters | QC | time (s) | memory (MB) | what it does",
        (
            (
                f"[{r.name}](#{r.name})",
                r.scope,
                len(r.parameters),
                len(r.qc),
                _cost(r.expected.wall_s, r.expected.wall_s_per_ifu),
                _cost(r.expected.memory_mb, r.expected.memory_mb_per_ifu),
                sentence(r.doc),
            )
            for r in recipes
        ),
    )
    for recipe in recipes:
        yield from _recipe(recipe)


def _cost(fixed: float, each: float) -> str:
    return f"{fixed:g}" + (f" + {each:g}/IFU" if each else "")
