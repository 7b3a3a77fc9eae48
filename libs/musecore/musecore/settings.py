"""Settings every service shares. Read once, by ``main``, from environment and file.

Names in the environment carry the prefix ``MUSEWISE_``: ``MUSEWISE_DATABASE_URL``. The
file is TOML: shared settings at its top, those of one service in a table of its name.
What is more particular wins: an argument, the environment, a secret's file, the
service's table, the top of the file, the default.
"""

import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from musecore.errors import MuseError

__all__ = ["TABLES", "MusewiseSettings", "SettingInvalid", "SettingMissing"]

PREFIX = "MUSEWISE_"

TABLES = (
    "catalog",
    "scheduler",
    "storage-gateway",
    "worker",
    "auth",
    "portal",
    "migrate",
)
"""Tables that a settings file may have beside the shared settings at its top."""


class SettingMissing(MuseError):
    """A setting that this service cannot do without has no value."""

    code = "setting_missing"


class SettingInvalid(MuseError):
    """A setting has a value that it cannot have, or there is none of this name."""

    code = "setting_invalid"


class MusewiseSettings(BaseSettings):
    """The places a service talks to, who it is there, and how it speaks.

    A service subclasses this in its own ``settings.py`` and adds its own fields.

    Attributes
    ----------
    table
        The table of the settings file that belongs to this service.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="ignore",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    table: ClassVar[str] = ""

    database_url: SecretStr | None = Field(
        default=None,
        examples=["postgresql://musewise_catalog:SECRET@db.example.org/musewise"],
    )
    """PostgreSQL; each service with a role of its own. None in embedded mode."""

    broker_url: SecretStr | None = Field(
        default=None, examples=["amqp://musewise:SECRET@mq.example.org/"]
    )
    """RabbitMQ. None: the broker inside this process (embedded mode)."""

    blobs_url: SecretStr | None = Field(
        default=None,
        examples=["s3+https://KEY:SECRET@s3.example.org/musewise", "file:///data"],
    )
    """The site's store of files: a folder, or a bucket of an S3 server, with
    ``?option=value`` behind it: ``region``, ``create=true`` (make the bucket),
    ``public`` (the server's address for clients), ``timeout_s`` (silence in a call),
    ``patience_s`` (how long a call is repeated)."""

    auth_url: str | None = Field(
        default=None, examples=["https://musewise.example.org/auth"]
    )
    """Where the auth service is: for its public keys, and for tokens."""

    client_id: str | None = Field(default=None, examples=["worker-1"])
    """The service account that this service is (``admin service-account``)."""

    client_secret: SecretStr | None = Field(default=None, examples=["SECRET"])
    """Its secret."""

    issuer: str = "musewise"
    """Who signs the tokens that are believed."""

    audience: str = "musewise"
    """For whom these tokens are."""

    host: str = "127.0.0.1"
    """Address to listen on."""

    port: int = Field(default=0, ge=0, le=65535)
    """Port to listen on; 0 chooses a free one."""

    card: Path | None = None
    """File in which the running service says its url and pid; for scripts."""

    start_patience_s: float = Field(default=60.0, ge=0.0)
    """How long database and broker may be away when the service starts."""

    stop_patience_s: float = Field(default=20.0, ge=0.0)
    """How long requests under way may go on when the service is told to stop."""

    run_dir: Path | None = None
    """Folder for sockets; none: the folder for temporary files."""

    simulation: bool = False
    """Take simulated frames and results too: for load, chaos and scale tests. A
    server of real data refuses them."""

    log_level: str = "INFO"
    """Lowest level that is logged."""

    log_json: bool = True
    """One JSON object per log line; else lines for people."""

    otlp_url: str | None = Field(
        default=None, examples=["http://collector.example.org:4318"]
    )
    """Where traces go, by OTLP over HTTP; none: nowhere."""

    @classmethod
    def load(
        cls,
        config: Path | None = None,
        *,
        secrets: Collection[str] | None = None,
        **given: Any,
    ) -> Self:
        """Read the settings; `given` wins over all, unless it is None.

        Parameters
        ----------
        config
            The file; None: the one that ``MUSEWISE_CONFIG`` names, if it does.
        secrets
            Those that are needed; the files of others are not read, and need not be
            there yet. None: all.

        Raises
        ------
        SettingInvalid
            No such file or name (the nearest right one is given), or a bad value.
        """
        named = config or os.environ.get(f"{PREFIX}CONFIG")
        values = {
            **(_of_file(cls, Path(named), secrets) if named else {}),
            **_of_secret_files(cls, secrets),
        }
        values = {k: v for k, v in values.items() if not _in_environment(k)}
        values |= {k: v for k, v in given.items() if v is not None}
        try:
            return cls(**values)
        except ValidationError as error:
            raise _said(error) from error

    def need(self, name: str) -> str:
        """Give the text of a setting that this service cannot do without.

        Raises
        ------
        SettingMissing
            With the names of the setting in environment and file, and an example.
        """
        value = getattr(self, name)
        if value is None or value == "":
            raise _missing(type(self), name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def environment_name(field: str) -> str:
    """Give the name of a setting in the environment."""
    return PREFIX + field.upper()


def is_secret(cls: type[MusewiseSettings], field: str) -> bool:
    """Tell whether a setting may also be read from a file of its own."""
    return "SecretStr" in str(cls.model_fields[field].annotation)


def _missing(cls: type[MusewiseSettings], name: str) -> SettingMissing:
    variable = environment_name(name)
    ways = [variable]
    if is_secret(cls, name):
        ways.append(f"{variable}_FILE (a file that holds it)")
    example = (cls.model_fields[name].examples or ["…"])[0]
    where = f"[{cls.table}] " if cls.table else ""
    return SettingMissing(
        f"{cls.table or 'This'} needs the setting {name}.",
        hint=f"Set {' or '.join(ways)}, or write into the settings file (--config): "
        f'{where}{name} = "{example}"',
    )


def _in_environment(name: str) -> bool:
    variable = environment_name(name)
    return any(
        key.upper() == variable or key.upper().startswith(f"{variable}__")
        for key in os.environ
    )


def _of_secret_files(
    cls: type[MusewiseSettings], secrets: Collection[str] | None
) -> dict[str, str]:
    """Read the secrets whose files the environment names."""
    found = {}
    for name in cls.model_fields:
        path = os.environ.get(f"{environment_name(name)}_FILE")
        if path and is_secret(cls, name) and (secrets is None or name in secrets):
            found[name] = _secret(Path(path), f"{environment_name(name)}_FILE")
    return found


def _secret(path: Path, named_by: str) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingInvalid(
            f"{named_by} names {path}, which cannot be read: {error.strerror}."
        ) from error


def _of_file(
    cls: type[MusewiseSettings], path: Path, secrets: Collection[str] | None
) -> dict[str, Any]:
    content = _read(path)
    tables = {k: v for k, v in content.items() if isinstance(v, dict)}
    top = {k: v for k, v in content.items() if k not in tables}
    _require_known(tables, TABLES, f"{path}: there is no table")
    where = f"{path}, at the top: there is no shared setting"
    shared = _with_secrets(MusewiseSettings, top, path, secrets)
    _require_known(shared, MusewiseSettings.model_fields, where)
    own = _with_secrets(cls, tables.get(cls.table, {}), path, secrets)
    where = f"{path}, table [{cls.table}]: there is no setting"
    _require_known(own, cls.model_fields, where)
    return shared | own


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise SettingInvalid(
            f"The settings file {path} cannot be read: {error.strerror}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The settings file {path} is no TOML: {error}."
        ) from error


def _with_secrets(
    cls: type[MusewiseSettings],
    values: Mapping[str, Any],
    path: Path,
    secrets: Collection[str] | None,
) -> dict[str, Any]:
    """Put the content of files in the place of ``NAME_file``, for secrets."""
    found = {}
    for key, value in values.items():
        name = key.removesuffix("_file")
        file_of_secret = (
            key not in cls.model_fields
            and name in cls.model_fields
            and is_secret(cls, name)
        )
        if file_of_secret and secrets is not None and name not in secrets:
            continue
        if file_of_secret:
            found[name] = _secret(path.parent / str(value), f"{path}: {key}")
        else:
            found[key] = value
    return found


def _require_known(
    given: Collection[str], known: Collection[str], complaint: str
) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            raise SettingInvalid(
                f"{complaint} {name!r}.",
                hint=f"Did you mean {near[0]!r}?"
                if near
                else f"There are: {', '.join(sorted(known))}.",
            )


def _said(error: ValidationError) -> SettingInvalid:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    return SettingInvalid(
        f"The setting {name} ({environment_name(name)}) does not fit: {first['msg']}."
    )
