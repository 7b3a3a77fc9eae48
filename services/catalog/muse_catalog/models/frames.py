"""Frames and what is known of them: the domain's nouns and the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from musecore.messages import Kind

__all__ = [
    "EVERYTHING",
    "Access",
    "FileFilter",
    "FileRecord",
    "FileState",
    "Frame",
    "FrameFilter",
    "FramePage",
    "FrameRecord",
    "HeaderHdu",
    "HeaderText",
    "KeptText",
    "Night",
    "QcRow",
    "TemplateSet",
    "Validity",
    "storable",
]

FileState = Literal["STORED", "METADATA_ONLY", "EVICTED"]
TypedColumns = dict[str, Any]


def storable(text: str) -> str:
    """Give a text that PostgreSQL can keep.

    Raises
    ------
    ValueError
        It has a NUL, or half of a pair of signs.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it has half a sign, which cannot be kept") from None
    if "\x00" in text:
        raise ValueError("it has a NUL, which cannot be kept")
    return text


KeptText = Annotated[str, AfterValidator(storable)]
"""A text that somebody writes and we keep."""


def _word(said: Any) -> Any:
    """Give the word for what clients of older versions say: true, false."""
    words = {"true": "yes", "false": "no"}
    return words.get(str(said).lower(), said)


Validity = Annotated[
    Literal["yes", "no", "unknown", "proposed"], BeforeValidator(_word)
]
"""What people say of a frame; unknown: nobody has judged it."""


class Model(BaseModel):
    """A frozen record."""

    model_config = ConfigDict(frozen=True)


class Access(Model):
    """Which frames somebody may know of: all, or those of some projects."""

    everything: bool
    projects: frozenset[str]


EVERYTHING = Access(everything=True, projects=frozenset())
"""What the service itself may see."""


class FileRecord(Model):
    """A file as the catalogue keeps it; one row of table ``file``."""

    file_id: UUID
    kind: Kind
    tag: str
    filename: str
    arcfile: str
    sha256: str
    content_key: str
    size: int  # bytes
    object_key: str | None
    project: str
    owner: str
    state: FileState
    night: date | None
    date_obs: str | None
    mjd_us: int | None  # integer microseconds of MJD, UTC
    exptime_s: float | None
    object: str | None
    target: str | None
    ins_mode: str | None
    tpl_start: str | None
    tpl_expno: int | None
    tpl_nexp: int | None
    tpl_id: str | None
    obs_id: int | None
    obs_name: str | None
    prog_id: str | None
    ra: float | None  # deg
    dec: float | None  # deg
    recipe: str | None
    task_id: UUID | None
    attempt: int | None
    keywords: TypedColumns
    quality_flags: list[str]


class FrameRecord(Model):
    """One frame of a file; one row of table ``frame``."""

    frame_id: UUID
    file_id: UUID
    ifu: int | None
    chip_id: str | None
    chip_name: str | None
    chip_live: bool
    is_valid: bool | None
    is_valid_reason: str | None
    tag: str  # this and what follows as the file has it
    kind: Kind
    project: str
    night: date | None
    mjd_us: int | None
    exptime_s: float | None
    target: str | None


class Frame(Model):
    """A frame: one IFU of a file, or the whole field (``ifu`` null)."""

    frame_id: UUID
    file_id: UUID
    kind: Kind
    tag: str
    ifu: Annotated[int | None, Field(description="1..24; null: the whole field")]
    filename: str
    arcfile: Annotated[str, Field(description="identity of an exposure")]
    sha256: str
    content_key: str
    size: Annotated[int, Field(description="bytes, of the file")]
    project: str
    owner: str
    state: FileState
    night: Annotated[
        date | None, Field(description="UT date, minus one day before 20:40 UT")
    ]
    date_obs: Annotated[str | None, Field(description="as written in the header")]
    mjd_us: Annotated[int | None, Field(description="start, microseconds of MJD")]
    exptime_s: float | None
    object: str | None
    target: Annotated[str | None, Field(description="OBS TARG NAME")]
    ins_mode: str | None
    tpl_start: str | None
    tpl_expno: int | None
    tpl_nexp: int | None
    tpl_id: str | None
    obs_id: int | None
    obs_name: str | None
    prog_id: str | None
    ra: Annotated[float | None, Field(description="deg")]
    dec: Annotated[float | None, Field(description="deg")]
    chip_id: str | None
    chip_name: str | None
    chip_live: Annotated[bool, Field(description="false: a dead channel")]
    recipe: Annotated[str | None, Field(description="that made the product")]
    task_id: UUID | None
    is_valid: Annotated[
        Annotated[Validity, BeforeValidator(lambda said: said or "unknown")],
        Field(description="said by people: yes, no, unknown or proposed"),
    ]
    is_valid_reason: str | None
    verdict: Annotated[
        bool | None,
        Field(description="last judged; counts for choices while a proposal waits"),
    ]
    quality_flags: Annotated[
        list[str],
        AfterValidator(lambda flags: sorted(set(flags))),
        Field(description="set by the system, and `flags_said`"),
    ]
    flags_said: Annotated[list[str], Field(description="set by people")]
    version: Annotated[
        int, Field(description="of what people said; an edit gives it as `expect`")
    ]
    grade: Annotated[str | None, Field(description="newest assessment, A to D")]
    created_at: datetime
    keywords: Annotated[TypedColumns, Field(description="all typed columns")]

    def record(self) -> FrameRecord:
        """Give its row of table ``frame``."""
        kept = self.model_dump(include=set(FrameRecord.model_fields) - {"is_valid"})
        return FrameRecord(**kept, is_valid=self.verdict)


class FramePage(Model):
    """Frames in the order of their ids, and where the next page begins."""

    items: list[Frame]
    next: Annotated[UUID | None, Field(description="give it as `after`; null: end")]


class FileFilter(Model):
    """What files are asked for; all given values must fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: str | None = None
    kind: Kind | None = None
    night: date | None = None
    target: str | None = None
    arcfile: str | None = None
    filename: str | None = None
    ins_mode: str | None = None
    tpl_start: str | None = None
    task_id: UUID | None = None
    file_id: UUID | None = None
    project: str | None = None
    recipe: str | None = None
    state: FileState | None = None


class FrameFilter(FileFilter):
    """What frames are asked for; all given values must fit."""

    ifu: Annotated[int | None, Field(ge=1, le=24)] = None
    is_valid: Validity | None = None


class HeaderHdu(Model):
    """The header of one HDU."""

    index: int
    extname: str
    cards: Annotated[
        list[tuple[str, Any, str]],
        Field(description="keyword, value, comment, in the order of the file"),
    ]


class HeaderText(Model):
    """All headers of a file."""

    hdus: list[HeaderHdu]


class QcRow(Model):
    """A quality control value of a product."""

    name: Annotated[str, Field(description="without ESO: QC BIAS MASTER1 RON")]
    ifu: int | None
    value: float | int | str | None
    unit: str | None
    meaning: Annotated[str | None, Field(description="from recipes.yaml")]


class TemplateSet(Model):
    """The raw frames of one class that one template took."""

    project: str
    tag: str
    tpl_start: str
    tpl_id: str | None
    night: date | None
    ins_mode: str | None
    n: Annotated[int, Field(description="exposures of this class")]
    nexp: Annotated[int | None, Field(description="TPL.NEXP of the template")]
    complete: Annotated[
        bool, Field(description="the template has all its exposures here")
    ]
    quality_flags: list[str]


class Night(Model):
    """A night and the number of files of each class."""

    night: date
    counts: dict[str, int]
