"""Settings of the embedded server."""

from pathlib import Path

from pydantic import Field

from musecore.settings import MusewiseSettings

__all__ = ["EmbeddedSettings"]

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
