"""Settings of the embedded server."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from musecore.settings import MusewiseSettings

__all__ = ["AdminSettings", "EmbeddedSettings"]

GIB = 1024**3


class EmbeddedSettings(MusewiseSettings):
    """All of musewise in one process tree, in one folder."""

    dir: Path
    """Folder of everything: database, objects, broker journal, keys, logs."""

    port: int = Field(default=8642, ge=0, le=65535)
    """0 chooses a free one; ``server.json`` says which."""

    slots: int = 2
    """Recipes that may run at the same time."""

    project: str = "local"
    person: str = "local"

    keep_free_bytes: int = 8 * GIB
    """Below this, rebuildable products (pixel tables) are dropped, oldest first."""

    reserve_bytes: int = GIB // 4
    """Below this, nothing more is stored: the store is full."""

    fsync: bool = True
    lease_s: float = 90.0
    esorex: str = "esorex"

    @property
    def objects(self) -> Path:
        """Where the blobs are."""
        return self.dir / "objects"

    @property
    def server_card(self) -> Path:
        """The file that tells clients where the server is."""
        return self.dir / "server.json"


class AdminSettings(MusewiseSettings):
    """What ``migrate``, ``admin``, ``backup`` and ``restore`` need."""

    table: ClassVar[str] = "migrate"

    admin_database_url: SecretStr | None = Field(
        default=None,
        examples=["postgresql://musewise:SECRET@db.example.org/musewise"],
    )
    """PostgreSQL, with the role that owns the schemas and may make roles. None: that
    of database_url."""

    log_level: str = "WARNING"
    """Lowest level that is logged."""

    log_json: bool = False
    """One JSON object per log line; else lines for people."""

    @property
    def database(self) -> str:
        """URL of the database, as its owner."""
        if self.admin_database_url is None and self.database_url is not None:
            return self.need("database_url")
        return self.need("admin_database_url")
