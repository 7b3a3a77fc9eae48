"""OpenStack Swift as one process: ``swift_site.py FOLDER PORT ACCOUNT:USER SECRET``.

Account, container, object and proxy server with the S3 face, on loopback, at PORT to
PORT + 3; one copy of everything, no daemons. It ends with SIGTERM.
"""

import getpass
import os
import signal
import sys
from pathlib import Path

FILTERS = (
    "catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth copy slo "
    "dlo versioned_writes symlink"
)
OPTIONS = {
    "s3api": "location = us-east-1\nmin_segment_size = 5242880\n",
    "slo": "max_manifest_segments = 10000\nmax_manifest_size = 16777216\n"
    "rate_limit_under_size = 0\n",
}
PARTS = ("account", "container", "object")


def write_configuration(folder: Path, port: int, key: str, secret: str) -> None:
    """Write the configuration of the four servers."""
    etc = folder / "etc"
    etc.mkdir(parents=True, exist_ok=True)
    (folder / "srv" / "d1").mkdir(parents=True, exist_ok=True)
    (etc / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = p\nswift_hash_path_suffix = s\n"
        "[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    common = (
        f"[DEFAULT]\nswift_dir = {etc}\nbind_ip = 127.0.0.1\n"
        f"user = {getpass.getuser()}\nworkers = 0\nlog_level = ERROR\n"
        f"log_address = {folder}/no-syslog\ndisable_fallocate = true\n"
    )
    for number, part in enumerate(PARTS, 1):
        (etc / f"{part}-server.conf").write_text(
            f"{common}bind_port = {port + number}\ndevices = {folder}/srv\n"
            f"mount_check = false\nrecon_cache_path = {folder}\n"
            f"[pipeline:main]\npipeline = {part}-server\n"
            f"[app:{part}-server]\nuse = egg:swift#{part}\n"
        )
    account, user = key.split(":")
    options = {**OPTIONS, "tempauth": f"user_{account}_{user} = {secret} .admin\n"}
    filters = "".join(
        f"[filter:{name}]\nuse = egg:swift#{name}\n{options.get(name, '')}"
        for name in FILTERS.split()
    )
    (etc / "proxy-server.conf").write_text(
        f"{common}bind_port = {port}\n[pipeline:main]\n"
        f"pipeline = {FILTERS} proxy-server\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        f"allow_account_management = true\n{filters}"
    )


def make_rings(etc: Path, port: int) -> None:
    """Make rings with one device each, where there are none."""
    from swift.common.ring import RingBuilder

    for number, part in enumerate(PARTS, 1):
        path = etc / f"{part}.ring.gz"
        if path.exists():
            continue
        ring = RingBuilder(4, 1, 0)
        place = {"ip": "127.0.0.1", "port": port + number}
        copy = {"replication_ip": "127.0.0.1", "replication_port": port + number}
        device = {"id": 0, "region": 1, "zone": 1, "weight": 1, "device": "d1"}
        ring.add_dev({**device, **place, **copy, "meta": ""})
        ring.rebalance()
        ring.get_ring().save(str(path))


class Quiet:
    """Takes the log of requests and drops it."""

    def write(self, line: str) -> None:
        """Drop a line."""


def serve(folder: Path, port: int) -> None:
    """Serve until SIGTERM."""
    import eventlet
    from eventlet import wsgi
    from swift.common import utils
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    if os.environ.get("SWIFT_FSYNC") == "0":
        os.fsync = os.fdatasync = lambda _handle: None
        utils.fsync = utils.fsync_dir = lambda _handle: None
    utils.config_fallocate_value("0")
    utils.FALLOCATE_RESERVE = 0
    names = ("proxy", *PARTS)
    for number, name in reversed(list(enumerate(names))):
        app = loadapp(
            f"{folder}/etc/{name}-server.conf", global_conf={"log_name": name}
        )
        listener = eventlet.listen(
            ("127.0.0.1", port + number), backlog=512, reuse_addr=True
        )
        eventlet.spawn(
            wsgi.server,
            listener,
            app,
            log=Quiet(),
            protocol=SwiftHttpProtocol,
            capitalize_response_headers=False,
            log_output=False,
            custom_pool=eventlet.GreenPool(512),
        )
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        eventlet.sleep(3600)


def main(folder: Path, port: int, key: str, secret: str) -> None:
    """Configure and serve."""
    write_configuration(folder, port, key, secret)
    from swift.common.utils import eventlet_monkey_patch, set_swift_dir

    eventlet_monkey_patch()
    set_swift_dir(str(folder / "etc"))
    from swift.common.storage_policy import reload_storage_policies

    reload_storage_policies()
    make_rings(folder / "etc", port)
    serve(folder, port)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), int(sys.argv[2]), sys.argv[3], sys.argv[4])
