"""Who may import whom: the contracts of pyproject.toml hold, and none was dropped."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
CONTRACTS = {
    "houses",
    "floors",
    "core-floors",
    "settings-at-the-top",
    "client-is-light",
    "who-calls-whom",
    "no-sim-in-production",
    "facts-are-pure",
    "no-web-below-the-door",
    "no-sql-above-the-store",
    "one-door-per-vendor",
}
HEAVY = {"musecore", "musesim", "fastapi", "sqlalchemy", "aio_pika", "numpy", "astropy"}


def configured() -> dict[str, list[str]]:
    settings = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]
    return {
        "contracts": [contract["id"] for contract in settings["contracts"]],
        "packages": settings["root_packages"],
    }


def loaded_by(module: str) -> set[str]:
    """Give the top-level packages that importing a module loads, in a new process."""
    script = f"import {module}, sys; sys.stdout.write(' '.join(sys.modules))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_every_import_keeps_the_contracts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = lint_imports(
        config_filename=str(PYPROJECT), cache_dir=str(tmp_path), no_logo=True
    )
    assert status == 0, capsys.readouterr().out


def test_no_contract_was_dropped() -> None:
    assert set(CONTRACTS) <= set(configured()["contracts"])


def test_every_package_is_under_the_contracts() -> None:
    folders = [*ROOT.glob("libs/*/*"), *ROOT.glob("services/*/*")]
    packages = {f.name for f in folders if (f / "__init__.py").is_file()}
    assert packages == set(configured()["packages"])


@pytest.mark.parametrize("module", ["musewise", "musewise.cli"])
def test_the_client_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(module) & HEAVY


def test_facts_about_muse_load_no_numpy_and_no_database() -> None:
    loaded = loaded_by("musecore.muse.schema") | loaded_by("musecore.messages")
    assert not loaded & {"numpy", "astropy", "fastapi", "sqlalchemy", "httpx"}


@pytest.mark.parametrize(
    ("tests", "service"),
    [
        ("auth", "muse_auth"),
        ("catalog", "muse_catalog"),
        ("scheduler", "muse_scheduler"),
        ("worker", "muse_worker"),
        ("storage_gateway", "muse_storage"),
        ("portal", "muse_portal"),
    ],
)
def test_the_tests_of_a_service_start_only_that_service(
    tests: str, service: str
) -> None:
    script = (
        "import pytest, sys\n"
        f"pytest.main(['--collect-only', '-qq', '-p', 'no:cacheprovider', 'tests/{tests}'])\n"
        "loaded = {n.partition('.')[0] for n in sys.modules if n.startswith('muse_')}\n"
        "sys.stdout.write('\\nLOADED ' + ' '.join(sorted(loaded)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    loaded = done.stdout.rpartition("LOADED ")[2].split()
    assert loaded == [service], done.stdout + done.stderr
