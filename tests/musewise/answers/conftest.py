"""Three biases and two exposures on a real server, and how they are asked for."""

import pytest

from musewise import Query
from tests.musewise.answers.files import FILES
from tests.support.house import House


@pytest.fixture(scope="module")
def house(databases, tmp_path_factory):
    with House(databases, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def muse(house):
    with house.person("anna", local=5) as session:
        house.put(session, house.folder / "in", **FILES)
        yield session


@pytest.fixture
def asked(muse):
    """All objects, by name and IFU, on this server."""
    return Query(session=muse).order_by("filename", "nifu")
