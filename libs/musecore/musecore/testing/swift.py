"""A private S3 server for tests: OpenStack Swift, one process, own ports.

It comes with the Python environment, runs as root and as anyone, keeps what it has over
a restart, and is ended by its pid.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx

from musecore.blobs import S3Place, S3Store

__all__ = ["PrivateSwift"]

_SITE = Path(__file__).with_name("swift_site.py")
_START_S = 60.0
_STOP_S = 20.0


class PrivateSwift:
    """One site under a folder.

    Parameters
    ----------
    folder
        Everything it writes; the port is kept, so that it comes back on the same.
    """

    KEY = "site1:svc"
    SECRET = "secret"  # noqa: S105  of a server on loopback, for tests

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}

    def start(self) -> Self:
        """Start it; returns when it serves."""
        self._folder.mkdir(parents=True, exist_ok=True)
        serves = self._folder / "serves"
        serves.unlink(missing_ok=True)
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603
                # -P: else the folder of this file hides the package swift
                [sys.executable, "-P", _SITE, self._folder, self.KEY, self.SECRET],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        end = time.monotonic() + _START_S
        while not serves.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                text = (self._folder / "out").read_text(errors="replace")
                raise RuntimeError(f"Swift does not start:\n{text[-3000:]}")
            time.sleep(0.02)
        self._ports = json.loads((self._folder / "ports.json").read_text())
        return self

    @property
    def port(self) -> int:
        """Where clients connect, on 127.0.0.1."""
        return self._ports["proxy"]

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self._process is None else self._process.pid

    def stop(self) -> None:
        """Stop it in order; harmless when it does not run."""
        if self._process is not None:
            self._process.terminate()
            self._end()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=_STOP_S)
        self._process = None

    def remove(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, bucket: str, *, port: int | None = None, **options: Any) -> str:
        """Give the ``blobs_url`` of a bucket; `port` may be that of a proxy before us."""
        who = f"{quote(self.KEY, safe='')}:{self.SECRET}"
        place = f"127.0.0.1:{port or self.port}/{bucket}"
        return f"s3+http://{who}@{place}?{urlencode(options)}"

    def store(
        self, bucket: str | None = None, *, port: int | None = None, **options: Any
    ) -> S3Store:
        """Give a store; without a name its bucket is a new one."""
        given = {"create": "true", **options}
        name = bucket or f"t-{uuid4().hex}"
        return S3Store(S3Place.of(self.url(name, port=port, **given)))

    def limit(self, bucket: str, max_bytes: int) -> None:
        """Give a bucket a quota, past the proxy: its own API needs memcached."""
        path = f"/AUTH_{self.KEY.partition(':')[0]}/{bucket}"
        place = hashlib.md5(f"p{path}s".encode(), usedforsecurity=False).digest()
        partition = int.from_bytes(place[:4], "big") >> 28  # rings of 2**4
        answer = httpx.post(
            f"http://127.0.0.1:{self._ports['container']}/d1/{partition}{path}",
            headers={
                "X-Timestamp": f"{time.time():.5f}",
                "X-Container-Meta-Quota-Bytes": str(max_bytes),
            },
        )
        answer.raise_for_status()
