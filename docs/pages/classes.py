"""classes/<CLASS>.md: what objects of a class are and what can be asked of them."""

import re
from collections.abc import Iterable

from muse_catalog.rules import AttributeFact, Attributes
from musecore.muse.schema import FrameClass, KeyTest, MuseModel, QcKey, Recipe
from pages.markdown import Lines, code, sentence, table, top
from pages.words import said_output

__all__ = ["class_pages"]

KINDS = {
    "raw": "Raw frames",
    "product": "Products",
    "static": "Delivered calibrations",
}
_NUMBER = re.compile(r"(?<=[A-Z])[a-z]\b")
SOURCE = "`musecore/muse` and `muse_catalog/rules/attributes.yaml`"


def class_pages(model: MuseModel) -> dict[str, Lines]:
    """Give the pages by name: one for each class, and README.md with all of them."""
    facts = Attributes(model).facts
    classes = [one for one in model.frames.classes if one.kind in KINDS]
    pages = {f"{one.tag}.md": _page(model, one, facts) for one in classes}
    return pages | {"README.md": _index(classes, facts)}


def _index(classes: list[FrameClass], facts: Iterable[AttributeFact]) -> Lines:
    yield from top(
        "Classes",
        SOURCE,
        "`from musewise.classes import MASTER_BIAS` gives a class; "
        "`MASTER_BIAS.attributes()` tells what is below. How to ask: "
        "[the query language](../query-language.md).",
    )
    for kind, title in KINDS.items():
        yield from (f"## {title}", "")
        yield from table(
            "class | meaning",
            (
                (f"[{one.tag}]({one.tag}.md)", sentence(one.doc))
                for one in classes
                if one.kind == kind
            ),
        )
    yield from ("## Attributes that many classes have", "")
    yield from _attributes((one for one in facts if not one.classes), kinds=True)


def _page(model: MuseModel, one: FrameClass, facts: Iterable[AttributeFact]) -> Lines:
    yield from top(one.tag, SOURCE, sentence(one.doc))
    yield from (f"- {what}: {said}" for what, said in _facts(model, one) if said)
    yield ""
    yield from _asked(one)
    known = [fact for fact in facts if _has(fact, one)]
    own = [fact for fact in known if fact.classes]
    if own:
        yield from ("## Attributes of its own", "", *_attributes(own))
    yield from ("## Attributes", "", "Explained [in the list of classes](README.md):")
    yield from (code(tuple(fact.name for fact in known if not fact.classes)) + ".", "")
    yield from _qc(model, one)


def _has(fact: AttributeFact, one: FrameClass) -> bool:
    return one.tag in fact.classes if fact.classes else one.kind in fact.kinds


def _facts(model: MuseModel, one: FrameClass) -> Iterable[tuple[str, str | None]]:
    makers = model.recipes_making(one.tag)
    users = [
        r for r in model.recipes.recipes if any(i.tag == one.tag for i in r.inputs)
    ]
    yield "Kind", KINDS[one.kind].lower()
    yield "An object is", _scope(one)
    yield "Recognised by", "; ".join(_test(test) for test in one.tests)
    yield "A set is", _set(one)
    yield "Made by", ", ".join(_maker(recipe, one.tag) for recipe in makers)
    yield "Used by", ", ".join(_link(recipe) for recipe in users)
    yield "Delivered too", "yes" if one.static else None


def _scope(one: FrameClass) -> str:
    if one.kind == "raw" or one.scope == "ifu":
        return "one IFU of a file"
    return "the whole field"


def _test(test: KeyTest) -> str:
    if test.contains_all is not None:
        return f"`{test.keyword}` with {' and '.join(test.contains_all)}"
    values = test.one_of if test.one_of is not None else (test.equals,)
    return f"`{test.keyword}` = {' or '.join(map(str, values))}"


def _set(one: FrameClass) -> str | None:
    if one.kind != "raw":
        return None
    least = f", at least {one.min_set} of them" if one.min_set else ""
    return f"what has the same `{one.group_by}`{least}"


def _link(recipe: Recipe) -> str:
    short = recipe.name.removeprefix("muse_")
    return f"[{short}](../recipes.md#{recipe.name})"


def _maker(recipe: Recipe, tag: str) -> str:
    whens = [said_output(output) for output in recipe.outputs if output.tag == tag]
    when = next((text for text in whens if text), "")
    return _link(recipe) + (f" (when {when})" if when else "")


def _asked(one: FrameClass) -> Lines:
    yield from ("## To ask for them", "", "```python")
    if one.kind != "static":
        yield from ("from datetime import date", "")
    yield from (f"from musewise.classes import {one.tag}", "")
    if one.kind == "static":
        yield f"for one in {one.tag}.all():"
        yield "    print(one.filename)"
    else:
        yield f"for one in {one.tag}.night == date(2018, 12, 9):"
        yield "    print(one.filename, one.ifu)"
    yield from ("```", "", "```sh")
    where = " 'is_valid != \"no\"'" if one.kind == "product" else ""
    yield f"musewise ls {one.tag}{where}"
    yield from ("```", "")


def _attributes(facts: Iterable[AttributeFact], *, kinds: bool = False) -> Lines:
    yield from table(
        "attribute | type | unit | of | also called | from | meaning",
        (
            (
                code(fact.name),
                fact.type,
                fact.unit,
                fact.kinds if kinds and len(fact.kinds) < len(KINDS) else None,
                code(fact.aliases),
                code(fact.keys),
                sentence(fact.doc),
            )
            for fact in facts
        ),
    )


def _qc(model: MuseModel, one: FrameClass) -> Lines:
    keys: dict[str, QcKey] = {
        key.key: key
        for recipe in model.recipes_making(one.tag)
        for key in recipe.qc
        if one.tag in key.products
    }
    if not keys:
        return
    yield from ("## QC values", "")
    plain = [name for name, key in keys.items() if not key.indices]
    example = _NUMBER.sub("1", next(iter((*plain, *keys)))).removeprefix("ESO QC ")
    yield f'As `{one.tag}.qc["{example}"]`, in the text `qc["{example}"]`.'
    if len(plain) < len(keys):
        yield "Small letters stand for numbers."
    yield ""
    yield from table(
        "QC value | type | unit | meaning",
        (
            (
                code(key.key.removeprefix("ESO QC ")),
                key.type,
                key.unit if key.unit != "1" else None,
                sentence(key.doc),
            )
            for key in keys.values()
        ),
    )
