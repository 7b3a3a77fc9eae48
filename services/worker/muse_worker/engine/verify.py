"""Are the products what the task was for? Exit status 0 alone proves nothing.

Each file is read once from end to end: that proves it complete, and gives its
sha256 and content key at the same price.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from muse_worker.engine.diagnosis import Diagnosis
from muse_worker.models import ClaimedTask
from musecore.errors import Refused
from musecore.fits import HduHeader, ScannedFile, ifu_of, qc_values, scan, scan_headers
from musecore.muse.schema import Recipe

__all__ = ["BadProduct", "VerifiedProduct", "product_tag", "verify"]

_IFU_IN_NAME = re.compile(r"-(\d\d)\.fits$")
_PIXEL_TABLE = "PIXTABLE_"


class BadProduct(Exception):  # noqa: N818  it is the failure class's name
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
        A mandatory product is absent; a file is damaged, of another IFU, or lacks
        its quality control values.
    """
    found = [(path, product_tag(path)) for path in files]
    _require_all(task, [tag for _, tag in found])
    ordinals = _ordinals(tag for _, tag in found)
    with ThreadPoolExecutor(max_workers=2) as pool:
        scanned = list(pool.map(_scanned, found))
    products = []
    for (path, tag), ordinal, file in zip(found, ordinals, scanned, strict=True):
        ifu = _ifu(task, path, file.hdus)
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


def _readable[T](path: Path, read: partial[T]) -> T:
    try:
        return read()
    except Refused as error:
        raise BadProduct(f"The product {path.name} is damaged: {error}") from error


def _require_all(task: ClaimedTask, tags: Collection[str]) -> None:
    missing = [
        f"{output.min} {output.tag} ({list(tags).count(output.tag)} found)"
        for output in task.outputs
        if list(tags).count(output.tag) < output.min
    ]
    if missing:
        raise BadProduct(
            f"{task.spoken} ended with exit status 0 and without what it was to "
            f"make: {', '.join(missing)}. It left: {', '.join(tags) or 'nothing'}."
        )


def _ordinals(tags: Iterable[str]) -> list[int]:
    counts: dict[str, int] = {}
    ordinals = []
    for tag in tags:
        counts[tag] = counts.get(tag, 0) + 1
        ordinals.append(counts[tag])
    return ordinals
