"""workers, worker, site, pool."""

import json

import pytest


def test_workers_shows_what_each_may_do_and_why(run):
    shown = run("workers").stdout
    for text in ("w1", "garching", "PAUSED", "small 4, large 1", "disk swap"):
        assert text in shown
    assert json.loads(run("workers", "--json").stdout)[0]["name"] == "w1"


def test_a_worker_is_paused_with_a_reason(run, server):
    done = run("worker", "pause", "w1", "--reason", "disk swap")
    assert done.exit_code == 0, done.stderr
    assert server.sent("POST", "/scheduler/workers/w1/pause")


@pytest.mark.parametrize("kind", ["site", "pool"])
def test_sites_and_pools_are_paused(run, server, kind):
    done = run(kind, "pause", "garching", "--reason", "power cut")
    assert "power cut" in done.stdout
    assert server.sent("POST", f"/scheduler/{kind}s/garching/pause")


def test_an_order_that_no_worker_knows_is_refused(run):
    assert run("worker", "dance", "w1").exit_code == 1
