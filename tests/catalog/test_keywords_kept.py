"""Values of headers are kept as JSON in one go: the same as looked at one by one."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from muse_catalog.rules import searchable
from muse_catalog.store import KeywordsOfHdu

_text = st.text(st.sampled_from('aj\x00"\\N1+é'), max_size=6)
_values = st.one_of(
    _text, st.integers(), st.floats(), st.booleans(), st.none(), st.complex_numbers(),
    st.sampled_from(["NaN", "Infinity", "j", "(1+2j)"]),
)  # fmt: skip


@given(st.dictionaries(_text, _values, max_size=5))
def test_what_json_cannot_hold_is_kept_as_text(keywords: dict) -> None:
    kept = KeywordsOfHdu.of(0, "", keywords)
    plain = searchable(keywords)
    assert kept.values == to_json(list(plain.values())).decode()
    assert list(json.loads(kept.shape.places)) == list(plain)
    assert "\\u0000" not in kept.values
    json.loads(kept.values, parse_constant=lambda word: 1 / 0)
