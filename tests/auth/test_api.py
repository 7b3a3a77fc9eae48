import httpx
import pytest
import pytest_asyncio

from muse_auth.main import Service
from muse_auth.settings import AuthSettings
from muse_auth.tables import metadata
from musecore.db import model_differences


@pytest_asyncio.fixture
async def auth(databases, tmp_path):
    async with databases.database("auth", "muse_auth") as database:
        service = Service(
            AuthSettings(signing_key_path=tmp_path / "key.pem", make_signing_key=True),
            database=database,
        )
        await service.service.bootstrap("ann", "local")
        await service.service.set_secret("ann", "s3cret")
        yield service


def client(service, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://t", headers=headers
    )


async def signed_in(service, subject="ann"):
    return (await service.service.token_of(subject)).access_token


@pytest.mark.asyncio
async def test_the_right_secret_gives_a_token_that_names_its_projects(auth):
    form = {
        "grant_type": "client_credentials",
        "client_id": "ann",
        "client_secret": "s3cret",
    }
    async with client(auth) as http:
        answer = await http.post("/token", data=form)
    principal = await auth.verifier.verify(answer.json()["access_token"])
    assert principal.projects == {"local": 5}


@pytest.mark.parametrize(("subject", "secret"), [("ann", "no"), ("nobody", "s3cret")])
@pytest.mark.asyncio
async def test_a_wrong_secret_and_an_unknown_account_look_the_same(
    auth, subject, secret
):
    form = {
        "grant_type": "client_credentials",
        "client_id": subject,
        "client_secret": secret,
    }
    async with client(auth) as http:
        answer = await http.post("/token", data=form)
    assert answer.status_code == 401
    assert answer.json()["code"] == "credentials_wrong"


@pytest.mark.asyncio
async def test_a_request_without_a_token_is_refused(auth):
    async with client(auth) as http:
        answer = await http.get("/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.asyncio
async def test_the_maker_of_a_project_owns_it_and_gives_levels(auth):
    async with client(auth, await signed_in(auth)) as http:
        assert (await http.post("/projects", json={"name": "hdfs"})).status_code == 201
        twice = await http.post("/projects", json={"name": "hdfs"})
        grant = await http.put(
            "/projects/hdfs/members/musewise-services", json={"level": 2}
        )
        names = [p["name"] for p in (await http.get("/projects")).json()]
    assert twice.json()["code"] == "project_exists"
    assert grant.json()["level"] == 2
    assert names == ["hdfs", "local"]


@pytest.mark.asyncio
async def test_a_project_of_others_looks_as_if_it_did_not_exist(auth):
    await auth.service.bootstrap("bob", "bobs")
    async with client(auth, await signed_in(auth)) as http:
        answer = await http.put("/projects/bobs/members/ann", json={"level": 5})
        unknown = await http.put("/projects/none/members/ann", json={"level": 5})
    assert answer.status_code == unknown.status_code == 404
    assert answer.json()["code"] == unknown.json()["code"] == "project_not_found"


@pytest.mark.asyncio
async def test_the_tables_are_those_of_the_migrations(databases):
    async with databases.database("auth", "muse_auth") as database:
        assert await model_differences(database, metadata) == []
