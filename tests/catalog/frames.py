"""Small files that look like those of MUSE."""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from astropy.io import fits

MJD = 56833.0  # 2014-06-25


def stamp(n: int) -> str:
    """Give the archive stamp of exposure `n` of the night of 2014-06-24."""
    return f"2014-06-25T00:{n:02d}:11.448"


def raw_keywords(n: int = 1, **changes: Any) -> dict[str, Any]:
    """Give the primary keywords of a bias; a change to None removes one."""
    keywords = {
        "INSTRUME": "MUSE",
        "TELESCOP": "ESO-VLT-U4",
        "ARCFILE": f"MUSE.{stamp(n)}.fits",
        "ORIGFILE": f"MUSE_CAL_BIAS175_{n:04d}.fits",
        "DATE-OBS": f"2014-06-25T00:{n:02d}:11.000",
        "MJD-OBS": MJD + (n * 60 + 11.448) / 86400,
        "EXPTIME": 0.0,
        "OBJECT": "BIAS",
        "ESO DPR CATG": "CALIB",
        "ESO DPR TYPE": "BIAS",
        "ESO DPR TECH": "IFU",
        "ESO TPL ID": "MUSE_cal_bias",
        "ESO TPL START": "2014-06-25T00:00:01",
        "ESO TPL NEXP": 3,
        "ESO TPL EXPNO": n,
        "ESO OBS TARG NAME": "CALIB",
        "ESO OBS ID": 200000001,
        "ESO INS MODE": "WFM-NONAO-N",
        "ESO INS OPTI1 NAME": "Blue",
        "ESO DET READ CURID": 1,
        **changes,
    }
    return {name: value for name, value in keywords.items() if value is not None}


def _set(header: fits.Header, keywords: dict[str, Any]) -> None:
    for name, value in keywords.items():
        long = f"HIERARCH {name}" if " " in name or len(name) > 8 else name
        comment = ""
        if isinstance(value, tuple):
            value, comment = value
        header[long] = (value, comment)


def as_bytes(hdus: Iterable[Any]) -> bytes:
    """Give the bytes of a file with these HDUs."""
    buffer = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(buffer)
    return buffer.getvalue()


def make_raw(
    n: int = 1, ifus: Iterable[int] = (1, 2), *, seed: int = 0, **changes: Any
) -> bytes:
    """Make a raw frame with one tiny extension for each IFU."""
    primary = fits.PrimaryHDU()
    _set(primary.header, raw_keywords(n, **changes))
    hdus = [primary]
    for ifu in ifus:
        image = np.full((4, 5), n + seed, dtype="u2")
        channel = fits.ImageHDU(image, name=f"CHAN{ifu:02d}")
        _set(
            channel.header,
            {
                "ESO DET CHIP ID": f"egeria{ifu}",
                "ESO DET CHIP NAME": f"CHAN{ifu:02d}",
                "ESO DET CHIP LIVE": ifu != 24,
            },
        )
        hdus.append(channel)
    return as_bytes(hdus)


def make_object(n: int = 40, target: str = "HDFS", **changes: Any) -> bytes:
    """Make a science exposure."""
    science = {
        "OBJECT": target,
        "EXPTIME": 900.0,
        "ESO DPR CATG": "SCIENCE",
        "ESO DPR TYPE": "OBJECT",
        "ESO OBS TARG NAME": target,
        "ESO TPL START": f"2014-06-25T00:{n:02d}:00",
        "ESO TPL NEXP": 1,
        "RA": 338.23,
        "DEC": -60.56,
    }
    return make_raw(n, **{**science, **changes})


def make_product(
    catg: str | None = "MASTER_BIAS",
    *,
    value: float = 1.0,
    extnames: Iterable[str] = ("DATA",),
    **keywords: Any,
) -> bytes:
    """Make a product, with QC values as (value, comment)."""
    primary = fits.PrimaryHDU()
    inherited = raw_keywords(1)
    for name in list(inherited):
        if name.startswith("ESO DPR"):
            del inherited[name]
    told = {} if catg is None else {"ESO PRO CATG": catg}
    _set(primary.header, {**inherited, **told, **keywords})
    images = [
        fits.ImageHDU(np.full((3, 3), value, dtype="f4"), name=name)
        for name in extnames
    ]
    return as_bytes([primary, *images])
