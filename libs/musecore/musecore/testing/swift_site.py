"""OpenStack Swift with its S3 face in one process, on loopback: run as a script.

``python -P swift_site.py FOLDER ACCOUNT:USER SECRET``. Account, container, object and
proxy server, one copy of everything, no daemons beside. Ports are chosen at the first
start and kept in ``FOLDER/ports.json``; ``FOLDER/serves`` appears when it serves. It ends
with SIGTERM, or when the process that started it is gone.
"""

import getpass
import json
import os
import signal
import sys
from pathlib import Path
from time import monotonic
from typing import Any

PARTS = ("proxy", "account", "container", "object")

FILTERS = (
    "catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth copy "
    "container-quotas slo dlo versioned_writes symlink"
)

OPTIONS = {
    "s3api": "location = us-east-1\nmin_segment_size = 5242880\n",
    "slo": "rate_limit_under_size = 0\nmax_manifest_size = 16777216\n",
}

_PROGRAMS = {"container-quotas": "container_quotas"}


def main(folder: Path, key: str, secret: str) -> None:
    """Configure and serve."""
    from swift.common.utils import eventlet_monkey_patch, set_swift_dir

    eventlet_monkey_patch()
    etc = folder / "etc"
    (folder / "srv" / "d1").mkdir(parents=True, exist_ok=True)
    etc.mkdir(exist_ok=True)
    (etc / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = p\nswift_hash_path_suffix = s\n"
        "[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    set_swift_dir(str(etc))
    from swift.common.storage_policy import reload_storage_policies

    reload_storage_policies()
    listeners = _listen(folder / "ports.json")
    ports = {part: sock.getsockname()[1] for part, sock in listeners.items()}
    _configure(folder, ports, key, secret)
    _make_rings(etc, ports)
    (folder / "ports.json").write_text(json.dumps(ports))
    _serve(folder, listeners)
    (folder / "serves").touch()
    _wait()


def _listen(kept: Path) -> dict[str, Any]:
    """Take the ports of the last run, or any that are free."""
    import eventlet

    known = json.loads(kept.read_text()) if kept.exists() else {}
    return {
        part: eventlet.listen(
            ("127.0.0.1", known.get(part, 0)), backlog=512, reuse_addr=True
        )
        for part in PARTS
    }


def _configure(folder: Path, ports: dict[str, int], key: str, secret: str) -> None:
    etc = folder / "etc"
    common = (
        f"[DEFAULT]\nswift_dir = {etc}\nbind_ip = 127.0.0.1\nworkers = 0\n"
        f"user = {getpass.getuser()}\nlog_level = ERROR\n"
        f"log_address = {folder}/no-syslog\ndisable_fallocate = true\n"
    )
    for part in PARTS[1:]:
        (etc / f"{part}-server.conf").write_text(
            f"{common}bind_port = {ports[part]}\ndevices = {folder}/srv\n"
            f"mount_check = false\nrecon_cache_path = {folder}\n"
            f"[pipeline:main]\npipeline = {part}-server\n"
            f"[app:{part}-server]\nuse = egg:swift#{part}\n"
        )
    account, user = key.split(":")
    options = {**OPTIONS, "tempauth": f"user_{account}_{user} = {secret} .admin\n"}
    filters = "".join(
        f"[filter:{name}]\nuse = egg:swift#{_PROGRAMS.get(name, name)}\n"
        f"{options.get(name, '')}"
        for name in FILTERS.split()
    )
    (etc / "proxy-server.conf").write_text(
        f"{common}bind_port = {ports['proxy']}\n"
        f"[pipeline:main]\npipeline = {FILTERS} proxy-server\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        "object_chunk_size = 1048576\nclient_chunk_size = 1048576\n"
        "recheck_account_existence = 2\nrecheck_container_existence = 2\n"
        f"allow_account_management = true\n{filters}"
    )


def _make_rings(etc: Path, ports: dict[str, int]) -> None:
    """Say where each part is: one device each."""
    from swift.common.ring import RingBuilder

    for part in PARTS[1:]:
        path = etc / f"{part}.ring.gz"
        if path.exists():
            continue
        ring = RingBuilder(4, 1, 0)
        device = {"id": 0, "region": 1, "zone": 1, "weight": 1, "device": "d1"}
        for what in ("", "replication_"):
            device |= {f"{what}ip": "127.0.0.1", f"{what}port": ports[part]}
        ring.add_dev(device | {"meta": ""})
        ring.rebalance()
        ring.get_ring().save(str(path))


class _Memory:
    """Keeps what Swift keeps in memcached, for as long as it says: who and what exists.

    Without it every request asks the account and the container first.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, key: str, **_: Any) -> Any:
        """Give what is kept and not over."""
        until, value = self._kept.get(key, (0.0, None))
        return value if until > monotonic() else None

    def set(self, key: str, value: Any, *_: Any, time: float = 0, **__: Any) -> None:
        """Keep a value for some seconds."""
        self._kept[key] = (monotonic() + time, value)

    def delete(self, key: str, **_: Any) -> None:
        """Forget a value."""
        self._kept.pop(key, None)

    def incr(self, key: str, delta: int = 1, time: float = 0, **_: Any) -> int:
        """Count."""
        value = int(self.get(key) or 0) + delta
        self.set(key, value, time=time)
        return value


def _with_memory(app: Any) -> Any:
    memory = _Memory()

    def remembering(environ: dict[str, Any], start_response: Any) -> Any:
        environ["swift.cache"] = memory
        return app(environ, start_response)

    return remembering


class _Quiet:
    """Takes the log of requests and drops it."""

    def write(self, line: str) -> None:
        """Drop a line."""


def _serve(folder: Path, listeners: dict[str, Any]) -> None:
    import eventlet
    from eventlet import wsgi
    from swift.common import utils
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    os.fsync = os.fdatasync = lambda _file: None  # type: ignore[assignment]
    utils.fsync = utils.fsync_dir = lambda _file: None
    utils.config_fallocate_value("0")
    utils.FALLOCATE_RESERVE = 0
    for part in reversed(PARTS):
        app = loadapp(
            f"{folder}/etc/{part}-server.conf", global_conf={"log_name": part}
        )
        if part == "proxy":
            app = _with_memory(app)
        eventlet.spawn(
            wsgi.server,
            listeners[part],
            app,
            log=_Quiet(),
            protocol=SwiftHttpProtocol,
            capitalize_response_headers=False,
            log_output=False,
            custom_pool=eventlet.GreenPool(512),
        )


def _wait() -> None:
    import eventlet

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    parent = os.getppid()
    while os.getppid() == parent:
        eventlet.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2], sys.argv[3])
