"""Scoring what is in the catalogue by new limits, as an operator does it."""

import asyncio
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import muse_catalog.rules
from muse_embedded.main import cli
from musecore.db import Database
from tests.catalog.catalog import Catalog
from tests.catalog.made import make_master
from tests.support.processes import environment


def _limits(folder: Path) -> Path:
    """Write our limits as another version that allows less read-out noise."""
    ours = Path(muse_catalog.rules.__file__).with_name("flags.yaml").read_text()
    facts = yaml.safe_load(ours) | {"version": 90}
    for limit in facts["limits"]:
        if limit["flag"] == "READ_NOISE_HIGH":
            limit["above"] = 2.0
    path = folder / "limits.yaml"
    path.write_text(yaml.safe_dump(facts))
    return path


async def _run(url: str, *arguments: str):
    return await asyncio.to_thread(
        CliRunner().invoke,
        cli,
        ["rescore", *arguments],
        env=environment({"admin_database_url": url}),
    )


@pytest.mark.asyncio
async def test_one_command_scores_by_new_limits_while_the_catalogue_serves(
    databases, tmp_path
):
    async with databases.url(("catalog", "muse_catalog")) as url:
        database = Database(url, "catalog", pool_size=4)
        catalog = Catalog(database)
        await catalog.start()
        _, made = await make_master(catalog)
        path = str(_limits(tmp_path))
        done = await _run(url, "--limits", path, "--class", "MASTER_BIAS")
        assert done.exit_code == 0, done.output
        assert "limits of version 90: 1 products, 1 scores, 1 with other" in done.output
        frame = await catalog.get(f"/frames/{made.product_id}")
        scores = await catalog.get(f"/frames/{made.product_id}/scores")
        await catalog.stop()
        await database.close()
    assert frame["quality_flags"] == ["READ_NOISE_HIGH"]
    assert [(one["limits_version"], one["score"]) for one in scores] == [
        (90, 2),
        (2, 0),
    ]


@pytest.mark.asyncio
async def test_what_cannot_be_scored_says_why(databases, tmp_path):
    async with databases.url(("catalog", "muse_catalog")) as url:
        for arguments, said in (
            (("--class", "MASTER_BAIS"), "MASTER_BAIS"),
            (("--limits", str(tmp_path / "none.yaml")), "none.yaml"),
            (("--dir", str(tmp_path)), "No embedded server runs on"),
        ):
            done = await _run(url, *arguments)
            assert done.exit_code in (1, 2), done.output
            assert said in done.output
            assert "Traceback" not in done.output
