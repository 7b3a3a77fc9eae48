"""What a process of one service loads: it is started often, and in haste."""

import subprocess
import sys


def modules_of(service: str, package: str) -> set[str]:
    """Start ``musewise-server SERVICE`` up to its wiring; give what is imported."""
    program = (
        f"import sys; sys.argv = ['musewise-server', {service!r}]\n"
        f"import muse_embedded.main, {package}.main\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_a_worker_starts_without_what_speaks_to_a_database():
    assert not {"sqlalchemy", "alembic"} & modules_of("worker", "muse_worker")


def test_a_service_starts_without_the_packages_of_others():
    ours = {"muse_auth", "muse_scheduler", "muse_storage", "muse_worker"}
    assert not ours & modules_of("catalog", "muse_catalog")
