"""Inputs that only the header of a product names: in Python, in the tree, on disk."""

from pathlib import Path
from typing import Any

import pytest

from musewise.bundles import export_bundle
from musewise.downloads import local_name
from musewise.errors import UsageError
from musewise.results import Frame, Pending
from tests.musewise.canned import CUBE_ID, make_cube, make_frame

MD5 = "ad8f5bc4d6b78588e4b7d47cf79e67fc"


def _pending(n: int, tag: str, filename: str, **more: Any) -> dict[str, Any]:
    frame = {
        "frame_id": None,
        "file_id": f"0199a1b2-0000-5000-8000-{n:012x}",
        "tag": tag,
        "filename": filename,
        "sha256": None,
        "pending": True,
        "data_md5": None,
        **more,
    }
    return {"tag": tag, "frame": frame, "task": None, "inputs": []}


def _lineage() -> dict[str, Any]:
    """A cube made elsewhere: one pixel table, of a raw frame and a bias."""
    raw = {"tag": "OBJECT", "frame": make_frame(9), "task": None, "inputs": []}
    bias = _pending(2, "MASTER_BIAS", "MASTER_BIAS-01.fits", data_md5=MD5)
    table = _pending(1, "PIXTABLE_OBJECT", "PIXTABLE_OBJECT_0001-01.fits")
    table |= {"task": _run("muse_scibasic", 1), "inputs": [raw, bias]}
    return {
        "tag": "DATACUBE_FINAL",
        "frame": make_cube(),
        "task": _run("muse_scipost", 2),
        "inputs": [table],
    }


def _run(recipe: str, rec: int) -> dict[str, Any]:
    return {"recipe": recipe, "rec": rec, "task_id": "x", "ifu": None, "parameters": {}}


@pytest.fixture
def elsewhere(server: Any) -> Any:
    path = f"/catalog/frames/{CUBE_ID}/lineage"
    server.answers[f"GET {path}"] = (200, _lineage())
    return server


def test_a_product_made_elsewhere_knows_what_its_header_names(
    elsewhere: Any, muse: Any
) -> None:
    [table] = muse.frame(CUBE_ID).made_from()["PIXTABLE_OBJECT"]
    assert isinstance(table, Pending)
    assert repr(table) == "<PIXTABLE_OBJECT PIXTABLE_OBJECT_0001-01.fits pending>"
    below = table.made_from()
    [bias], [raw] = below["MASTER_BIAS"], below["OBJECT"]
    assert isinstance(bias, Pending)
    assert bias.data_md5 == MD5
    assert bias.made_from() == {}
    assert type(raw) is Frame  # it is here: it has healed


def test_the_tree_says_what_is_pending(elsewhere: Any, run: Any) -> None:
    done = run("tree", CUBE_ID)
    table, raw, bias = done.stdout.splitlines()[1:]
    assert "pending  by scibasic" in table
    assert "sha256" in raw
    assert f"MASTER_BIAS-01.fits  pending (data md5 {MD5[:12]}" in bias


def test_a_product_made_elsewhere_is_no_bundle(
    elsewhere: Any, muse: Any, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="was not made here"):
        export_bundle(muse, CUBE_ID, tmp_path)


def test_colons_of_a_name_are_kept_where_the_system_takes_them() -> None:
    name = "MUSE.2017-06-16T01:34:56.867.fits"
    assert local_name(name, "posix") == name
    assert local_name(name, "nt") == "MUSE.2017-06-16T01_34_56.867.fits"
