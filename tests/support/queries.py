"""Queries of every form, for property tests."""

from datetime import UTC

from hypothesis import strategies as st

from muse_catalog.models.query import (
    RESERVED,
    Aggregate,
    And,
    Attribute,
    Between,
    Box,
    Compare,
    Cone,
    Day,
    HeaderKeyword,
    In,
    Instant,
    IsNull,
    Like,
    MadeFrom,
    Near,
    Not,
    ObjectQuery,
    Or,
    Order,
    QcParameter,
    UsedBy,
)

names = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,8}(\.[a-z]{1,5})?\Z").filter(
    lambda name: name.partition(".")[0].lower() not in RESERVED
)
_functions = st.sampled_from(["count", "min", "max", "mean", "median", "stddev"])
_words = names.filter(lambda name: "." not in name) | _functions
texts = st.text(max_size=12)
keywords = st.text(min_size=1, max_size=12)
ifus = st.none() | st.integers(1, 24)

paths = st.one_of(
    st.builds(Attribute, name=names),
    st.builds(HeaderKeyword, keyword=keywords, extension=st.none() | texts),
    st.builds(QcParameter, name=keywords, ifu=ifus),
)
moments = st.datetimes(timezones=st.just(UTC))
values = st.one_of(
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.builds(Day, day=st.dates()),
    st.builds(Instant, instant=moments),
)
_ra = st.floats(0, 360, exclude_max=True)
_dec = st.floats(-90, 90)
_ids = st.from_regex(r"\A[0-9a-f]{8}(-[0-9a-f]{4})?\Z")
_depths = st.none() | st.integers(1, 100)


def _box(ra_low: float, ra_high: float, decs: tuple[float, float]) -> Box:
    low, high = sorted(decs)
    return Box(ra_low=ra_low, ra_high=ra_high, dec_low=low, dec_high=high)


simple = st.one_of(
    st.builds(
        Compare,
        path=paths,
        operator=st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        value=values,
    ),
    st.builds(Between, path=paths, low=values, high=values),
    st.builds(
        In, path=paths, values=st.lists(values, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Like, path=paths, pattern=texts),
    st.builds(IsNull, path=paths),
    st.builds(Cone, ra=_ra, dec=_dec, radius=st.floats(1e-6, 180)),
    st.builds(Near, name=st.text(min_size=1, max_size=12), radius=st.floats(1e-6, 180)),
    st.builds(_box, _ra, _ra, st.tuples(_dec, _dec)),
    st.builds(MadeFrom, object_id=_ids, depth=_depths),
    st.builds(UsedBy, object_id=_ids, depth=_depths),
)
terms = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(Not, term=inner),
        st.builds(And, terms=st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, terms=st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
orders = st.lists(
    st.builds(Order, path=paths, descending=st.booleans()), max_size=3
).map(tuple)
aggregates = st.lists(
    st.one_of(
        st.builds(Aggregate, name=_words, function=st.just("count")),
        st.builds(
            Aggregate,
            name=_words,
            function=_functions,
            path=paths,
        ),
    ),
    max_size=3,
    unique_by=lambda one: one.name,
).map(tuple)
_rest = {
    "tag": st.none() | st.sampled_from(["BIAS", "MASTER_BIAS", "DATACUBE_FINAL"]),
    "where": st.none() | terms,
    "order": orders,
    "projects": st.lists(texts.filter(str.strip), max_size=2).map(tuple),
}
queries = st.one_of(
    st.builds(ObjectQuery, columns=st.lists(paths, max_size=3).map(tuple), **_rest),
    st.builds(
        ObjectQuery,
        group=st.lists(paths, max_size=3).map(tuple),
        aggregates=aggregates,
        **_rest,
    ),
)
