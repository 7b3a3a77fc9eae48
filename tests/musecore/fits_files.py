"""Builders of small FITS files with the layout of MUSE's."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits


def make_raw(path: Path, *, ifus: int = 24, rows: int = 20) -> Path:
    """Write a raw-like file: an empty primary HDU and an extension per IFU."""
    primary = fits.PrimaryHDU()
    primary.header["INSTRUME"] = "MUSE"
    primary.header["MJD-OBS"] = 57920.52248688
    for n in range(150):
        primary.header[f"HIERARCH ESO TEL SENSOR{n} VAL"] = (n / 7, f"[C] sensor {n}")
    hdus = [primary]
    pixels = np.random.default_rng(7)
    for ifu in range(1, ifus + 1):
        data = pixels.integers(0, 60_000, (rows, 30)).astype(np.uint16)
        hdu = fits.ImageHDU(data, name=f"CHAN{ifu:02d}")
        hdu.header["HIERARCH ESO DET CHIP ID"] = f"chip-{ifu}"
        for n in range(60):
            hdu.header[f"HIERARCH ESO DET OUT{n} GAIN"] = (1.0 + n / 9, "[adu/e-]")
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def make_product(
    path: Path, *, pixel: float = 1.0, catg: str = "MASTER_BIAS", **cards: Any
) -> Path:
    """Write a product-like file with provenance and QC.

    `cards` are keyword = value with ``_`` for blanks: ``ESO_PRO_SCIENCE=True``.
    """
    primary = fits.PrimaryHDU()
    header = primary.header
    header["DATE"] = ("2026-01-01T00:00:00", "file creation date")
    header["PIPEFILE"] = "MASTER_BIAS-07.fits"
    header["HIERARCH ESO PRO CATG"] = catg
    rec = "HIERARCH ESO PRO REC1"
    header[f"{rec} ID"] = "muse_bias"
    header[f"{rec} DRS ID"] = "cpl-7.2.3"
    header[f"{rec} PIPE ID"] = "muse/2.8.7"
    header[f"{rec} RAW1 NAME"] = "a.fits"
    header[f"{rec} RAW1 CATG"] = "BIAS"
    header[f"{rec} RAW10 NAME"] = "k.fits"
    header[f"{rec} RAW10 CATG"] = "BIAS"
    header[f"{rec} RAW2 NAME"] = "b.fits"
    header[f"{rec} RAW2 CATG"] = "BIAS"
    header[f"{rec} CAL1 NAME"] = "BADPIX_TABLE.fits"
    header[f"{rec} CAL1 CATG"] = "BADPIX_TABLE"
    header[f"{rec} CAL1 DATAMD5"] = "d41d8cd98f00b204e9800998ecf8427e"
    header[f"{rec} PARAM1 NAME"] = "nifu"
    header[f"{rec} PARAM1 VALUE"] = ("7", "Default: 0")
    header["HIERARCH ESO QC BIAS INPUT1 NSATURATED"] = 0
    for name, value in cards.items():
        words = name.replace("_", " ")
        header[words if len(words) <= 8 else f"HIERARCH {words}"] = value
    data = fits.ImageHDU(np.full((10, 10), pixel, np.float32), name="CHAN07.DATA")
    qc = "HIERARCH ESO QC BIAS MASTER1 RON"
    data.header[qc] = (2.75, "[count] read-out noise of quadrant 1")
    hdus = fits.HDUList([primary, data])
    hdus.writeto(path, overwrite=True, checksum=True)
    return path
