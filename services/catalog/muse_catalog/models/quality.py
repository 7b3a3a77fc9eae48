"""What people and limits say of objects: edits, their consequences, remarks, scores."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from muse_catalog.models.frames import KeptText, Model, Validity

__all__ = [
    "Batch",
    "Consequences",
    "Edit",
    "Edited",
    "Grade",
    "Remark",
    "RemarkToAdd",
    "Said",
    "ScoreEntry",
    "ValidityChange",
    "ValidityEntry",
]

Reason = Annotated[KeptText, Field(min_length=3, max_length=2000)]
Grade = Literal["A", "B", "C", "D"]
FlagNames = Annotated[tuple[str, ...], Field(max_length=50)]

LARGEST_BATCH = 10_000


class Asked(Model):
    """What somebody sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Model):
    """What people say of a frame at a time.

    ``verdict`` is what was judged last; a proposal waits beside it.
    """

    is_valid: Validity
    verdict: bool | None
    flags: tuple[str, ...]
    version: int


class ValidityChange(Asked):
    """What a person says of one frame."""

    is_valid: Annotated[
        Validity,
        BeforeValidator(lambda said: "unknown" if said is None else said),
        Field(description="null is unknown: nobody has judged"),
    ]
    reason: Reason
    flags: Annotated[
        FlagNames | None, Field(description="flags set by people; null: as they are")
    ] = None
    expect: Annotated[
        int | None, Field(description="`version` that the editor saw; null: any")
    ] = None


class Edit(Asked):
    """What a person says of one of many frames; what is null stays."""

    frame_id: UUID
    is_valid: Validity | None = None
    flags: FlagNames | None = None
    expect: Annotated[
        int | None, Field(description="`version` that the editor saw; null: any")
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> "Edit":
        if self.is_valid is None and self.flags is None:
            raise ValueError("it says neither is_valid nor flags")
        return self


class Batch(Asked):
    """Edits that are made together, or not at all."""

    reason: Reason
    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=LARGEST_BATCH)]
    dry_run: Annotated[bool, Field(description="true: only say what would follow")] = (
        False
    )

    @model_validator(mode="after")
    def _each_frame_once(self) -> "Batch":
        if len({one.frame_id for one in self.edits}) < len(self.edits):
            raise ValueError("a frame comes twice")
        return self


class Edited(Model):
    """A frame before and after an edit."""

    frame_id: UUID
    tag: str
    ifu: int | None
    filename: str
    before: Said
    after: Said


class Consequences(Model):
    """What a batch changes, and what was made of that."""

    dry_run: bool
    edits: Annotated[list[Edited], Field(description="those that change something")]
    unchanged: Annotated[int, Field(description="edits that say what is said already")]
    products: Annotated[
        int, Field(description="made of these, at any depth, not called bad themselves")
    ]
    by_class: dict[str, int]
    assessed: Annotated[dict[str, int], Field(description="grade -> such products")]
    elsewhere: Annotated[
        int, Field(description="further ones, in projects that the caller cannot see")
    ]
    text: str


class ValidityEntry(Model):
    """What was said of a frame, when and by whom."""

    is_valid: Validity
    flags: tuple[str, ...] = ()
    version: Annotated[
        int | None, Field(description="null: before versions were counted")
    ]
    reason: str
    by: str
    at: datetime


class RemarkToAdd(Asked):
    """A comment; with a grade it is an assessment."""

    text: Annotated[KeptText, Field(min_length=1, max_length=20_000)]
    grade: Grade | None = None
    view: Annotated[
        KeptText | None,
        Field(max_length=2000, description="what was looked at: x=173&y=73&lam=7000"),
    ] = None


class Remark(Model):
    """A comment or an assessment, when and by whom."""

    id: int
    grade: Grade | None
    text: str
    view: str | None
    by: str
    at: datetime


class ScoreEntry(Model):
    """A QC value against the limits of one version: 0 good, 1 warning, 2 bad."""

    name: str
    ifu: int | None
    value: float
    score: Literal[0, 1, 2]
    flag: str
    limits: Annotated[
        dict[str, Any], Field(description="warn and bad, unit, since, until, source")
    ]
    limits_version: int
    at: datetime
