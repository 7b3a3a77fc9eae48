"""Asking to become a member of a project, and deciding about it."""

import pytest

from muse_auth.models import Account
from muse_auth.store import AuthStore
from muse_auth.tables import metadata
from musecore.db import model_differences
from tests.auth.test_api import auth, client, signed_in  # noqa: F401  the fixture

pytestmark = pytest.mark.asyncio


async def _people(service, *names):
    """Make accounts; gives a token of each."""
    async with service._database.begin() as tx:
        for name in names:
            person = Account(subject=name, name=name, kind="person", scopes=["user"])
            await AuthStore(tx).put_account(person, None)
    return [await signed_in(service, name) for name in names]


async def test_a_request_is_seen_by_owners_and_settled_by_a_grant(auth):  # noqa: F811
    [bob] = await _people(auth, "bob")
    async with client(auth, bob) as http:
        owners = (await http.get("/projects/local/owners")).json()
        assert owners == [{"subject": "ann", "name": "ann"}]
        for reason in ("please", "for the HDFS paper"):
            asked = await http.post("/projects/local/requests", json={"reason": reason})
            assert asked.status_code == 201
        assert (await http.get("/projects/local/requests")).status_code == 404
    async with client(auth, await signed_in(auth)) as http:
        [seen] = (await http.get("/projects/local/requests")).json()
        assert (seen["subject"], seen["reason"]) == ("bob", "for the HDFS paper")
        granted = await http.put("/projects/local/members/bob", json={"level": 2})
        assert granted.status_code == 200
        assert (await http.get("/projects/local/requests")).json() == []
    again = await signed_in(auth, "bob")
    async with client(auth, again) as http:
        answer = await http.post("/projects/local/requests", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_member")
        seen = await http.get("/projects/local/requests")
        assert (seen.status_code, seen.json()["code"]) == (403, "not_owner")


async def test_a_request_can_be_declined_once(auth):  # noqa: F811
    [bob] = await _people(auth, "bob")
    async with client(auth, bob) as http:
        await http.post("/projects/local/requests", json={})
    async with client(auth, await signed_in(auth)) as http:
        path = "/projects/local/requests/bob"
        assert (await http.delete(path)).status_code == 204
        answer = await http.delete(path)
        assert answer.json()["code"] == "access_request_not_found"


async def test_nobody_asks_for_a_project_that_is_none(auth):  # noqa: F811
    async with client(auth, await signed_in(auth)) as http:
        for answer in (
            await http.get("/projects/mxdf/owners"),
            await http.post("/projects/mxdf/requests", json={}),
        ):
            assert answer.status_code == 404
            assert answer.json()["detail"] == "There is no project 'mxdf'."


async def test_the_tables_are_those_of_the_migrations(databases):
    async with databases.database("auth", "muse_auth") as database:
        assert await model_differences(database, metadata) == []
