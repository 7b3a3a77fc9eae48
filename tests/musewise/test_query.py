"""Questions in Python: what they say, and what is said of those that are none."""

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from muse_catalog.models.query import (
    And,
    Attribute,
    HeaderKeyword,
    ObjectQuery,
    Or,
    Order,
    QcParameter,
    Term,
)
from muse_catalog.rules import (
    aggregates_of,
    columns_of,
    condition_of,
    order_of,
    text_of,
    text_of_aggregates,
    text_of_columns,
    text_of_order,
)
from musewise import Query
from musewise.classes import BIAS, MASTER_BIAS
from musewise.classes import DATACUBE_FINAL as Cube
from musewise.errors import Error, QueryError, UnknownClassError
from tests.support.queries import queries, simple


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (BIAS.DATE_OBS == datetime(2014, 1, 31), "DATE_OBS == 2014-01-31"),  # noqa: DTZ001
        (BIAS.DATE_OBS == date(2014, 1, 31), "DATE_OBS == 2014-01-31"),
        (BIAS.DATE_OBS == "2014-01-31", "DATE_OBS == 2014-01-31"),
        (
            BIAS.DATE_OBS == datetime(2014, 1, 31, 12, 30),  # noqa: DTZ001
            "DATE_OBS == 2014-01-31T12:30:00+00:00",
        ),
        (BIAS.night == date(2014, 1, 30), "night == 2014-01-30"),
        (MASTER_BIAS.ron > 3.1, "ron > 3.1"),
        (Cube.OBJECT.like("HDFS%"), 'OBJECT ~ "HDFS*"'),
        (Cube.fwhm.between(0.5, 0.9), "fwhm between 0.5 and 0.9"),
        (BIAS.nifu.in_(1, 2), "nifu in (1, 2)"),
        (BIAS.nifu.in_([1, 2]), "nifu in (1, 2)"),
        (Cube.fwhm == None, "fwhm is null"),  # noqa: E711
        (~(Cube.is_valid == "no"), '~(is_valid == "no")'),
        (
            Cube.processing.pipeline_version == "muse/2.8.7",
            'processing.pipeline_version == "muse/2.8.7"',
        ),
        (
            Cube.processing.parameters.crsigma > 10,
            "processing.parameters.crsigma > 10",
        ),
        (BIAS.header["ESO INS MODE"] == "x", 'header["ESO INS MODE"] == "x"'),
        (MASTER_BIAS.qc["BIAS MASTER1 RON", 6] < 3, 'qc["BIAS MASTER1 RON", 6] < 3'),
        (
            (Cube.fwhm < 0.9) & (Cube.OBJECT == "A") | (Cube.OBJECT == "B"),
            'fwhm < 0.9 & OBJECT == "A" | OBJECT == "B"',
        ),
        (
            (Cube.fwhm < 0.9) & ((Cube.OBJECT == "A") | (Cube.OBJECT == "B")),
            'fwhm < 0.9 & (OBJECT == "A" | OBJECT == "B")',
        ),
        (Cube.all().near(338.2, -60.5, "1 arcmin"), "cone(338.2, -60.5, 1 arcmin)"),
        (Cube.all().near("HDFS", radius="1 arcmin"), 'near("HDFS", 1 arcmin)'),
        (
            (Cube.fwhm < 1).made_from("9f3c27ab", depth=2),
            'fwhm < 1 & made_from("9f3c27ab", 2)',
        ),
    ],
)  # fmt: skip
def test_a_question_says_itself_in_the_words_of_the_language(
    query: Query, text: str
) -> None:
    assert str(query) == text
    condition_of(text)


def test_a_day_says_that_it_is_the_whole_day() -> None:
    asked = BIAS.DATE_OBS == datetime(2014, 1, 31, tzinfo=UTC)
    assert repr(asked) == "<BIAS where DATE_OBS == 2014-01-31 (the whole day, UTC)>"


@given(
    st.recursive(simple, lambda t: st.lists(t, min_size=2, max_size=3), max_leaves=6)
)
def test_what_is_joined_in_python_is_read_with_the_same_meaning(tree: object) -> None:
    query, meant = _joined(tree, depth=0)
    assert _flat(condition_of(str(query))) == _flat(meant)


def _joined(tree: object, depth: int) -> tuple[Query, Term]:
    """Join the leaves of nested lists in turns by & and |, and negate every second."""
    if not isinstance(tree, list):
        return Query("BIAS", text_of(tree)), tree
    parts = [_joined(one, depth + 1) for one in tree]
    query, terms = parts[0][0], tuple(term for _, term in parts)
    for other, _ in parts[1:]:
        query = query & other if depth % 2 else query | other
    return query, (And if depth % 2 else Or)(terms=terms)


