"""Answers that break off, and disks that are full: no half file, nothing lost."""

import json
import os
import resource
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from musecore.messages import FileStored
from musewise import Query
from musewise.errors import (
    BrokenOffError,
    DiskFullError,
    Error,
    FileAway,
)
from musewise.exports import FORMATS, stream_rows
from musewise.session import Session
from tests.catalog.catalog import finished, product, used
from tests.catalog.frames import make_product


# -- broken off, no room
class Cut(httpx.HTTPTransport):
    """A network that goes away after so many bytes."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def handle_request(self, request):
        answer = super().handle_request(request)
        if "/export" not in request.url.path and "/stream" not in request.url.path:
            return answer
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_CutStream(answer.stream, self.left),
            extensions=answer.extensions,
        )


class _CutStream(httpx.SyncByteStream):
    def __init__(self, stream, left):
        self._stream, self._left = stream, left

    def __iter__(self):
        for chunk in self._stream:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                raise httpx.RemoteProtocolError("peer closed connection")

    def close(self):
        self._stream.close()


@pytest.fixture
def cut(muse):
    session = Session(muse.server, transport=Cut(150))
    yield session
    session.close()


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "fits"])
def test_an_export_that_is_broken_off_leaves_the_old_file(cut, tmp_path, name):
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(BrokenOffError, match="ended before it was whole"):
        Query(session=cut).to_file(path, name)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_stream_that_is_broken_off_is_seen(cut, asked, monkeypatch):
    with pytest.raises(BrokenOffError):
        list(stream_rows(Query(session=cut).select("filename")))
    whole = b"".join(_raw_stream(asked))
    lines = whole.splitlines()
    assert json.loads(lines[-1]) == {"complete": True, "count": 10}

    def without_end(connection, path, given):
        from contextlib import nullcontext

        return nullcontext(httpx.Response(200, content=b"\n".join(lines[:-1])))

    monkeypatch.setattr("musewise.exports._reading", without_end)
    with pytest.raises(BrokenOffError, match="after 10 rows"):
        list(stream_rows(asked))


def _raw_stream(asked):
    session = asked.session
    given = {**asked.parameters(), "columns": "filename"}
    with session.connection.stream("/catalog/objects/stream", params=given) as answer:
        yield from answer.iter_bytes()


def test_a_server_that_fails_on_the_way_ends_no_file(house, asked, tmp_path):
    from muse_catalog.service import Objects
    from musecore.errors import Unavailable

    sheet = Objects.sheet
    calls = []

    async def failing(self, *given, **more):
        calls.append(1)
        if len(calls) > 1:
            raise Unavailable("The database went away.")
        return await sheet(self, *given, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(Objects, "sheet", failing)
    patch.setattr(house.catalog._streams, "_page", 4)
    try:
        with pytest.raises(BrokenOffError):
            asked.select("filename").to_csv(tmp_path / "x.csv")
        calls.clear()
        with pytest.raises(Error, match="The database went away"):
            list(stream_rows(asked.select("filename")))
    finally:
        patch.undo()
    assert os.listdir(tmp_path) == []


@contextmanager
def no_file_beyond(size):
    """Let this process write no file of more bytes, as on a full disk.

    Nor compiled modules: Python keeps one that was cut off, and fails at it later.
    """
    kept, compiles = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        sys.dont_write_bytecode = compiles


def test_a_full_disk_leaves_nothing_half_written(asked, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("old")
    with no_file_beyond(300):
        with pytest.raises(DiskFullError, match="There is no room for"):
            asked.to_jsonl(path)
        frame = asked.first()
        with pytest.raises(DiskFullError):
            frame.retrieve(tmp_path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.jsonl"]


def test_a_file_that_does_not_fit_is_not_begun(asked, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("musewise.downloads.shutil.disk_usage", lambda _: usage)
    with pytest.raises(DiskFullError, match="has room for 100"):
        asked.first().retrieve(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_bundle_that_is_broken_off_has_no_script_and_is_gone_on_with(
    house, asked, tmp_path
):
    raw = [one for one in asked if one.filename in ("bias1.fits", "hdfs.fits")]
    read = [used(_as_stored(one), one.tag, one.ifu) for one in raw]
    made = product(
        make_product("DATACUBE_FINAL", value=3.0), "C.fits", "DATACUBE_FINAL"
    )
    house.tell(finished("muse_scipost", read, [made], project="bundles"))
    emil = house.person("emil", local=5, bundles=5)
    folder = tmp_path / "bundle"
    second = raw[-1]
    stored = house.blobs / "objects" / second.file_id
    stored.rename(house.folder / "kept")
    heard = []
    try:
        with pytest.raises(FileAway):
            emil.export(str(made.product_id), folder, told=heard.append)
    finally:
        (house.folder / "kept").rename(stored)
    assert not (folder / "run.sh").exists()
    assert list(folder.rglob("*.part")) == []
    emil.export(str(made.product_id), folder, told=heard.append)
    assert os.access(folder / "run.sh", os.X_OK)
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False
    )
    assert checked.returncode == 0
    with no_file_beyond(700), pytest.raises(DiskFullError):
        emil.export(str(made.product_id), folder, told=heard.append)
    assert not (folder / "run.sh").exists()
    emil.close()


def _as_stored(frame):
    return FileStored.model_construct(
        file_id=frame.file_id,
        filename=frame.filename,
        sha256=frame.sha256,
        content_key=frame.content_key,
    )
