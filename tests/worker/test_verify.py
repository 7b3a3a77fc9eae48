"""Products are believed when they are read, not when exit status is 0."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from astropy.io import fits

from muse_worker.engine.verify import BadProduct, verify
from muse_worker.models import ClaimedTask
from musecore.fits import content_key
from musecore.muse.schema import load
from tests.worker.world import SHA, make_product


def make_task(**changes: Any) -> ClaimedTask:
    values = {
        "task_id": uuid4(),
        "attempt": 1,
        "key": SHA,
        "recipe": "muse_bias",
        "ifu": 7,
        "parameters": {},
        "set_parameters": {},
        "inputs": [],
        "outputs": [{"tag": "MASTER_BIAS", "min": 1, "per_ifu": True}],
        "threads": 1,
        "memory_mb": 1500,
        "timeout_s": 60,
        "lease_s": 20,
        "project": "local",
        "owner": "anna",
    }
    return ClaimedTask.model_validate(values | changes)


def verified(files: list[Path], **changes: Any):
    task = make_task(**changes)
    return verify(task, load().recipe(task.recipe), files)


def test_a_good_product_is_given_with_its_sums(tmp_path: Path):
    path = make_product(tmp_path / "MASTER_BIAS-07.fits")
    (product,) = verified([path])
    assert (product.tag, product.ordinal, product.ifu) == ("MASTER_BIAS", 1, 7)
    assert product.scanned.content_key == content_key(path, "MASTER_BIAS")
    assert product.scanned.size == path.stat().st_size


def test_a_mandatory_product_that_is_absent_is_named():
    with pytest.raises(BadProduct, match=r"MASTER_BIAS \(0 of 1\).*left: nothing"):
        verified([])


def test_a_product_that_ends_too_early_is_refused(tmp_path: Path):
    path = make_product(tmp_path / "MASTER_BIAS-07.fits")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 2880)
    with pytest.raises(BadProduct, match=r"MASTER_BIAS-07\.fits is damaged"):
        verified([path])


def test_a_product_of_another_ifu_is_refused(tmp_path: Path):
    path = make_product(tmp_path / "MASTER_BIAS-08.fits", ifu=8)
    with pytest.raises(
        BadProduct, match="is of IFU 8; the task was muse_bias of IFU 7"
    ):
        verified([path])


def test_a_product_without_quality_control_values_is_refused(tmp_path: Path):
    path = make_product(tmp_path / "MASTER_BIAS-07.fits", qc={})
    with pytest.raises(BadProduct, match="none of the quality control values"):
        verified([path])


def test_a_file_without_pro_catg_is_no_product(tmp_path: Path):
    path = tmp_path / "MASTER_BIAS-07.fits"
    fits.PrimaryHDU().writeto(path)
    with pytest.raises(BadProduct, match="has no ESO PRO CATG"):
        verified([path])


def test_products_of_one_tag_are_counted_in_the_order_of_their_names(tmp_path: Path):
    files = [
        make_product(tmp_path / f"IMAGE_FOV_000{n}.fits", "IMAGE_FOV", None, {})
        for n in (1, 2)
    ]
    products = verified(files, recipe="muse_scipost", ifu=None, outputs=[])
    assert [(p.tag, p.ordinal, p.ifu) for p in products] == [
        ("IMAGE_FOV", 1, None),
        ("IMAGE_FOV", 2, None),
    ]


def test_caveats_are_written_into_a_field_product_before_it_is_summed(tmp_path: Path):
    path = make_product(tmp_path / "IMAGE_FOV_0001.fits", "IMAGE_FOV", None, {})
    caveat = "IFU 03 missing: muse_flat failed"
    pixel_table = {"tag": "PIXTABLE_OBJECT", "file_id": uuid4(), "object_key": "o/1"}
    pixel_table |= {"filename": "p.fits", "sha256": SHA, "content_key": SHA, "size": 1}
    inputs = [pixel_table | {"ifu": ifu} for ifu in (1, 2)]
    (product,) = verified(
        [path],
        recipe="muse_scipost",
        ifu=None,
        outputs=[],
        inputs=inputs,
        caveats=[caveat],
    )
    header = fits.getheader(path)
    assert header["MUSEWISE CAVEAT1"] == caveat
    assert header["MUSEWISE IFUS"] == "1-2"
    assert product.scanned.content_key == content_key(path, "IMAGE_FOV")
