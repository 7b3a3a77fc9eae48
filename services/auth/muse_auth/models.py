"""Accounts, projects, memberships and tokens as the wire sees them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AccessRequest",
    "Account",
    "Level",
    "Me",
    "Member",
    "NewProject",
    "NewRequest",
    "Owner",
    "Project",
    "Token",
]

Level = Annotated[int, Field(ge=1, le=5)]
"""Privilege in a project, 1 (read own) to 5 (owner), as in Astro-WISE."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Account(_Frozen):
    """A person, or one of our own services."""

    subject: str
    name: str
    kind: Literal["person", "service"]
    scopes: list[str]


class Project(_Frozen):
    """What data are organized by."""

    name: str
    doc: str


class NewProject(_Frozen):
    """A project to be made; its maker owns it."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    doc: str = ""


class Member(_Frozen):
    """An account's privilege in a project."""

    project: str
    subject: str
    level: Level


class Owner(_Frozen):
    """Who decides about a project."""

    subject: str
    name: str


class NewRequest(_Frozen):
    """A wish to become a member."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=2000)] = ""


class AccessRequest(_Frozen):
    """A wish to become a member, until an owner decides."""

    project: str
    subject: str
    name: str
    reason: str
    created_at: datetime


class Me(_Frozen):
    """Who the token says is calling."""

    subject: str
    name: str
    projects: dict[str, int]
    scopes: list[str]


class Token(_Frozen):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int  # seconds
