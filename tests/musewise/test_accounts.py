"""A fleet with an address per service, and an account instead of a token."""

import httpx
import pytest

from musewise.connection import Connection
from musewise.errors import NotAuthenticatedError, UsageError
from musewise.settings import Account, Server, find_server


class Fleet:
    """Services at addresses of their own; a token holds until `valid` is changed."""

    def __init__(self):
        self.valid = "token-1"
        self.given = 0
        self.seen = []

    def __call__(self, request):
        self.seen.append(str(request.url))
        if request.url.path.endswith("/token"):
            if b"client_secret=right" not in request.content:
                return httpx.Response(401, json={"code": "credentials_wrong"})
            self.given += 1
            return httpx.Response(200, json={"access_token": f"token-{self.given}"})
        good = request.headers.get("Authorization") == f"Bearer {self.valid}"
        return httpx.Response(200 if good else 401, json={"items": []})

    def connect(self, secret="right"):
        server = Server(
            url="http://hub",
            services={"catalog": "http://c:1", "auth": "http://a:2/"},
            account=Account("ann", secret),
        )
        return Connection(server, transport=httpx.MockTransport(self))


def test_each_service_is_asked_at_its_address_with_a_token_for_the_account():
    fleet = Fleet()
    connection = fleet.connect()
    connection.get("/catalog/frames", tag="BIAS")
    connection.get("/scheduler/jobs")
    assert fleet.seen == [
        "http://a:2/token",
        "http://c:1/frames?tag=BIAS",
        "http://hub/scheduler/jobs",
    ]


def test_a_token_that_is_over_is_renewed_and_the_call_repeated():
    fleet = Fleet()
    connection = fleet.connect()
    connection.get("/catalog/frames")
    fleet.valid = "token-2"
    assert connection.get("/catalog/frames") == {"items": []}
    assert fleet.given == 2


def test_a_wrong_secret_is_said():
    with pytest.raises(NotAuthenticatedError):
        Fleet().connect("wrong").get("/catalog/frames")


def test_account_and_addresses_come_from_the_environment(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    server = find_server(
        environ={
            "MUSEWISE_CATALOG_URL": "http://c:1",
            "MUSEWISE_AUTH_URL": "http://a:2",
            "MUSEWISE_CLIENT_ID": "ann",
            "MUSEWISE_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "MUSEWISE_PROJECT": "gto",
        }
    )
    assert server.address("/catalog/frames/x") == "http://c:1/frames/x"
    assert server.account == Account("ann", "s3cret")
    assert server.project == "gto"
    assert "s3cret" not in repr(server)


def test_an_account_without_a_secret_is_said():
    with pytest.raises(UsageError, match="without a secret"):
        find_server("http://hub", environ={"MUSEWISE_CLIENT_ID": "ann"})


def test_account_and_addresses_come_from_the_config_file(tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    (tmp_path / "secret").write_text("s3cret\n")
    config.write_text(
        'url = "https://hub"\nclient_id = "ann"\nclient_secret_file = "secret"\n'
        'project = "gto"\n[services]\nstorage = "https://site/storage"\n'
    )
    monkeypatch.setattr("musewise.settings.CONFIG_FILE", config)
    server = find_server(environ={})
    assert server.address("/storage/files") == "https://site/storage/files"
    assert server.address("/auth/token") == "https://hub/auth/token"
    assert server.account == Account("ann", "s3cret")
