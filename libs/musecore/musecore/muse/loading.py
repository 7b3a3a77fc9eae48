"""Reading the five YAML files, from here or from ``history``."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from musecore.errors import NotFound

__all__ = ["FILES", "UnknownModelVersion", "read_files"]

FILES = (
    "frames.yaml",
    "recipes.yaml",
    "calibration_plan.yaml",
    "statics.yaml",
    "modes.yaml",
)

_HERE = Path(__file__).parent
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownModelVersion(NotFound):
    """No such version of the MUSE model is kept."""

    code = "unknown_model_version"


def _version_of(contents: list[dict[str, Any]]) -> str:
    return ".".join(str(content["version"]) for content in contents)


def _read(folder: Path) -> tuple[str, str, list[dict[str, Any]]]:
    texts = [(folder / name).read_bytes() for name in FILES]
    digest = hashlib.sha256()
    for name, text in zip(FILES, texts, strict=True):
        digest.update(name.encode() + b"\0" + text + b"\0")
    # The loader is a safe one: no tag makes a Python object.
    contents = [yaml.load(text, Loader=_Loader) for text in texts]  # noqa: S506
    return _version_of(contents), digest.hexdigest(), contents


@cache
def read_files(version: str | None) -> tuple[str, str, list[dict[str, Any]]]:
    """Give version, sha256 and contents of the five files.

    Raises
    ------
    UnknownModelVersion
        Neither the present files nor ``history`` have `version`.
    """
    present = _read(_HERE)
    if version in (None, present[0]):
        return present
    folder = _HERE / "history" / str(version)
    if not (folder / FILES[0]).is_file():
        kept = sorted(p.name for p in (_HERE / "history").iterdir() if p.is_dir())
        raise UnknownModelVersion(
            f"There is no version {version} of the MUSE model.",
            hint=f"Known: {', '.join([*kept, present[0]])}.",
        )
    return _read(folder)
