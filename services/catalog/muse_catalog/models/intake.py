"""Taking files in: refusals, states, rows that are known by their metadata only."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from musecore.messages import Kind

__all__ = [
    "FileStatus",
    "FileStatusRequest",
    "Refusal",
    "RefusalRecord",
    "RegisterRequest",
    "Registered",
    "RowToRegister",
]


class Model(BaseModel):
    """A frozen record."""

    model_config = ConfigDict(frozen=True)


class Refusal(Model):
    """Why a file is not taken in, and what would be right."""

    code: str
    detail: str
    hint: str | None


class RefusalRecord(Model):
    """A file that was refused."""

    file_id: Annotated[UUID | None, Field(description="null: a row of /register")]
    filename: str
    project: str
    owner: str
    sha256: str | None
    size: int
    code: str
    detail: str
    hint: str | None
    at: datetime


class FileStatusRequest(Model):
    """Files to be asked about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_ids: Annotated[list[UUID], Field(max_length=1000)]


class FileStatus(Model):
    """What the catalogue has made of a file."""

    file_id: UUID
    state: Annotated[
        Literal["pending", "registered", "refused"],
        Field(description="pending: not heard of yet"),
    ]
    tag: str | None
    frames: list[UUID]
    code: str | None
    detail: Annotated[
        str | None,
        Field(description="why it is refused; or that its exposure was here before"),
    ]


Scalar = str | int | float | bool | None
"""What a keyword can be."""


def _is_broken(text: str) -> bool:
    """Say whether there are surrogates in a text: JSON can write half a sign."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class RowToRegister(Model):
    """A frame whose bytes are not here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
    kind: Kind
    tag: str | None = None
    keywords: Annotated[
        dict[str, Scalar],
        Field(
            description="header keywords; DPR_TYPE, DPR TYPE and ESO DPR TYPE are the "
            "same; an empty value is an absent keyword"
        ),
    ] = {}
    header: Annotated[
        tuple[str, ...],
        Field(
            max_length=1000,
            description="instead of keywords: the cards of each HDU as the file has "
            "them, 80 columns each, one after the other or one in a line",
        ),
    ] = ()

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        if self.keywords and self.header:
            raise ValueError("give the keywords of a row or its header, not both")
        told = (self.name, self.tag, *self.keywords, *self.keywords.values())
        for text in (*told, *self.header):
            if isinstance(text, str) and _is_broken(text):
                raise ValueError(f"the text {text!a:.40} is not Unicode (half a sign)")
        return self


class RegisterRequest(Model):
    """Rows to be registered as metadata only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Annotated[str, Field(min_length=1, max_length=63)]
    rows: Annotated[list[RowToRegister], Field(max_length=10_000)]


class Registered(Model):
    """What became of one row."""

    name: str
    state: Literal["registered", "known", "refused"]
    tag: str | None
    file_id: UUID | None
    frame_id: UUID | None
    code: str | None
    detail: str | None
