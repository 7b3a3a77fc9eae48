"""Compare products: data units byte for byte, headers card by card."""

import re
from pathlib import Path

from astropy.io import fits

# Cards that name a moment, a checksum or a file; all others must agree.
IGNORED = re.compile(
    r"^(DATE|CHECKSUM|DATASUM|DATAMD5|PIPEFILE"
    r"|ESO PRO REC\d+ (RAW|CAL)\d+ NAME)$"
)


def _cards(header: fits.Header) -> list[tuple[str, object]]:
    return [
        (card.keyword, card.value)
        for card in header.cards
        if not IGNORED.match(card.keyword)
    ]


def _compare(name: str, mine: Path, theirs: Path) -> list[str]:
    found = []
    with fits.open(mine, memmap=True) as a, fits.open(theirs, memmap=True) as b:
        if len(a) != len(b):
            return [f"{name}: {len(a)} HDUs, {len(b)}"]
        for one, other in zip(a, b, strict=True):
            if _cards(one.header) != _cards(other.header):
                pairs = zip(_cards(one.header), _cards(other.header), strict=False)
                first = next((p for p in pairs if p[0] != p[1]), "number of cards")
                found.append(f"{name}[{one.name}] header: {first}")
            if one.data is not None and one.data.tobytes() != other.data.tobytes():
                found.append(f"{name}[{one.name}] data")
    return found


def differences(made: dict[str, Path], folder: Path) -> list[str]:
    """Compare files with those of the same name in a folder; one line a difference."""
    found = []
    for name, path in sorted(made.items()):
        other = folder / name
        if other.exists():
            found += _compare(name, path, other)
        else:
            found.append(f"{name}: not made by the script")
    return found
