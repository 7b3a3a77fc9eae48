"""The first administrator by one command; accounts and projects."""

import asyncio

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muse_auth.main import Service
from muse_auth.rules import CredentialsWrong
from muse_auth.settings import AuthSettings
from muse_embedded.main import cli
from musecore.db import Database
from musecore.identity import SigningKey
from tests.support.processes import environment


class Hall:
    """The commands on one database, and the auth service beside them."""

    def __init__(self, url, folder):
        self.url = url
        self.folder = folder
        key = folder / "key.pem"
        SigningKey.generate().save(key)
        self.database = Database(url, "auth", pool_size=2)
        self.auth = Service(AuthSettings(signing_key_path=key), database=self.database)

    async def admin(self, *arguments):
        done = await asyncio.to_thread(
            CliRunner().invoke,
            cli,
            ["admin", *arguments],
            env=environment({"admin_database_url": self.url}),
        )
        assert "Traceback" not in done.output
        return done

    async def signed_in(self, name, secret):
        token = await self.auth.service.token(name, secret)
        return await self.auth.verifier.verify(token.access_token)

    async def audit(self):
        async with self.database.begin() as tx:
            rows = await tx.execute("SELECT by, what, detail FROM audit ORDER BY id")
            return [tuple(row) for row in rows]


@pytest_asyncio.fixture
async def hall(databases, tmp_path):
    async with databases.url(("auth", "muse_auth")) as url:
        made = Hall(url, tmp_path)
        yield made
        await made.database.close()


@pytest.mark.asyncio
async def test_one_command_makes_the_first_administrator(hall):
    done = await hall.admin("create", "ann", "--project", "gto")
    assert done.exit_code == 0, done.output
    secret = done.stdout.strip()
    principal = await hall.signed_in("ann", secret)
    assert principal.is_admin
    assert principal.projects == {"gto": 5}
    said = await hall.audit()
    assert [what for _, what, _ in said] == ["account made", "project made", "grant"]
    assert all(by.startswith("admin ") for by, _, _ in said)
    assert secret not in str(said)


@pytest.mark.asyncio
async def test_twice_is_harmless_and_shows_no_secret(hall):
    secret = (await hall.admin("create", "ann", "--project", "gto")).stdout.strip()
    again = await hall.admin("create", "ann", "--project", "gto")
    assert again.exit_code == 0
    assert again.stdout == ""
    assert "reset-secret ann" in again.stderr
    assert (await hall.signed_in("ann", secret)).is_admin
    assert len(await hall.audit()) == 3


@pytest.mark.asyncio
async def test_a_service_account_takes_its_secret_from_a_file(hall):
    path = hall.folder / "secret"
    path.write_text("a very long secret\n")
    done = await hall.admin("service-account", "worker-1", "--secret-file", str(path))
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    principal = await hall.signed_in("worker-1", "a very long secret")
    assert principal.is_service
    assert not principal.is_admin


@pytest.mark.asyncio
async def test_after_a_reset_the_old_secret_ends(hall):
    old = (await hall.admin("service-account", "w")).stdout.strip()
    new = (await hall.admin("reset-secret", "w")).stdout.strip()
    assert (await hall.signed_in("w", new)).is_service
    with pytest.raises(CredentialsWrong):
        await hall.signed_in("w", old)


@pytest.mark.asyncio
async def test_a_project_is_made_once_and_may_have_further_owners(hall):
    for name in ("ann", "bob"):
        await hall.admin("create", name)
    first = await hall.admin("project", "gto", "--owner", "ann")
    assert "made" in first.stderr
    second = await hall.admin("project", "gto", "--owner", "bob")
    assert "was there" in second.stderr
    secret = (await hall.admin("reset-secret", "bob")).stdout.strip()
    assert (await hall.signed_in("bob", secret)).projects == {"gto": 5}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reset-secret", "nobody"), "There is no account 'nobody'"),
        (("project", "gto", "--owner", "nobody"), "There is no account 'nobody'"),
        (("create", "Ann Miller"), "cannot be a name"),
    ],
)
@pytest.mark.asyncio
async def test_what_cannot_be_is_said(hall, arguments, said):
    done = await hall.admin(*arguments)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


@pytest.mark.asyncio
async def test_a_person_s_name_is_not_taken_by_a_service(hall):
    await hall.admin("create", "ann")
    done = await hall.admin("service-account", "ann")
    assert done.exit_code == 1
    assert "is a person's" in done.stderr


@pytest.mark.asyncio
async def test_too_short_a_secret_is_refused(hall):
    path = hall.folder / "secret"
    path.write_text("123\n")
    done = await hall.admin("create", "ann", "--secret-file", str(path))
    assert done.exit_code == 2
    assert await hall.audit() == []
