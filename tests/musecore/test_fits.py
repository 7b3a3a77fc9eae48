"""Headers agree with astropy; checksums and content keys are what they should be."""

import hashlib
import io
import json
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits as astropy_fits
from astropy.io.fits.card import Undefined
from hypothesis import given
from hypothesis import strategies as st

from musecore.fits import (
    Header,
    NotFits,
    Scanner,
    TruncatedFits,
    Value,
    compress_headers,
    content_key,
    expand_headers,
    ifu_of,
    parse_card,
    provenance,
    qc_values,
    scan,
    scan_headers,
)
from tests.musecore.fits_files import make_product, make_raw

AstropyCards = list[list[tuple[object, ...]]]


def read_by_astropy(path: Path) -> AstropyCards:
    with astropy_fits.open(path) as hdus:
        return [
            [
                (
                    card.keyword,
                    None if isinstance(card.value, Undefined) else card.value,
                    card.comment,
                )
                for card in hdu.header.cards
            ]
            for hdu in hdus
        ]


def read_by_us(path: Path) -> AstropyCards:
    return [[tuple(card) for card in hdu.header.cards] for hdu in scan_headers(path)]


def test_all_cards_of_a_raw_frame_are_those_that_astropy_reads(tmp_path: Path) -> None:
    path = make_raw(tmp_path / "raw.fits")
    ours, theirs = read_by_us(path), read_by_astropy(path)
    assert ours == theirs
    types = [[type(value) for _, value, _ in hdu] for hdu in ours]
    assert types == [[type(value) for _, value, _ in hdu] for hdu in theirs]


def test_reading_the_headers_of_a_raw_frame_is_ten_times_faster_than_astropy(
    tmp_path: Path,
) -> None:
    path = make_raw(tmp_path / "raw.fits")

    def best_of_five(read: object) -> float:
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            assert callable(read)
            read(path)
            times.append(time.perf_counter() - begin)
        return min(times)

    assert best_of_five(read_by_us) * 10 < best_of_five(read_by_astropy)


@pytest.mark.parametrize(
    ("card", "keyword", "value", "comment"),
    [
        ("SIMPLE  =                    T / standard", "SIMPLE", True, "standard"),
        ("EXTEND  =                    F", "EXTEND", False, ""),
        ("NAXIS1  =                 4224", "NAXIS1", 4224, ""),
        ("EXPTIME =                  2.0 / [s] time", "EXPTIME", 2.0, "[s] time"),
        ("GAIN    =             1.25D-03", "GAIN", 1.25e-3, ""),
        ("GAIN    = -.5E2", "GAIN", -50.0, ""),
        ("OBJECT  = 'O''Neill / M31  ' / target", "OBJECT", "O'Neill / M31", "target"),
        ("BLANK   = ''", "BLANK", "", ""),
        ("EMPTY   =                      / no value", "EMPTY", None, "no value"),
        ("Z       = (1.0, -2.5)", "Z", 1 - 2.5j, ""),
        ("HISTORY made = by hand", "HISTORY", "made = by hand", ""),
        ("COMMENT 'tis no value", "COMMENT", "'tis no value", ""),
        ("", "", "", ""),
        (
            "HIERARCH ESO DPR TYPE = 'FLAT,LAMP' / type",
            "ESO DPR TYPE",
            "FLAT,LAMP",
            "type",
        ),
        (
            "HIERARCH ESO DET READ CURID=                    1",
            "ESO DET READ CURID",
            1,
            "",
        ),
        ("HIERARCH ESO INS X = T", "ESO INS X", True, ""),
        ("ODD     = not a value / though", "ODD", "not a value", "though"),
        ("OPEN    = 'no end", "OPEN", "'no end", ""),
        ("ONE_TWO = 1_000", "ONE_TWO", "1_000", ""),
        ("NOTNUM  = nan", "NOTNUM", "nan", ""),
    ],
)
def test_a_card_becomes_keyword_value_and_comment(
    card: str, keyword: str, value: Value, comment: str
) -> None:
    parsed = parse_card(card.ljust(80))
    assert tuple(parsed) == (keyword, value, comment)
    assert type(parsed.value) is type(value)


_PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)


@given(value=_PRINTABLE)
def test_any_text_comes_back_also_when_it_is_continued(value: str) -> None:
    header = astropy_fits.Header()
    header["HIERARCH ESO OBS NAME"] = value
    text = header.tostring(endcard=False, padding=False)
    assert Header(text)["ESO OBS NAME"] == value.rstrip()
    assert len(Header(text)) == 1


@given(value=st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_any_number_is_read_as_astropy_reads_it(value: float) -> None:
    card = astropy_fits.Card("HIERARCH ESO X Y Z", value, "c")
    parsed = parse_card(str(card)[:80])
    theirs = astropy_fits.Card.fromstring(str(card)[:80]).value
    assert parsed.value == theirs
    assert type(parsed.value) is type(theirs)


def test_duplicates_are_kept_and_the_first_is_the_value() -> None:
    cards = ["A       = 1", "A       = 2", "HISTORY one", "HISTORY two", "B       ="]
    header = Header("".join(card.ljust(80) for card in cards))
    assert (header["A"], header.all("A")) == (1, [1, 2])
    assert header.all("HISTORY") == ["one", "two"]
    assert header.keys() == ["A", "A", "HISTORY", "HISTORY", "B"]
    assert list(header.items()) == [("A", 1), ("A", 2), ("B", None)]
    assert header.as_dict() == {"A": 1, "B": None}
    assert "C" not in header
    assert header.get("C", 3) == 3
    with pytest.raises(KeyError):
        _ = header["C"]


def test_one_pass_gives_checksum_headers_and_content_key(tmp_path: Path) -> None:
    path = make_raw(tmp_path / "raw.fits", ifus=3, rows=100_000)
    scanned = scan(path, content="")
    assert scanned.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert scanned.size == path.stat().st_size
    assert list(scanned.hdus) == scan_headers(path)
    assert [hdu.extname for hdu in scanned.hdus] == ["", "CHAN01", "CHAN02", "CHAN03"]
    assert scanned.content_key == content_key(path)
    assert scan(path).content_key is None


@pytest.mark.parametrize("step", [1, 79, 2880, 10_007])
def test_a_file_that_arrives_in_pieces_is_scanned_the_same(
    tmp_path: Path, step: int
) -> None:
    path = make_product(tmp_path / "product.fits")
    content = path.read_bytes()
    scanner = Scanner(content="")
    for at in range(0, len(content), step):
        scanner.feed(content[at : at + step])
    assert scanner.finish() == scan(path, content="")


def test_offsets_lead_to_the_data(tmp_path: Path) -> None:
    path = make_product(tmp_path / "product.fits", pixel=3.5)
    hdu = scan_headers(path)[1]
    raw = path.read_bytes()[hdu.data_offset : hdu.data_offset + hdu.data_size]
    assert (np.frombuffer(raw, ">f4") == 3.5).all()
    assert hdu.data_size == 400


def test_a_binary_table_with_a_heap_has_the_right_size(tmp_path: Path) -> None:
    column = astropy_fits.Column(
        "V", "PE()", array=np.array([[1.0], [1.0, 2.0]], dtype=object)
    )
    table = astropy_fits.BinTableHDU.from_columns([column])
    hdus = [astropy_fits.PrimaryHDU(), table, astropy_fits.ImageHDU(np.zeros(3))]
    astropy_fits.HDUList(hdus).writeto(tmp_path / "heap.fits")
    assert read_by_us(tmp_path / "heap.fits") == read_by_astropy(tmp_path / "heap.fits")


@pytest.mark.parametrize("read", [scan, scan_headers])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "odd.fits is empty"),
        (b"%PDF-1.4 a paper", "not a FITS file: it begins with b'%PDF-1.4 a p'"),
        (b"\0" * 5760, "not a FITS file"),
        (b"SIMPLE  = T".ljust(2880) * 3, "HDU 0|no END"),
        (
            b"".join([b"SIMPLE  = T".ljust(80), b"END".ljust(80)]).ljust(2880),
            "size of its data: NAXIS is missing",
        ),
    ],
)
def test_what_is_no_fits_is_refused_with_the_reason(
    tmp_path: Path, read: object, content: bytes, sentence: str
) -> None:
    path = tmp_path / "odd.fits"
    path.write_bytes(content)
    assert callable(read)
    with pytest.raises((NotFits, TruncatedFits), match=sentence):
        read(path)


