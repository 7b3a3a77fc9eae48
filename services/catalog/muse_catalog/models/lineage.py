"""How products were made, and how two of them differ."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field

from muse_catalog.models.frames import FileState, Validity
from musecore.messages import Kind

__all__ = [
    "Difference",
    "Direction",
    "GraphNode",
    "InputDifference",
    "InputRow",
    "LineageEdge",
    "LineageFrame",
    "LineageGraph",
    "LineageNode",
    "LineageRow",
    "ProductDiff",
    "TaskRun",
    "ValueDifference",
]


class Model(BaseModel):
    """A frozen record."""

    model_config = ConfigDict(frozen=True)


class TaskRun(Model):
    """A run of a recipe, as it was; one elsewhere as far as a header tells of it."""

    task_id: UUID
    attempt: int
    recipe: str
    ifu: int | None
    key: Annotated[str | None, Field(description="null: not run here")]
    worker: Annotated[str | None, Field(description="null: not run here")]
    parameters: Annotated[
        dict[str, Any], Field(description="effective: defaults resolved")
    ]
    versions: dict[str, str]
    log_file_id: UUID | None
    warnings: list[str]
    caveats: list[str]
    started: Annotated[datetime | None, Field(description="null: not run here")]
    ended: Annotated[datetime | None, Field(description="null: not run here")]
    resources: dict[str, Any]
    rec: Annotated[
        int | None,
        Field(description="n of ESO PRO RECn, of a run that a header tells of"),
    ] = None


class InputRow(Model):
    """An input of a run, in set-of-frames order.

    Without sums it is pending: a header names it, and no file that is known to be it
    has come. ``match_key`` is what such a file would offer, ``made_by`` the attempt of
    the same task that made it.
    """

    task_id: UUID
    attempt: int
    tag: str
    file_id: UUID
    ifu: int | None
    filename: str
    sha256: str | None
    content_key: str | None
    data_md5: str | None = None
    match_key: str | None = None
    made_by: int | None = None

    @property
    def identity(self) -> str:
        """What tells it from others: its content, or what a header says of it."""
        return self.content_key or self.data_md5 or self.filename


class LineageFrame(Model):
    """The part of a frame that a lineage tree shows."""

    frame_id: Annotated[UUID | None, Field(description="null: not in the catalogue")]
    file_id: UUID
    kind: Kind | None
    tag: str
    ifu: int | None
    filename: str
    arcfile: str | None
    sha256: Annotated[str | None, Field(description="null: pending")]
    content_key: Annotated[str | None, Field(description="null: pending")]
    size: int | None
    night: date | None
    state: FileState | None
    recipe: str | None
    is_valid: Validity
    quality_flags: list[str]
    grade: str | None = None
    data_md5: Annotated[
        str | None, Field(description="DATAMD5 that a header gives for this input")
    ] = None

    @computed_field(  # type: ignore[prop-decorator]
        description="named by a header; no file that is known to be it has come"
    )
    @property
    def pending(self) -> bool:
        """Whether the file is only named by the header of a product."""
        return self.sha256 is None


class LineageNode(Model):
    """A frame, the run that made it, and what went in; downwards, what was made of it.

    A subtree that was given before is given by `ref` only. `tag` is the role: what the
    frame was to the run between it and the node above.
    """

    tag: str
    frame: LineageFrame | None
    task: TaskRun | None
    inputs: list["LineageNode"]
    used_by: list["LineageNode"] = []
    ref: Annotated[UUID | None, Field(description="frame_id of the node given before")]


Direction = Literal["up", "down"]
"""up: what it was made from; down: what was made of it."""


class LineageEdge(Model):
    """An input of a run, between two nodes of a graph."""

    product: Annotated[str, Field(description="`id` of the node that was made")]
    input: Annotated[str, Field(description="`id` of the node that went in")]
    role: Annotated[str, Field(description="class under which it went in")]
    ifu: int | None


class GraphNode(Model):
    """A frame in a graph, and the run that made it."""

    id: Annotated[str, Field(description="frame_id; file_id if the frame is not here")]
    depth: Annotated[int, Field(description="shortest way from the root, in runs")]
    frame: LineageFrame
    recipe: str | None
    task_id: UUID | None


class LineageGraph(Model):
    """The kin of a frame in one direction; nodes in the order of their depth."""

    root: str
    direction: Direction
    nodes: list[GraphNode]
    edges: list[LineageEdge]


class LineageRow(Model):
    """One row of a table of kin: a frame in a role."""

    depth: int
    role: str
    frame: LineageFrame
    recipe: str | None


class ValueDifference(Model):
    """A named value of two products; null where one lacks it."""

    name: str
    ifu: int | None
    a: Any
    b: Any


class Difference(Model):
    """One input as one product used it."""

    tag: str
    ifu: int | None
    file_id: UUID
    filename: str
    sha256: str | None
    content_key: str | None


class InputDifference(Model):
    """An input that only one product used, or that has another content."""

    tag: str
    a: Difference | None
    b: Difference | None


class ProductDiff(Model):
    """In what two products differ."""

    a: LineageFrame
    b: LineageFrame
    same_content: bool
    inputs: list[InputDifference]
    parameters: list[ValueDifference]
    versions: list[ValueDifference]
    qc: list[ValueDifference]
