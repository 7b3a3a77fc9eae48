"""Conditions are read from text and written as text without loss."""

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_catalog.models.query import (
    Aggregate,
    And,
    Attribute,
    Compare,
    Cone,
    Day,
    HeaderKeyword,
    In,
    Instant,
    IsNull,
    Like,
    Near,
    Not,
    ObjectQuery,
    Or,
    Order,
    QcParameter,
    Term,
)
from muse_catalog.rules.errors import QueryInvalid
from muse_catalog.rules.query_reading import aggregates_of, condition_of, order_of
from muse_catalog.rules.query_writing import (
    text_of,
    text_of_aggregates,
    text_of_order,
)
from tests.support.queries import aggregates, orders, queries, terms

NIGHT = Compare(
    path=Attribute(name="night"), operator="==", value=Day(day=date(2014, 1, 31))
)
RON = Compare(path=Attribute(name="ron"), operator=">", value=3.1)


@given(terms)
def test_what_is_written_is_read_as_the_same_tree(term: Term) -> None:
    assert condition_of(text_of(term)) == term


@given(orders)
def test_an_order_is_written_and_read_without_loss(order: tuple[Order, ...]) -> None:
    assert order_of(text_of_order(order)) == order


@given(aggregates)
def test_aggregates_are_written_and_read_without_loss(
    found: tuple[Aggregate, ...],
) -> None:
    assert aggregates_of(text_of_aggregates(found)) == found


@given(queries)
def test_a_query_goes_over_the_wire_without_loss(query: ObjectQuery) -> None:
    wire = query.model_dump_json(by_alias=True)
    assert ObjectQuery.model_validate_json(wire) == query
    assert hash(ObjectQuery.model_validate_json(wire)) == hash(query)


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.sampled_from("ab1.~&|()=\"'[], 2014-01-31Tinotrd<>*"), max_size=60
    )
)
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    with contextlib.suppress(QueryInvalid):
        term = condition_of(text)
        assert condition_of(text_of(term)) == term


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("night == 2014-01-31", NIGHT),
        ("night = 2014-01-31 and ron > 3.1", And(terms=(NIGHT, RON))),
        ("night == 2014-01-31 | ron > 3.1", Or(terms=(NIGHT, RON))),
        ("not ron > 3.1", Not(term=RON)),
        ("target ~ 'HDFS*'", Like(path=Attribute(name="target"), pattern="HDFS*")),
        ("ron is null", IsNull(path=Attribute(name="ron"))),
        ("ron IS NOT NULL", Not(term=IsNull(path=Attribute(name="ron")))),
        ("ifu in (1, 2)", In(path=Attribute(name="ifu"), values=(1, 2))),
        (
            "DATE_OBS > 2014-01-31T12:30",
            Compare(
                path=Attribute(name="DATE_OBS"),
                operator=">",
                value=Instant(instant=datetime(2014, 1, 31, 12, 30, tzinfo=UTC)),
            ),
        ),
        (
            'header["ESO DET CHIP ID", "CHAN06"] == "x"',
            Compare(
                path=HeaderKeyword(keyword="ESO DET CHIP ID", extension="CHAN06"),
                operator="==",
                value="x",
            ),
        ),
        (
            'qc["BIAS MASTER1 RON", 6] < 3',
            Compare(
                path=QcParameter(name="BIAS MASTER1 RON", ifu=6),
                operator="<",
                value=3,
            ),
        ),
        ("near('HDFS', 30 arcmin)", Near(name="HDFS", radius=0.5)),
        ("near('HDFS')", Near(name="HDFS")),
        ("cone(10, -5, 30 arcmin)", Cone(ra=10.0, dec=-5.0, radius=0.5)),
    ],
)
def test_the_words_of_the_language(text: str, term: Term) -> None:
    assert condition_of(text) == term


@pytest.mark.parametrize(
    ("text", "name", "function", "of"),
    [
        ("count", "count", "count", None),
        ("n=count", "n", "count", None),
        ("n = COUNT(fwhm)", "n", "count", "fwhm"),
        ("median(fwhm)", "median_fwhm", "median", "fwhm"),
        ("max=max(processing.started)", "max", "max", "processing.started"),
    ],
)
def test_the_words_of_groups(
    text: str, name: str, function: str, of: str | None
) -> None:
    [found] = aggregates_of(text)
    path = None if of is None else Attribute(name=of)
    assert found.model_dump() == {
        "name": name,
        "function": function,
        "path": None if path is None else path.model_dump(),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("median", "median of what? Write median(fwhm)"),
        ("n=middle(fwhm)", "expected is count, min, max, mean, median or stddev"),
        ("max(qc['BIAS MASTER1 RON'])", "It needs a name: value=max"),
        ("n=count,", "the end"),
    ],
)
def test_groups_that_cannot_be_read_say_what_would_be_right(
    text: str, said: str
) -> None:
    with pytest.raises(QueryInvalid) as caught:
        aggregates_of(text)
    assert said in caught.value.detail


def test_and_binds_closer_than_or_and_not_closest() -> None:
    found = condition_of("~ron > 3.1 & ron > 3.1 | night == 2014-01-31")
    assert found == Or(terms=(And(terms=(Not(term=RON), RON)), NIGHT))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ron >", "At sign 6 of the query stands the end"),
        ("(ron > 3", "expected is )"),
        ("ron > 3 ifu == 1", "At sign 9 of the query stands 'ifu'"),
        ("ron ~ 3", "expected is a text in quotes"),
        ("night == 2014-02-30", "2014-02-30 is no date"),
        ("and == 1", "'and' is a word of the query language"),
        ("cone(400, 0, 1)", "ra: Input should be less than 360"),
        ("ron > 1e999", "too large"),
        ("", "empty"),
        ("~" * 70 + "(ron > 3)", "nested deeper"),
        ("a" * 20_001, "20,001 signs"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_would_be_right(
    text: str, said: str
) -> None:
    with pytest.raises(QueryInvalid) as caught:
        condition_of(text)
    assert said in caught.value.detail


def test_the_wrong_place_is_pointed_at() -> None:
    with pytest.raises(QueryInvalid) as caught:
        condition_of("ron > 3 & 5 == ron")
    line, mark = caught.value.detail.splitlines()[-2:]
    assert line[mark.index("^")] == "5"
