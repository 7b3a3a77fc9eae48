"""Odd questions and odd headers, for fuzzing."""

import base64
import json
from typing import Any

from hypothesis import strategies as st

from tests.catalog.frames import make_object, make_product, make_raw

__all__ = ["cursors", "files", "questions", "rows", "trees"]

_WORDS = [
    *("night", "DATE_OBS", "OBJECT", "ifu", "is_valid", "quality_flags", "exptime"),
    *(
        "ron",
        "id",
        "task_id",
        "obs_id",
        "tpl_nexp",
        "created_at",
        "class",
        "ra",
        "lamp",
    ),
    *("processing.pipeline_version", "processing.parameters.crsigma", "size"),
    *('header["INSTRUME"]', 'header["ESO DET CHIP ID", "CHAN02"]', 'header[""]'),
    *('qc["BIAS MASTER1 RON"]', 'qc["X", 6]', "processing.started", "mjd_obs"),
    *("==", "!=", "<", "<=", ">", ">=", "~", "&", "|", "and", "or", "not", "in"),
    *("between", "is", "null", "(", ")", ",", "true", "false", "yes", "'no'", "'B*'"),
    *("3", "-1", "1e400", "99999999999999999999999", "0.5", "nan", "2014-06-24"),
    *("9999-12-31", "0001-01-01", "2014-02-30", "2014-06-25T00:02:11.448", "'\\x00'"),
    *("cone(338.2, -60.5, 10 arcmin)", "cone(0, 91, 1e9 deg)", "box(350, 10, -5, 5)"),
    *(
        "made_from('00000000')",
        "used_by('zz', 2)",
        "'",
        '"',
        "[",
        "]",
        "\x00",
        "é",
        "𝄞",
    ),
]
_PATHS = st.one_of(
    st.sampled_from(
        ["ifu", "night", "ron", "target", "mjd_us", "nope", "quality_flags"]
    ),
    st.text(max_size=8),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["2014-06-24", "2014-06-24T00:00:00Z", "yes", "\x00", "\ud800"]),
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def questions() -> st.SearchStrategy[str]:
    """Give texts: soups of words that the language knows, and any signs."""
    soup = st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join)
    compared = st.tuples(
        st.sampled_from(_WORDS[:21]),
        st.sampled_from(["==", "!=", "<", ">=", "~"]),
        st.sampled_from(_WORDS[34:]),
    ).map(" ".join)
    joined = st.lists(compared, min_size=1, max_size=4).map(" & ".join)
    deep = st.integers(1, 400).map(lambda n: "(" * n + "ifu == 1" + ")" * n)
    nots = st.integers(1, 3000).map(lambda n: "~" * n + "(ifu == 1)")
    return st.one_of(soup, joined, compared, st.text(max_size=40), deep, nots)


def cursors() -> st.SearchStrategy[str]:
    """Give what may stand for `after`: any text, and places of any values."""
    typed = st.sampled_from(
        [
            {"time": "x"},
            {"date": "2014-06-24"},
            {"id": "0" * 32},
            {"id": "z"},
            {"time": "2014-06-24"},
        ]
    )
    places = st.lists(_JSON | typed, max_size=4)
    packed = places.map(lambda some: base64.urlsafe_b64encode(_dumped(some)).decode())
    return st.one_of(packed, st.text(max_size=20))


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def trees(base: Any) -> st.SearchStrategy[Any]:
    """Give trees: a good one with parts that are something else, and any JSON."""
    return st.one_of(_mutated(base), _mutated(base), _JSON)


@st.composite
def _mutated(draw: st.DrawFn, base: Any) -> Any:
    return _changed(draw, base)


def _changed(draw: st.DrawFn, value: Any) -> Any:
    if draw(st.integers(0, 19)) == 7:
        return draw(_JSON | _PATHS)
    match value:
        case dict():
            return {name: _changed(draw, inner) for name, inner in value.items()}
        case list():
            return [_changed(draw, inner) for inner in value]
        case _:
            return value


