"""Values are read in a fast way where cards allow it: the same as card for card."""

from hypothesis import example, given
from hypothesis import strategies as st

from musecore.fits import Header

NAMES = [
    "NAXIS1  ", "RA      ", "COMMENT ", "HISTORY ", "        ", "CONTINUE", "HIERARCH", "END     ",
    "HIERARCH ESO QC BIAS RON ", "HIERARCH ESO  QC  RON ", "HIERARCH  ESO DET OUT1 GAIN",
    "HIERARCH ESO PRO REC1 ID", "HIERARCH ESO TEL AIRM START", "HIERARCH", "hierarch eso x ",
]  # fmt: skip
VALUES = [
    "1.5", " 1.5 / [adu] of it", "1.5E3", "1.5e", "1.5D3", "-.5", "5.", ".", "1_0.5", "1.5 2.5", "+1.5/2.5",
    "1.5 = 2.5", "'1.5'", " '1.5' / 2.5", "'a = b'", "'it''s'", "'open", "T", "F / yes", "", " / nothing", "17",
    "17.0.1", "(1.5, 2)", "1.5'", "nan", "inf", "1e400", "99999999999999999999999.5",
]  # fmt: skip

_card = st.builds(
    lambda name, equals, value: f"{name}{equals}{value}"[:80].ljust(80),
    st.sampled_from(NAMES),
    st.sampled_from(["= ", "=", " = ", " ", "=  "]),
    st.sampled_from(VALUES),
)
_any = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80).map(
    lambda text: text.ljust(80)
)
_headers = st.lists(st.one_of(_card, _any), max_size=12).map("".join)


@given(_headers)
@example(("HIERARCH ESO DET A = 1.5".ljust(80)) * 2)
def test_keywords_are_those_of_the_cards(text: str) -> None:
    slow = dict(reversed([(card.keyword, card.value) for card in Header(text).cards]))
    slow = {name: slow[name] for name in slow if name not in ("COMMENT", "HISTORY", "")}
    for _ in range(2):  # what was met is remembered
        fast = Header(text).as_dict()
        assert repr(sorted(fast.items())) == repr(sorted(slow.items()))


@given(_headers, st.sampled_from(["ESO QC ", "ESO PRO REC", "ESO"]))
def test_cards_of_a_group_are_those_among_all(text: str, words: str) -> None:
    among_all = [card for card in Header(text).cards if card.keyword.startswith(words)]
    assert repr(Header(text).beginning(words)) == repr(tuple(among_all))


@given(_headers)
def test_keywords_keep_the_order_of_the_cards(text: str) -> None:
    in_order = dict.fromkeys(name for name, _ in Header(text).items())
    assert list(Header(text).as_dict()) == list(in_order)
