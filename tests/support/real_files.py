"""Real MUSE files: those of the mpdaf wheel, and those of the folder shared."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

CHECKOUT = Path(__file__).parents[2]
MPDAF = CHECKOUT / ".real-files" / "mpdaf" / "data"

CUBE = MPDAF / "sdetect" / "minicube.fits"
"""Abell 478: a cut-out of a real DATACUBE_FINAL, three recipes long."""
MOSAIC = MPDAF / "sdetect" / "subcub_mosaic.fits"
"""UDF mosaic: a cube whose units mpdaf wrote."""
LINEAR = MPDAF / "obj" / "CUBE.fits"
"""A cube with CTYPE3 LINEAR and CDELT3."""


def need(path: Path) -> Path:
    """Give a file of the mpdaf wheel, or skip; in CI it must be there."""
    if not path.is_file():
        assert "CI" not in os.environ, f"{path} is missing: run make real-files"
        pytest.skip(f"{path.name} is not here: run make real-files")
    return path


def headers_only(path: Path, **changes: Any) -> bytes:
    """Give a file with the real headers, its data left out; keywords may be changed.

    The cards of the primary header stay as they are but for those that are changed.
    """
    with fits.open(path) as hdus:
        primary = fits.PrimaryHDU(header=hdus[0].header)
        _change(primary.header, changes)
        others = [_without_data(hdu) for hdu in hdus[1:]]
    buffer = io.BytesIO()
    fits.HDUList([primary, *others]).writeto(buffer, output_verify="ignore")
    return buffer.getvalue()


def _change(header: fits.Header, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if value is None:
            header.remove(name, ignore_missing=True)
        else:
            header[f"HIERARCH {name}" if " " in name else name] = value


def _without_data(hdu: Any) -> fits.ImageHDU:
    empty = fits.ImageHDU(name=hdu.name)
    kept = ("BUNIT", "CTYPE", "CRVAL", "CRPIX", "CD", "CUNIT", "CHECKSUM", "DATASUM")
    for card in hdu.header.cards:
        if card.keyword.startswith(kept):
            empty.header[card.keyword] = card.value
    return empty
