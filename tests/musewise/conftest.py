"""The command line on a canned server, with nothing of the surroundings read."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from musewise.cli import app
from musewise.cli.options import Surroundings
from musewise.session import Session
from musewise.settings import Server
from tests.musewise.canned import TOKEN, URL, make_cube, make_frame
from tests.musewise.canned_server import CannedServer

Cli = Callable[..., Result]


@pytest.fixture
def server() -> CannedServer:
    return CannedServer(frames=[make_cube(), make_frame(2), make_frame(3)])


@pytest.fixture
def muse(server):
    session = Session(Server(url=URL, token=TOKEN), transport=server.transport())
    yield session
    session.close()


@pytest.fixture
def run(server) -> Cli:
    """Run a command; gives exit_code, stdout, stderr."""

    def invoke(*arguments: str, columns: int = 120, stdin: str = "") -> Result:
        named = [*arguments, "--url", URL, "--token", TOKEN]
        return CliRunner().invoke(
            app,
            named,
            obj=Surroundings(server.transport(), poll_s=0.0),
            env={"COLUMNS": str(columns)},
            input=stdin,
        )

    return invoke
