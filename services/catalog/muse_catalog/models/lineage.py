"""How products were made, and how two of them differ."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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
    """A run of a recipe, as it was."""

    task_id: UUID
    attempt: int
    recipe: str
    ifu: int | None
    key: str
    worker: str
    parameters: Annotated[
        dict[str, Any], Field(description="effective: defaults resolved")
    ]
    versions: dict[str, str]
    log_file_id: UUID | None
    warnings: list[str]
    caveats: list[str]
    started: datetime
    ended: datetime
    resources: dict[str, Any]


class InputRow(Model):
    """An input of a run, in set-of-frames order."""

    task_id: UUID
    attempt: int
    tag: str
    file_id: UUID
    ifu: int | None
    filename: str
    sha256: str
    content_key: str


class LineageFrame(Model):
    """The part of a frame that a lineage tree shows."""

    frame_id: Annotated[UUID | None, Field(description="null: not in the catalogue")]
    file_id: UUID
    kind: Kind | None
    tag: str
    ifu: int | None
    filename: str
    arcfile: str | None
    sha256: str
    content_key: str
    size: int | None
    night: date | None
    state: FileState | None
    recipe: str | None
    is_valid: Validity
    quality_flags: list[str]
    grade: str | None = None


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
    sha256: str
    content_key: str


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
