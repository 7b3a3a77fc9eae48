"""The facts the simulator works with, read once from its data folder."""

import csv
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

__all__ = ["arc_lines", "cards", "instrument", "sky_lines", "slice_order"]


def _text(name: str) -> str:
    return resources.files("musesim").joinpath("data", name).read_text("utf-8")


@cache
def instrument() -> dict[str, Any]:
    """Instrument, sky and atmosphere: `instrument.yaml`."""
    facts: dict[str, Any] = yaml.safe_load(_text("instrument.yaml"))
    return facts


@cache
def cards() -> dict[str, list[tuple[str, Any, str]]]:
    """Constant header cards (keyword without ``ESO``, value, comment) by group."""
    groups = yaml.safe_load(_text("cards.yaml"))
    return {
        name: [(str(key), value, str(comment)) for key, value, comment in rows]
        for name, rows in groups.items()
        if name != "version"
    }


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


@cache
def arc_lines() -> list[tuple[str, str, float, float]]:
    """Arc lines as (lamp, ion, air wavelength in Angstrom, relative strength)."""
    return [
        (
            row["lamp"],
            row["ion"],
            float(row["wavelength_air_angstrom"]),
            float(row["relative_strength"]),
        )
        for row in _rows("arc-lines.csv")
    ]


@cache
def sky_lines() -> list[tuple[str, int, float, float]]:
    """Night-sky lines as (name, group, air wavelength in Angstrom, flux).

    The flux is in 1e-20 erg/s/cm2/arcsec2.
    """
    return [
        (
            row["name"],
            int(row["group"]),
            float(row["wavelength_air_angstrom"]),
            float(row["flux_1e-20_erg_s_cm2_arcsec2"]),
        )
        for row in _rows("sky-lines.csv")
    ]


@cache
def slice_order() -> NDArray[np.int64]:
    """Sky number (1..48) of each slice on the detector, in detector order."""
    return np.array([int(row["slice_sky"]) for row in _rows("slices.csv")])
