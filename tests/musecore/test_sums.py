"""DATASUM and CHECKSUM: compared where they are, as astropy does."""

import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from musecore.fits import Scanner, scan
from tests.support.real_files import CUBE, need


def make(shape: tuple[int, ...], *, checksum: bool = True) -> bytes:
    """Make a file with an image, a table and an HDU without sums."""
    image = np.arange(np.prod(shape), dtype="i2").reshape(shape)
    table = fits.TableHDU.from_columns(
        [fits.Column("A", "A3", array=np.array(["a", "bc"]))], name="TEXT"
    )
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(image, name="DATA"), table]
    buffer, last = io.BytesIO(), io.BytesIO()
    fits.HDUList(hdus).writeto(buffer, checksum=checksum)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(image, name="DQ")]).writeto(last)
    return buffer.getvalue() + last.getvalue()[2880:]


def wrong(content: bytes, size: int | None = None) -> tuple[str, ...]:
    """Give the HDUs whose sums are wrong, of a file that comes in pieces."""
    scanner = Scanner(check_sums=True)
    step = size or len(content)
    for at in range(0, len(content), step):
        scanner.feed(content[at : at + step])
    return scanner.finish().wrong_sums


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([1, 7, 2879, 9999]))
def test_sums_that_astropy_writes_are_right_whatever_the_pieces(
    rows: int, columns: int, size: int
) -> None:
    assert wrong(make((rows, columns)), size) == ()


@pytest.mark.parametrize(
    ("place", "names"),
    [("data", ("DATA",)), ("header", ("DATA",)), ("table", ("TEXT",)), ("dq", ())],
)
def test_one_changed_byte_is_seen_where_there_are_sums(
    place: str, names: tuple[str, ...]
) -> None:
    content = bytearray(make((30, 30)))
    hdus = scan(io.BytesIO(bytes(content))).hdus
    at = {
        "data": hdus[1].data_offset + 5,
        "header": content.index(b"DATA    ", hdus[0].end) + 3,
        "table": hdus[2].data_offset + 1,
        "dq": hdus[3].data_offset,
    }[place]
    if place == "header":  # its comment, so that the HDU keeps its name
        at = content.index(b"/ extension name", hdus[0].end) + 3
    content[at] ^= 1
    assert wrong(bytes(content), 1000) == names


def test_a_file_without_sums_is_never_wrong() -> None:
    assert wrong(make((5, 5), checksum=False)) == ()


def test_a_file_whose_sums_are_not_asked_for_is_not_compared() -> None:
    content = bytearray(make((5, 5)))
    content[-3000] ^= 1
    assert scan(io.BytesIO(bytes(content))).wrong_sums == ()


def test_the_real_cut_out_has_the_verdicts_of_astropy() -> None:
    path = need(Path(CUBE))
    with fits.open(path) as hdus:
        bad = [
            hdu.name
            for hdu in hdus
            if 0 in (hdu.verify_datasum(), hdu.verify_checksum())
        ]
    assert bad == ["PRIMARY", "DATA", "STAT"]
    assert scan(path, check_sums=True).wrong_sums == ("HDU 0", "DATA", "STAT")