def _flat(term: Term) -> object:
    """Give a term without the brackets that change nothing."""
    if not isinstance(term, And | Or):
        return term
    inner: list[object] = []
    for one in term.terms:
        flat = _flat(one)
        same = isinstance(flat, tuple) and flat[0] is type(term)
        inner += flat[1] if same else [flat]
    return type(term), inner


@example(
    ObjectQuery(
        order=(Order(path=HeaderKeyword(keyword='A, "b]', extension="(,")),),
        columns=(QcParameter(name="X)],", ifu=3), Attribute(name="ron")),
    )
)
@given(queries)
def test_a_url_is_read_in_python_without_loss(tree: ObjectQuery) -> None:
    given_text = {
        "class": tree.tag or "",
        "q": "" if tree.where is None else text_of(tree.where),
        "order": text_of_order(tree.order),
        "columns": text_of_columns(tree.columns),
        "group": text_of_columns(tree.group),
        "agg": text_of_aggregates(tree.aggregates),
    }
    read = Query.from_url(f"/catalog/objects?{urlencode(given_text)}").parameters()
    where = read.get("q")
    assert ObjectQuery(
        tag=read.get("class"),
        where=None if where is None else condition_of(where),
        order=order_of(read.get("order", "")),
        columns=columns_of(read.get("columns", "")),
        group=columns_of(read.get("group", "")),
        aggregates=aggregates_of(read.get("agg", "")),
    ) == tree.model_copy(update={"projects": ()})


NO_TRUTH = (
    "A query has no truth value. Use & | ~ instead of and/or/not, put brackets round "
    "each comparison, and write a.between(x, y) instead of x < a < y."
)


def _and() -> object:
    return (BIAS.nifu == 1) and (BIAS.nifu == 2)


def _chain() -> object:
    return 1 < BIAS.nifu < 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_and, NO_TRUTH),
        (_chain, NO_TRUTH),
        (lambda: not (BIAS.nifu > 1), NO_TRUTH),
        (lambda: BIAS.nifu == "six", "BIAS.nifu takes int, got str 'six'"),
        (
            lambda: (BIAS.nifu == 1) & True,
            "True is not a condition. Did you forget brackets?  (A == 1) & (B == 2)",
        ),
        (lambda: True & (BIAS.nifu == 1), "True is not a condition."),
        (lambda: BIAS.nifu == 1 & BIAS.nifu == 2, "Did you forget brackets?"),
        (lambda: (BIAS.nifu == 1) & (Cube.fwhm < 1), "one class"),
        (lambda: BIAS.DATE_OBS == "yesterday", "takes a date or a time"),
        (lambda: BIAS.nifu.in_(), "at least one value"),
    ],
)
def test_what_is_no_question_says_what_would_be_right(wrong: object, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        wrong()  # type: ignore[operator]
    assert said in str(caught.value)
    assert isinstance(caught.value, Error)


def test_an_unknown_attribute_names_the_nearest() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = MASTER_BIAS.rno
    assert str(caught.value) == (
        "MASTER_BIAS has no attribute 'rno'. Did you mean 'ron'? "
        "See MASTER_BIAS.attributes()"
    )
    assert not hasattr(BIAS, "DATEOBS")
    assert {"DATE_OBS", "night", "nifu", "ron"} <= set(dir(MASTER_BIAS))
    [ron] = MASTER_BIAS.attributes("read-out noise")
    assert (ron.name, ron.unit) == ("ron", "count")


def test_an_unknown_class_names_the_nearest() -> None:
    with pytest.raises(UnknownClassError, match="Did you mean MASTER_BIAS"):
        from musewise.classes import MASTER_BAIS  # noqa: F401


def test_a_question_is_a_value() -> None:
    asked = BIAS.nifu == 1
    assert asked == (BIAS.nifu == 1)
    assert {asked, BIAS.nifu == 1} == {asked}
    assert asked.limit(3) != asked
    assert (asked | (BIAS.nifu == 2)).order_by(-BIAS.DATE_OBS, BIAS.nifu).order == (
        "-DATE_OBS",
        "nifu",
    )


def test_importing_the_client_loads_neither_numpy_nor_astropy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from musewise.classes import BIAS; BIAS.night; import musewise; "
        "print({'numpy', 'astropy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