_KEYWORDS = st.sampled_from(
    ["MJD-OBS", "DATE-OBS", "ESO TPL NEXP", "ESO TPL EXPNO", "ESO OBS ID", "RA", "DEC"]
    + ["EXPTIME", "OBJECT", "ESO INS MODE", "ESO DPR TYPE", "ESO PRO CATG", "ARCFILE"]
    + ["ESO TPL START", "ESO QC BIAS MASTER1 RON", "ESO INS LAMP1 ST", "INSTRUME"]
)
_VALUES = st.sampled_from(
    ["1e999", "-1E308", "9" * 60, "'", "''", "'abc", "'a&'", "T", "F", "", "nan", "inf"]
    + ["(1,2)", "'\x00'", "1D5", "'é'", "0x10", "'2014-13-45T99:99:99'", "-0.0", "3.7"]
    + ["99999", "-99999", "1e17", "'9999-12-31T23:59:59.999'", "2147483648"]
)


def rows() -> st.SearchStrategy[dict[str, Any]]:
    """Give rows of /register: keywords of any value, and headers of odd cards."""
    name = st.text(min_size=1, max_size=30) | st.just(
        "MUSE.2014-06-25T00:01:11.448.fits"
    )
    kind = st.sampled_from(["raw", "product", "static"])
    keywords = st.dictionaries(_KEYWORDS | st.text(max_size=9), _JSON, max_size=5)
    tag = st.none() | st.sampled_from(["BIAS", "MASTER_BIAS", "nope", "\x00"])
    by_keywords = st.fixed_dictionaries(
        {"name": name, "kind": kind, "keywords": keywords.map(_as_bias), "tag": tag}
    )
    by_header = st.fixed_dictionaries(
        {
            "name": name,
            "kind": kind,
            "header": st.lists(_headers(), min_size=1, max_size=2),
        }
    )
    return st.one_of(by_keywords, by_header)


def _as_bias(changes: dict[str, Any]) -> dict[str, Any]:
    whole = {
        "INSTRUME": "MUSE",
        "ARCFILE": "MUSE.2014-06-25T00:01:11.448.fits",
        "MJD-OBS": 56833.0,
        "ESO DPR CATG": "CALIB",
        "ESO DPR TYPE": "BIAS",
        "ESO DPR TECH": "IFU",
        "ESO TPL START": "2014-06-25T00:00:01",
    }
    return {**whole, **changes}


def _headers() -> st.SearchStrategy[str]:
    start = ["SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0"]
    good = [
        *("INSTRUME= 'MUSE'", "MJD-OBS = 56833.0", "HIERARCH ESO DPR TYPE = 'BIAS'"),
        *("HIERARCH ESO DPR CATG = 'CALIB'", "HIERARCH ESO DPR TECH = 'IFU'"),
        *("ARCFILE = 'MUSE.2014-06-25T00:01:11.448.fits'",),
        "HIERARCH ESO TPL START = '2014-06-25T00:00:01'",
    ]
    cards = st.lists(_cards(), max_size=6).map(
        lambda odd: "".join(card.ljust(80)[:80] for card in [*start, *odd, *good])
    )
    return st.one_of(cards, st.text(max_size=100), cards.map(lambda text: text[:-7]))


def _cards() -> st.SearchStrategy[str]:
    valued = st.tuples(_KEYWORDS, _VALUES).map(
        lambda one: (
            f"HIERARCH {one[0]} = {one[1]}"
            if " " in one[0]
            else f"{one[0]:<8}= {one[1]}"
        )
    )
    signs = st.text(st.characters(max_codepoint=255), max_size=80)
    odd = st.sampled_from(
        ["CONTINUE  'x&'", "HIERARCH", "HIERARCH = 3", "= = =", "END"]
    )
    return st.one_of(valued, valued, odd, signs)


def files() -> st.SearchStrategy[bytes]:
    """Give the bytes of files: good ones with cards, bytes or their end changed."""
    base = st.sampled_from(
        [
            make_raw(1),
            make_object(40),
            make_product(**{"ESO QC BIAS MASTER1 RON": 2.5}),
        ]
    )
    return st.builds(
        _damaged,
        base,
        st.lists(st.tuples(st.integers(3, 30), _cards()), max_size=3),
        st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=2),
        st.none() | st.none() | st.integers(0, 20_000),
    )


def _damaged(
    content: bytes,
    cards: list[tuple[int, str]],
    places: list[tuple[int, int]],
    end: int | None,
) -> bytes:
    damaged = bytearray(content)
    for n, card in cards:
        text = card.ljust(80)[:80].encode("latin-1", "replace")
        damaged[80 * n : 80 * n + 80] = text
    for at, value in places:
        if at < len(damaged):
            damaged[at] = value
    return bytes(damaged if end is None else damaged[:end])
