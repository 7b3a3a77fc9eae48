"""What a notebook shows is read on a light page and on a dark one."""

import re

from rich.text import Text

from musewise.display.notebook import html_of

COLOURS = ("red", "green", "yellow", "blue", "magenta", "cyan", "dim")
LIGHT, DARK = "ffffff", "111111"


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.1)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_stand_out_from_both_pages():
    shown = html_of(Text.assemble(*((name, name) for name in COLOURS)))
    found = re.findall(r"color: #([0-9a-f]{6})", shown)
    assert len(found) >= len(COLOURS)
    assert [one for one in found if contrast(one, LIGHT) < 3] == []
    assert [one for one in found if contrast(one, DARK) < 3] == []
