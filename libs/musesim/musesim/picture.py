"""A picture of a cube: colours, what was found, and a few spectra."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from astropy.visualization import make_lupton_rgb
from numpy.typing import NDArray

from musesim.compare import Comparison
from musesim.finding import Cube

mpl.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw"]

_COLOURS = {"star": "#ffd166", "galaxy": "#ef476f", "passive": "#f78c6b"}
_OTHER = "#4cc9f0"
_SPECTRA = 3
_APERTURE = 3  # half width in spaxels

Image = NDArray[np.float64]


def draw(cube: Cube, comparison: Comparison, out: Path) -> None:
    """Draw a cube and what was found in it.

    Parameters
    ----------
    cube
        DATACUBE_FINAL (wavelength, y, x).
    out
        PNG file.
    """
    wide = cube.data.shape[2] > 3 * cube.data.shape[1]
    figure = plt.figure(figsize=(13, 7) if wide else (13, 8.5), layout="constrained")
    if wide:
        grid = figure.add_gridspec(5, 1)
        colours, marked = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
        panels = [figure.add_subplot(grid[row]) for row in range(2, 5)]
    else:
        grid = figure.add_gridspec(3, 5)
        colours = figure.add_subplot(grid[:2, :2])
        marked = figure.add_subplot(grid[:, 2:])
        panels = [figure.add_subplot(grid[2, 0]), figure.add_subplot(grid[2, 1])]
    _colours(colours, cube)
    _marked(marked, cube, comparison)
    _spectra(panels, cube, comparison)
    figure.savefig(out, dpi=110)
    plt.close(figure)


def _band(cube: Cube, part: slice) -> Image:
    with np.errstate(invalid="ignore"):
        image: Image = np.nan_to_num(np.nanmean(cube.data[part], axis=0))
    return image


def _colours(axes: Any, cube: Cube) -> None:
    planes = cube.data.shape[0]
    blue, green, red = (
        _band(cube, slice(planes * k // 3, planes * (k + 1) // 3)) for k in range(3)
    )
    sky = [np.median(image) for image in (red, green, blue)]
    noise = float(np.std(green[green < np.percentile(green, 80)])) or 1.0
    picture = make_lupton_rgb(
        red - sky[0], green - sky[1], blue - sky[2], stretch=8 * noise, Q=6
    )
    axes.imshow(picture, origin="lower", interpolation="nearest")
    axes.set_title("three bands in colour", loc="left", fontsize=9)
    axes.set_axis_off()


def _marked(axes: Any, cube: Cube, comparison: Comparison) -> None:
    white = _band(cube, slice(None))
    low, high = np.percentile(white, [5, 99.3])
    axes.imshow(white, origin="lower", cmap="gray", vmin=low, vmax=high)
    for source in comparison.sources:
        if source.x is None or source.y is None:
            continue
        colour = _COLOURS.get(source.kind, _OTHER)
        axes.plot(source.x, source.y, "o", ms=10, mfc="none", mec=colour, mew=1.2)
    axes.set_title(
        "white light, sources found blind (yellow stars, red galaxies, blue emitters)",
        loc="left",
        fontsize=9,
    )
    axes.set_axis_off()


def _spectra(panels: list[Any], cube: Cube, comparison: Comparison) -> None:
    rich = sorted(
        (s for s in comparison.sources if s.x is not None),
        key=lambda s: (len(s.lines), s.snr),
        reverse=True,
    )
    for axes, source in zip(panels, rich[:_SPECTRA], strict=False):
        x, y = round(source.x or 0), round(source.y or 0)
        box = cube.data[
            :,
            max(0, y - _APERTURE) : y + _APERTURE + 1,
            max(0, x - _APERTURE) : x + _APERTURE + 1,
        ]
        spectrum = np.nansum(box, axis=(1, 2))
        axes.plot(cube.wave, spectrum, lw=0.6, color="#3a5a8c")
        low, high = np.percentile(spectrum, [1, 99.7])
        axes.set_ylim(low - 0.15 * (high - low), high * 1.15)
        for line in source.lines:
            axes.axvline(line.wave_true, color="#ef476f", lw=0.5, alpha=0.6)
        axes.set_title(f"{source.name} ({source.kind})", loc="left", fontsize=9)
        axes.tick_params(labelsize=8)
    if panels:
        panels[-1].set_xlabel("wavelength (Angstrom, air)", fontsize=9)