@pytest.mark.parametrize("read", [scan, scan_headers])
@pytest.mark.parametrize("missing", [1, 2880, 3000, 6000])
def test_a_truncated_file_is_refused_and_both_sizes_are_named(
    tmp_path: Path, read: object, missing: int
) -> None:
    path = make_raw(tmp_path / "raw.fits", ifus=2, rows=200)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-missing])
    assert callable(read)
    with pytest.raises(
        TruncatedFits, match=rf"has {size - missing} bytes; its headers ask for {size}"
    ):
        read(path)


@pytest.mark.parametrize("read", [scan, scan_headers])
def test_a_file_cut_inside_a_header_is_truncated(tmp_path: Path, read: object) -> None:
    path = make_raw(tmp_path / "raw.fits", ifus=2)
    second = scan_headers(path)[1]
    path.write_bytes(path.read_bytes()[: second.data_offset - 2880])
    assert callable(read)
    with pytest.raises(TruncatedFits, match="inside the header of HDU 1"):
        read(path)


@pytest.mark.parametrize("read", [scan, scan_headers])
def test_a_damaged_header_in_the_middle_is_named(tmp_path: Path, read: object) -> None:
    path = make_raw(tmp_path / "raw.fits", ifus=3)
    first = scan_headers(path)[1]
    content = bytearray(path.read_bytes())
    content[first.end : first.end + 8] = b"rubbish!"
    path.write_bytes(content)
    assert callable(read)
    with pytest.raises(NotFits, match=rf"HDU 2 at byte {first.end}"):
        read(path)


@pytest.mark.parametrize("read", [scan, scan_headers])
def test_filler_after_the_last_hdu_is_harmless(tmp_path: Path, read: object) -> None:
    path = make_product(tmp_path / "product.fits")
    before = scan_headers(path)
    with path.open("ab") as file:
        file.write(b"\0" * 2880)
    assert callable(read)
    found = read(path)
    assert list(getattr(found, "hdus", found)) == before


def test_something_opened_for_reading_can_be_scanned(tmp_path: Path) -> None:
    path = make_product(tmp_path / "product.fits")
    assert scan(io.BytesIO(path.read_bytes()), name="p.fits").hdus == scan(path).hdus


def test_packed_headers_come_back_card_for_card(tmp_path: Path) -> None:
    hdus = scan_headers(make_raw(tmp_path / "raw.fits"))
    packed = compress_headers(hdus)
    assert expand_headers(packed) == hdus
    rows = [[hdu.cards_text, hdu.data_offset, hdu.data_size] for hdu in hdus]
    first_way = zlib.compress(json.dumps(rows).encode(), level=1)
    assert expand_headers(first_way) == hdus
    assert len(packed) < sum(len(hdu.cards_text) for hdu in hdus) / 5


