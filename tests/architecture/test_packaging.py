"""The repository installs anywhere, and services are made of the same few files."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path for path in (ROOT / "services").iterdir() if path.is_dir())
NINE = {
    "main",
    "settings",
    "api",
    "consumers",
    "service",
    "rules",
    "store",
    "tables",
    "models",
}
BESIDE = {"engine", "policy", "providers", "migrations", "templates"}
NOT_CODE = {"__init__.py", "py.typed", "__pycache__"}

PINNED = re.compile(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.+!-]+( ; .+)?")
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")
ADDRESS = re.compile(r"[a-z+]+://|www\.| @ |--(index|extra-index|find|trusted)", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.}/~$-])/(?:work|home|root|Users|mnt)/[\w.]")
BINARY = {".png", ".gz", ".fz", ".fits", ".whl", ".zip", ".ico"}


@cache
def tracked() -> tuple[Path, ...]:
    """Give the files that are, or with the next commit will be, under version control."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def locks() -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".lock" or re.fullmatch(r"requirements.*\.txt", path.name)
    ]


def pins(lock: Path) -> list[str]:
    """Give a lock file's entries, each with its hashes, as one line."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_there_is_one_lock_file_beside_those_of_installer_real_files_and_peers() -> (
    None
):
    apart = {".ci/uv.lock", ".ci/real-files.lock", "benchmarks/peers.lock"}
    found = {str(path.relative_to(ROOT)) for path in locks()}
    assert found - apart == {"requirements.lock"}


@pytest.mark.parametrize("pin", pins(ROOT / "requirements.lock"), ids=str.split)
def test_every_pin_is_exact_and_has_hashes(pin: str) -> None:
    requirement, *hashes = re.split(r"\s+(?=--hash)", pin.strip())
    assert PINNED.fullmatch(requirement)
    assert hashes
    assert all(HASHED.fullmatch(one) for one in hashes)


def test_no_lock_file_names_an_address() -> None:
    for lock in locks():
        assert not ADDRESS.search(lock.read_text()), lock.name


def test_every_dependency_is_in_the_lock_file() -> None:
    locked = {re.split(r"[=\[]", pin)[0] for pin in pins(ROOT / "requirements.lock")}
    for project in ("pyproject.toml", "libs/musewise/pyproject.toml"):
        assert wanted(ROOT / project) <= locked, project


def wanted(project: Path) -> set[str]:
    """Give the normalised names of a distribution's dependencies, extras included."""
    table = tomllib.loads(project.read_text())["project"]
    extras = table.get("optional-dependencies", {}).values()
    asked = [*table["dependencies"], *(one for extra in extras for one in extra)]
    names = (re.split(r"[^\w.-]", one)[0] for one in asked)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix not in BINARY
        for match in MACHINE_PATH.finditer(path.read_text(errors="replace"))
    ]
    assert not found


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_says_in_a_few_lines_what_it_owns_hears_and_says(
    service: Path,
) -> None:
    lines = (service / "README.md").read_text().splitlines()
    assert re.fullmatch(rf"# (The )?{service.name}", lines[0])
    said = [line for line in lines[1:] if line]
    assert 2 <= len(said) <= 7
    assert re.search(r"\b[Oo]wns ", said[0])


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_is_one_package(service: Path) -> None:
    [package] = service.glob("muse_*")
    assert {path.name for path in service.iterdir()} - {"__pycache__"} == {
        "README.md",
        package.name,
    }
    assert (package / "py.typed").is_file()


@pytest.mark.parametrize(
    "service",
    [path for path in SERVICES if path.name != "embedded"],
    ids=lambda path: path.name,
)
def test_a_service_is_made_of_the_nine_files(service: Path) -> None:
    [package] = service.glob("muse_*")
    files = {path for path in package.iterdir() if path.name not in NOT_CODE}
    strangers = {p.name for p in files if p.stem not in NINE | BESIDE}
    assert not strangers, "Another name is a decision (CONTRIBUTING.md, 2)."
    assert "main" in {path.stem for path in files}
