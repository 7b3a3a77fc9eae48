"""Where the server is and who asks: arguments, environment, config file, data folder."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musewise.errors import ServerNotFoundError, UsageError

CONFIG_FILE = Path("~/.config/musewise/config.toml")
USUAL_FOLDERS = (Path(".demo/data"), Path("data"))


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server and the token for it.

    ``local`` says that it runs on this machine and may link files by their path.
    ``token_file`` is read again when the server refuses the token, as an embedded
    server writes a new one now and then.
    """

    url: str
    token: str | None = None
    token_file: Path | None = None
    local: bool = False
    project: str | None = None
    found_in: str = "given"


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Give the folder of what is kept between runs (XDG Base Directory)."""
    env = os.environ if environ is None else environ
    kept = env.get("XDG_STATE_HOME")
    return (Path(kept) if kept else Path("~/.local/state").expanduser()) / "musewise"


def find_server(
    url: str | None = None,
    token: str | None = None,
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Server:
    """Find the server, the most explicit source first.

    Order: arguments; MUSEWISE_URL and MUSEWISE_TOKEN; MUSEWISE_DIR;
    ``~/.config/musewise/config.toml``; ``./.demo/data``, ``./data``.

    Raises
    ------
    ServerNotFoundError
        None of them names a server.
    UsageError
        The named data folder or config file cannot be used.
    """
    env = os.environ if environ is None else environ
    token = token or env.get("MUSEWISE_TOKEN")
    if url:
        return Server(url=url, token=token, found_in="--url")
    if directory:
        return _embedded(directory, token)
    if env.get("MUSEWISE_URL"):
        return Server(url=env["MUSEWISE_URL"], token=token, found_in="MUSEWISE_URL")
    if env.get("MUSEWISE_DIR"):
        return _embedded(Path(env["MUSEWISE_DIR"]), token)
    return _usual_places(token)


def _usual_places(token: str | None) -> Server:
    config = CONFIG_FILE.expanduser()
    if config.is_file():
        return _configured(config, token)
    for folder in USUAL_FOLDERS:
        if (folder / "server.json").is_file():
            return _embedded(folder, token)
    looked = ", ".join(str(place) for place in _places(config))
    raise ServerNotFoundError(f"No server is known; looked at {looked}.")


def _places(config: Path) -> Iterable[str | Path]:
    yield from ("MUSEWISE_URL", "MUSEWISE_DIR", config)
    yield from (folder / "server.json" for folder in USUAL_FOLDERS)


def _embedded(folder: Path, token: str | None) -> Server:
    note = folder / "server.json"
    if not note.is_file():
        raise ServerNotFoundError(
            f"{note} does not exist: no embedded server was started on {folder}.",
            hint=f"Start one: musewise-server up --dir {folder}",
        )
    facts = _json(note)
    token_file = folder / str(facts.get("token_file") or "token")
    return Server(
        url=str(facts["url"]),
        token=token or read_token(token_file),
        token_file=None if token else token_file,
        local=bool(facts.get("local", False)),
        project=facts.get("project"),
        found_in=str(note),
    )


def _json(note: Path) -> dict[str, Any]:
    try:
        facts = json.loads(note.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{note} cannot be read: {error}.") from error
    if not isinstance(facts, dict) or "url" not in facts:
        raise UsageError(f"{note} names no url of a server.")
    return facts


def _configured(config: Path, token: str | None) -> Server:
    try:
        facts = tomllib.loads(config.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{config} cannot be read: {error}.") from error
    if "url" not in facts:
        raise UsageError(f"{config} names no url.", hint='Write: url = "https://..."')
    named = facts.get("token_file")
    token_file = Path(named).expanduser() if named else None
    kept = facts.get("token") or (read_token(token_file) if token_file else None)
    return Server(
        url=facts["url"],
        token=token or kept,
        token_file=token_file,
        local=bool(facts.get("local", False)),
        project=facts.get("project"),
        found_in=str(config),
    )


def read_token(token_file: Path) -> str | None:
    """Read a token; None where there is none, so that the server can say so."""
    try:
        return token_file.read_text().strip() or None
    except OSError:
        return None
