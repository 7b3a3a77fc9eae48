"""What the portal says of each service."""

from pydantic import BaseModel, ConfigDict

__all__ = ["SERVICES", "State"]

SERVICES = {
    "catalog": "frames, headers, QC values, lineage, validity",
    "scheduler": "plans, jobs, tasks, attempts, why",
    "storage": "uploads, downloads, the site's inventory",
    "auth": "users, projects, tokens",
}


class State(BaseModel):
    """Whether a service can work, and why not."""

    model_config = ConfigDict(frozen=True)

    name: str
    url: str
    ready: bool
    detail: str