def test_when_and_under_what_name_a_product_was_made_does_not_change_its_key(
    tmp_path: Path,
) -> None:
    one = make_product(tmp_path / "one.fits")
    other = make_product(
        tmp_path / "other.fits",
        DATE="2026-02-02T11:11:11",
        PIPEFILE="MASTER_BIAS_0007.fits",
        ESO_PRO_REC1_RAW1_NAME="/data/elsewhere/a-name-so-long-that-it-is-continued-"
        "on-the-next-card-of-the-header-of-the-product.fits",
        ESO_PRO_REC1_CAL1_NAME="renamed.fits",
    )
    assert one.read_bytes() != other.read_bytes()
    assert content_key(one) == content_key(other)


@pytest.mark.parametrize(
    "change",
    [
        {"pixel": 1.0000001},
        {"catg": "MASTER_DARK"},
        {"ESO_PRO_REC1_PARAM1_VALUE": "8"},
        {"ESO_PRO_REC1_CAL1_DATAMD5": "0" * 32},
        {"ESO_QC_BIAS_INPUT1_NSATURATED": 1},
    ],
)
def test_any_other_change_gives_another_key(
    tmp_path: Path, change: dict[str, object]
) -> None:
    one = make_product(tmp_path / "one.fits")
    other = make_product(tmp_path / "other.fits", **change)  # type: ignore[arg-type]
    assert content_key(one) != content_key(other)


def test_the_key_of_a_known_product_stays_for_ever(tmp_path: Path) -> None:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    1",
        "NAXIS1  =                    5",
        "DATE    = '2026-01-01'",
        "END",
    ]
    header = "".join(card.ljust(80) for card in cards).ljust(2880).encode()
    path = tmp_path / "known.fits"
    path.write_bytes(header + b"abcde".ljust(2880, b"\0"))
    kept = "".join(card.ljust(80) for card in cards[:4])
    by_hand = f"content-key-1\nHDU 320\n{kept}abcde".encode()
    assert content_key(path) == hashlib.sha256(by_hand).hexdigest()


def test_provenance_lists_recipes_with_inputs_and_parameters_in_order(
    tmp_path: Path,
) -> None:
    path = make_product(tmp_path / "product.fits", ESO_PRO_REC2_ID="muse_scipost")
    first, second = provenance(scan_headers(path)[0].header)
    assert (first.n, first.recipe) == (1, "muse_bias")
    assert (first.pipeline, first.drs) == ("muse/2.8.7", "cpl-7.2.3")
    assert [one.name for one in first.inputs] == [
        "a.fits",
        "b.fits",
        "k.fits",
        "BADPIX_TABLE.fits",
    ]
    assert first.inputs[3].group == "CAL"
    assert first.inputs[3].data_md5 == "d41d8cd98f00b204e9800998ecf8427e"
    assert first.inputs[0].data_md5 is None
    [parameter] = first.parameters
    assert (parameter.name, parameter.value) == ("nifu", "7")
    assert parameter.comment == "Default: 0"
    assert (second.n, second.recipe, second.inputs) == (2, "muse_scipost", ())


def test_qc_values_carry_ifu_and_unit(tmp_path: Path) -> None:
    values = qc_values(scan_headers(make_product(tmp_path / "product.fits")))
    assert [(one.name, one.ifu, one.value, one.unit) for one in values] == [
        ("QC BIAS INPUT1 NSATURATED", None, 0, ""),
        ("QC BIAS MASTER1 RON", 7, 2.75, "count"),
    ]
    assert values[1].comment == "read-out noise of quadrant 1"


def test_qc_values_of_a_product_of_one_ifu_carry_it_everywhere(tmp_path: Path) -> None:
    path = make_product(tmp_path / "product.fits", EXTNAME="CHAN12")
    values = qc_values(scan_headers(path))
    assert [one.ifu for one in values] == [12, 7]


@pytest.mark.parametrize(
    ("extname", "ifu"),
    [("CHAN07", 7), ("CHAN24.DATA", 24), ("DATA", None), ("", None), ("CHAN1", None)],
)
def test_the_ifu_is_told_by_the_name_of_the_extension(
    extname: str, ifu: int | None
) -> None:
    assert ifu_of(extname) == ifu
