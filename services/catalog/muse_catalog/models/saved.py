"""Questions that a project keeps under a name: the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from muse_catalog.models.frames import Model
from muse_catalog.models.query import ObjectQuery

__all__ = ["SavedQuery", "SavedRecord"]


class SavedRecord(Model):
    """A saved query as it is kept."""

    model_config = ConfigDict(frozen=True)

    project: str
    name: str
    version: Annotated[int, Field(description="to replace it, give it as `expect`")]
    owner: str
    doc: str
    query: ObjectQuery
    changed_by: str
    changed_at: datetime


class SavedQuery(SavedRecord):
    """A saved query in all its forms."""

    q: str | None
    order: str
    columns: str
    url: Annotated[str, Field(description="path and parameters of GET /objects")]
