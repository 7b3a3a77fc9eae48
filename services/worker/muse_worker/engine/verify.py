"""Are the products what the task was for? Exit status 0 alone proves nothing.

Each file is read once from end to end: that proves it complete, and gives its
sha256 and content key at the same price.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from muse_worker.engine.caveats import add_cards, caveat_cards
from muse_worker.engine.diagnosis import Diagnosis
from muse_worker.models import ClaimedTask
from musecore.errors import Refused
from musecore.fits import HduHeader, ScannedFile, ifu_of, qc_values, scan, scan_headers
from musecore.muse.schema import Recipe

__all__ = ["BadProduct", "VerifiedProduct", "product_tag", "verify"]

_IFU_IN_NAME = re.compile(r"-(\d\d)\.fits$")

_Read = TypeVar("_Read")

_OF_AN_IFU = re.compile(r"\bIFU \d+")
"""A caveat about an IFU that is missing: the only one that adds cards."""


class BadProduct(Exception):
    """A product is missing or wrong; the diagnosis says which and how."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.diagnosis = Diagnosis("bad_product", detail)


@dataclass(frozen=True)
class VerifiedProduct:
    """A product file that is what it says; ``ordinal`` counts within its tag."""

    path: Path
    tag: str
    ordinal: int
    ifu: int | None
    scanned: ScannedFile


def verify(
    task: ClaimedTask, recipe: Recipe, files: Sequence[Path]
) -> list[VerifiedProduct]:
    """Check all products of a task; heavy: call it in a thread.

    Parameters
    ----------
    files
        What the recipe left, in the order of the names.

    Raises
    ------
    BadProduct
        A mandatory product is absent or lacks its quality control values; a file is
        damaged or of another IFU.
    """
    found = [(path, product_tag(path)) for path in files]
    _require_all(task, [tag for _, tag in found])
    _add_caveats(task, files)
    ordinals = _ordinals(tag for _, tag in found)
    mandatory = {output.tag for output in task.outputs if output.min}
    with ThreadPoolExecutor(max_workers=2) as pool:
        scanned = list(pool.map(_scanned, found))
    products = []
    for (path, tag), ordinal, file in zip(found, ordinals, scanned, strict=True):
        ifu = _ifu(task, path, file.hdus)
        if tag in mandatory:
            _require_qc(recipe, tag, path, file.hdus)
        products.append(VerifiedProduct(path, tag, ordinal, ifu, file))
    return products


def product_tag(path: Path) -> str:
    """Give the PRO.CATG of a product file.

    Raises
    ------
    BadProduct
        The file is no whole FITS file or has no PRO.CATG.
    """
    hdus = _readable(path, partial(scan_headers, path))
    tag = hdus[0].header.get("ESO PRO CATG")
    if not isinstance(tag, str) or not tag:
        raise BadProduct(f"{path.name} has no ESO PRO CATG: it is no product.")
    return tag


def _scanned(found: tuple[Path, str]) -> ScannedFile:
    path, tag = found
    return _readable(path, partial(scan, path, content=tag))


def _readable(path: Path, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except Refused as error:
        raise BadProduct(f"The product {path.name} is damaged: {error}") from error


def _require_all(task: ClaimedTask, tags: Sequence[str]) -> None:
    missing = [
        f"{output.tag} ({tags.count(output.tag)} of {output.min})"
        for output in task.outputs
        if tags.count(output.tag) < output.min
    ]
    if missing:
        raise BadProduct(
            f"{task.spoken} ended with exit status 0 and without what it was to "
            f"make: {', '.join(missing)}. It left: {', '.join(tags) or 'nothing'}."
        )


def _add_caveats(task: ClaimedTask, files: Sequence[Path]) -> None:
    """Write into products of the whole field what is missing in them."""
    missing = [caveat for caveat in task.caveats if _OF_AN_IFU.search(caveat)]
    if task.ifu is not None or not missing:
        return
    ifus = [entry.ifu for entry in task.inputs if entry.ifu is not None]
    for path in files:
        add_cards(path, caveat_cards(missing, ifus))


def _ordinals(tags: Iterable[str]) -> list[int]:
    counts: dict[str, int] = {}
    ordinals = []
    for tag in tags:
        counts[tag] = counts.get(tag, 0) + 1
        ordinals.append(counts[tag])
    return ordinals


def _ifu(task: ClaimedTask, path: Path, hdus: Sequence[HduHeader]) -> int | None:
    """Give the IFU of a product: from its header, or from its name."""
    in_name = _IFU_IN_NAME.search(path.name)
    told = {ifu for ifu in map(ifu_of, (h.extname for h in hdus)) if ifu}
    if in_name is not None and int(in_name[1]):
        told.add(int(in_name[1]))
    if task.ifu is None:
        return told.pop() if in_name is not None and len(told) == 1 else None
    if told - {task.ifu}:
        raise BadProduct(
            f"{path.name} is of IFU {', '.join(map(str, sorted(told)))}; "
            f"the task was {task.spoken}."
        )
    return task.ifu


def _require_qc(
    recipe: Recipe, tag: str, path: Path, hdus: Sequence[HduHeader]
) -> None:
    """Refuse a product that should have quality control values and has none.

    Any value that the recipe writes will do: those about single sources are absent
    from an image in which it found none.
    """
    expected = [key.key for key in recipe.qc if tag in key.products]
    if not expected:
        return
    names = [f"ESO {value.name}" for value in qc_values(hdus)]
    if not any(key.pattern.match(name) for key in recipe.qc for name in names):
        raise BadProduct(
            f"{path.name} has none of the quality control values of {recipe.name}; "
            f"a {tag} should have {expected[0]}."
        )
