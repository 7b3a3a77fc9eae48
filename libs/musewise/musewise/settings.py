"""Where the server is and who asks: arguments, environment, config file, data folder.

A fleet whose services have addresses of their own names them beside, or instead of,
the one address: ``MUSEWISE_CATALOG_URL``, or ``[services]`` in the config file. Who
has no token, but an account, names it: ``MUSEWISE_CLIENT_ID`` and
``MUSEWISE_CLIENT_SECRET`` (or ``MUSEWISE_CLIENT_SECRET_FILE``).
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musewise.errors import ServerNotFoundError, UsageError

CONFIG_FILE = Path("~/.config/musewise/config.toml")
USUAL_FOLDERS = (Path(".demo/data"), Path("data"))
SERVICES = ("catalog", "scheduler", "storage", "auth")


@dataclass(frozen=True)
class Account:
    """The account of a person or program; its secret does not show."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server and the token for it.

    ``local`` says that it runs on this machine and may link files by their path.
    ``token_file`` is read again when the server refuses the token, as an embedded
    server writes a new one now and then. ``services`` are the addresses of services
    that are not below ``url``; ``account`` gets tokens where none is given.
    """

    url: str
    token: str | None = None
    token_file: Path | None = None
    local: bool = False
    project: str | None = None
    found_in: str = "given"
    services: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None

    def address(self, path: str) -> str:
        """Give the whole address of a path whose first part is a service."""
        service, slash, rest = path.lstrip("/").partition("/")
        own = self.services.get(service)
        base = self.url.rstrip("/") + f"/{service}" if own is None else own.rstrip("/")
        return f"{base}{slash}{rest}"


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Give the folder of what is kept between runs (XDG Base Directory)."""
    env = os.environ if environ is None else environ
    kept = env.get("XDG_STATE_HOME")
    return (Path(kept) if kept else Path("~/.local/state").expanduser()) / "musewise"


CACHE_BYTES = 20 * 10**9
_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def cache_place(environ: Mapping[str, str] | None = None) -> tuple[Path, int] | None:
    """Give folder and bytes of the cache: MUSEWISE_CACHE and MUSEWISE_CACHE_SIZE.

    None without MUSEWISE_CACHE. The size is written as ``20 GB``.

    Raises
    ------
    UsageError
        The size is none.
    """
    env = os.environ if environ is None else environ
    if not env.get("MUSEWISE_CACHE"):
        return None
    size = env.get("MUSEWISE_CACHE_SIZE") or str(CACHE_BYTES)
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B|)\s*", size.upper())
    if found is None:
        raise UsageError(
            f"MUSEWISE_CACHE_SIZE is {size!r}.", hint="Write for example 20 GB."
        )
    limit = int(float(found[1]) * _SIZES[found[2]])
    return Path(env["MUSEWISE_CACHE"]).expanduser(), limit


def find_server(
    url: str | None = None,
    token: str | None = None,
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Server:
    """Find the server, the most explicit source first.

    Order: arguments; MUSEWISE_URL and MUSEWISE_TOKEN; MUSEWISE_CATALOG_URL and the
    like; MUSEWISE_DIR; ``~/.config/musewise/config.toml``; ``./.demo/data``, ``./data``.

    Raises
    ------
    ServerNotFoundError
        None of them names a server.
    UsageError
        The named data folder or config file cannot be used.
    """
    env = os.environ if environ is None else environ
    token = token or env.get("MUSEWISE_TOKEN")
    known = _Known(token, _services(env), _account(env), env.get("MUSEWISE_PROJECT"))
    if url:
        return known.server(url, "--url")
    if directory:
        return _embedded(directory, token)
    if env.get("MUSEWISE_URL"):
        return known.server(env["MUSEWISE_URL"], "MUSEWISE_URL")
    if known.services:
        some = next(iter(known.services))
        return known.server(known.services[some], f"MUSEWISE_{some.upper()}_URL")
    if env.get("MUSEWISE_DIR"):
        return _embedded(Path(env["MUSEWISE_DIR"]), token)
    return _usual_places(token)


@dataclass(frozen=True)
class _Known:
    """What is known beside the one address."""

    token: str | None
    services: Mapping[str, str]
    account: Account | None
    project: str | None

    def server(self, url: str, found_in: str) -> Server:
        return Server(
            url=url,
            token=self.token,
            found_in=found_in,
            services=self.services,
            account=self.account,
            project=self.project,
        )


def _services(env: Mapping[str, str]) -> dict[str, str]:
    named = {
        service: env.get(f"MUSEWISE_{service.upper()}_URL") for service in SERVICES
    }
    return {service: url for service, url in named.items() if url}


def _account(env: Mapping[str, str]) -> Account | None:
    client_id = env.get("MUSEWISE_CLIENT_ID")
    if not client_id:
        return None
    secret = env.get("MUSEWISE_CLIENT_SECRET")
    named = env.get("MUSEWISE_CLIENT_SECRET_FILE")
    if not secret and named:
        secret = _secret(Path(named), "MUSEWISE_CLIENT_SECRET_FILE")
    if not secret:
        raise UsageError(
            f"MUSEWISE_CLIENT_ID names the account {client_id!r}, without a secret.",
            hint="Set MUSEWISE_CLIENT_SECRET or MUSEWISE_CLIENT_SECRET_FILE.",
        )
    return Account(client_id, secret)


def _secret(path: Path, named_by: str) -> str:
    try:
        return path.expanduser().read_text().strip()
    except OSError as error:
        raise UsageError(f"{path} ({named_by}) cannot be read: {error}.") from error


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
    services = {k: str(v) for k, v in (facts.get("services") or {}).items()}
    return Server(
        services=services,
        account=_configured_account(facts, config),
        url=facts["url"],
        token=token or kept,
        token_file=token_file,
        local=bool(facts.get("local", False)),
        project=facts.get("project"),
        found_in=str(config),
    )


def _configured_account(facts: Mapping[str, Any], config: Path) -> Account | None:
    if "client_id" not in facts:
        return None
    if "client_secret_file" in facts:
        named = config.parent / Path(str(facts["client_secret_file"])).expanduser()
        return Account(str(facts["client_id"]), _secret(named, "client_secret_file"))
    if "client_secret" not in facts:
        raise UsageError(
            f"{config} names a client_id without a secret.",
            hint="Write client_secret_file or client_secret.",
        )
    return Account(str(facts["client_id"]), str(facts["client_secret"]))


def read_token(token_file: Path) -> str | None:
    """Read a token; None where there is none, so that the server can say so."""
    try:
        return token_file.read_text().strip() or None
    except OSError:
        return None
