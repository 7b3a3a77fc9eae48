"""Commands that look at frames: ls, show, header, qc, diff, nights, sets, tree, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, Any

import typer
from typing_extensions import override

from musewise.cli.completing import class_names, recipes
from musewise.cli.exports import Output
from musewise.cli.options import Common, command, finish_with
from musewise.cli.queries import Question, show_columns
from musewise.display import consoles
from musewise.display.reasons import diff_view, why_view
from musewise.display.tables import (
    frame_card,
    frames_table,
    header_lines,
    kin_table,
    nights_table,
    qc_table,
    refusals_table,
    sets_table,
)
from musewise.display.trees import lineage_tree
from musewise.errors import UsageError
from musewise.query import Query
from musewise.results import Frame
from musewise.session import Session

PREFIX = "muse_"  # of every recipe
FrameId = Annotated[str, typer.Argument(metavar="ID", help="Id, or its beginning.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for name, function in (
        ("ls", ls),
        ("show", show),
        ("header", header),
        ("qc", qc),
        ("tree", tree),
        ("why", why),
        ("used-by", used_by),
        ("diff", diff),
        ("nights", nights),
        ("sets", sets),
    ):
        command(app, name, function)


@dataclass(frozen=True)
class FrameFilter(Question):
    """Which frames."""

    tag: Annotated[
        str | None,
        typer.Option(help="The same as CLASS.", autocompletion=class_names),
    ] = None
    night: Annotated[str | None, typer.Option(help="Observing night, ISO date.")] = None
    target: Annotated[str | None, typer.Option(help="OBS TARG NAME.")] = None
    ifu: Annotated[int | None, typer.Option(min=1, max=24, help="1 to 24.")] = None
    kind: Annotated[str | None, typer.Option(help="raw, static or product.")] = None
    arcfile: Annotated[str | None, typer.Option(help="Archive name.")] = None
    recipe: Annotated[
        str | None,
        typer.Option(help="Recipe that made it.", autocompletion=recipes),
    ] = None
    task: Annotated[str | None, typer.Option(help="Task that made it.")] = None
    refused: Annotated[
        bool, typer.Option("--refused", help="Files that were not taken in.")
    ] = False
    given_limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="At most so many rows; 100 of a listing."),
    ] = None

    @property
    def limit(self) -> int:
        """So many rows of a listing."""
        return self.given_limit or 100

    @property
    def is_question(self) -> bool:
        """Whether it is asked in the language of the catalogue."""
        frame_class, where = self.asked_for
        saved = (frame_class or "").startswith("@")
        return saved or any((where, self.order, self.cols))

    @override
    def query(self, session: Session) -> Query:
        """Give that question.

        Raises
        ------
        UsageError
            Options of the simple listing are given beside it.
        """
        simple = {n: v for n, v in self.as_parameters().items() if v and n != "tag"}
        if simple:
            raise UsageError(
                f"A condition, --order and --cols do not go with --{next(iter(simple))}.",
                hint="Say it in the condition: 'ifu == 6 & target == \"HDFS\"'.",
            )
        asked = super().query(session)
        if asked.tag is None and self.tag is not None:
            asked = replace(asked, tag=self.tag)
        return asked

    def as_parameters(self) -> dict[str, Any]:
        """What the server is asked for."""
        return {
            "tag": self.frame_class or self.tag,
            "night": self.night,
            "target": self.target,
            "ifu": self.ifu,
            "kind": self.kind,
            "arcfile": self.arcfile,
            "task_id": self.task,
            "recipe": self.recipe and f"{PREFIX}{self.recipe.removeprefix(PREFIX)}",
        }


def ls(wanted: FrameFilter, output: Output, common: Common) -> None:
    """List frames, or groups; with --refused the files that were not taken in.

    With --format or -o all that fits is written, unless --limit says less.
    """
    with common.connect() as muse:
        if wanted.refused:
            rows = muse.refusals()[: wanted.limit]
            common.show(rows, lambda: refusals_table(rows))
            finish_with(rows)
            return
        if output.wanted:
            output.write(wanted.query(muse), common, wanted.given_limit)
            return
        if wanted.is_question:
            question = wanted.query(muse)
            if question.columns:
                show_columns(question, common, wanted.limit)
                return
            found = question.frames()
        else:
            found = muse.frames(**wanted.as_parameters())
        frames = list(islice(_whole_files(found), wanted.limit + 1))
    shown = [frame for file in frames[: wanted.limit] for frame in file]
    common.show(
        [frame.model_dump(mode="json") for frame in shown],
        lambda: frames_table(shown, consoles.out().width),
    )
    if len(frames) > wanted.limit:
        common.note(f"and more: --limit {wanted.limit * 10} shows them")
    finish_with(shown)


def _whole_files(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    """Group frames that follow each other and are IFUs of one file: one row each."""
    file: list[Frame] = []
    for frame in frames:
        if file and (frame.file_id is None or frame.file_id != file[0].file_id):
            yield file
            file = []
        file.append(frame)
    if file:
        yield file


def show(
    id_: FrameId,
    common: Common,
    columns: Annotated[
        bool, typer.Option("--columns", help="Also all typed columns.")
    ] = False,
) -> None:
    """Show what is known of a frame."""
    with common.connect() as muse:
        frame = muse.frame(id_)
    common.show(
        frame.model_dump(mode="json"), lambda: frame_card(frame, keywords=columns)
    )


def header(
    id_: FrameId,
    common: Common,
    hdu: Annotated[
        str | None, typer.Option(metavar="N|CHANnn", help="One extension only.")
    ] = None,
    grep: Annotated[str | None, typer.Option(help="Only cards with this.")] = None,
) -> None:
    """Show the header of a file, of all extensions or of one."""
    with common.connect() as muse:
        number = int(hdu) if hdu and hdu.isdigit() else None
        hdus = muse.header(id_, number)
    if hdu and number is None:
        hdus = [one for one in hdus if str(one.get("extname")).upper() == hdu.upper()]
    if hdu and not hdus:
        raise UsageError(f"{id_} has no extension {hdu}.", hint="As 0, 7 or CHAN07.")
    if common.as_json:
        common.show({"hdus": hdus}, str)
        return
    typer.echo("\n".join(header_lines(hdus, grep)))


def qc(
    id_: FrameId,
    common: Common,
    grep: Annotated[str | None, typer.Option(help="Only names with this.")] = None,
) -> None:
    """Show the quality values of a product, with unit and meaning."""
    with common.connect() as muse:
        rows = [row for row in muse.qc(id_) if _holds(row["name"], grep)]
    common.show(rows, lambda: qc_table(rows))
    finish_with(rows)


def _holds(name: str, part: str | None) -> bool:
    return (part or "").lower() in name.lower()


def tree(
    id_: FrameId,
    common: Common,
    depth: Annotated[int | None, typer.Option(min=1, help="Levels shown.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole checksums.")] = False,
    unfolded: Annotated[
        bool, typer.Option("--all", help="Each IFU by itself.")
    ] = False,
    down: Annotated[
        bool, typer.Option("--down", help="What was made of it instead.")
    ] = False,
    form: Annotated[
        str, typer.Option("--as", help="tree, table, dot or mermaid.")
    ] = "tree",
) -> None:
    """Show what a product was made from, down to each raw file with its sha256.

    With --down, what was made of it.
    """
    with common.connect() as muse:
        if form in ("dot", "mermaid"):
            typer.echo(muse.lineage_text(id_, form, depth, up=not down), nl=False)
            return
        if form == "table":
            rows = muse.lineage_table(id_, depth, up=not down)
            common.show(rows, lambda: kin_table(rows))
            return
        if form != "tree":
            raise UsageError(
                f"--as {form!r} is none of tree, table, dot, mermaid.",
                hint="tree is shown where nothing is said.",
            )
        root = muse.lineage(id_, depth, up=not down)
    common.show(root, lambda: lineage_tree(root, full=full, unfolded=unfolded))


def used_by(
    id_: FrameId,
    common: Common,
    frame_class: Annotated[
        str | None,
        typer.Option("--class", help="Only of this class.", autocompletion=class_names),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, help="So many generations at most.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    bad: Annotated[
        bool, typer.Option("--all", help="Also what people called bad.")
    ] = False,
) -> None:
    """List what was made from a frame and is not called bad."""
    with common.connect() as muse:
        made = muse.frame(id_).used_by(frame_class, depth, valid_only=not bad)
        frames = list(made.limit(limit + 1))
    shown = frames[:limit]
    common.show(
        [frame.model_dump(mode="json") for frame in shown],
        lambda: frames_table(shown, consoles.out().width),
    )
    if len(frames) > limit:
        common.note(f"and more: --limit {limit * 10} shows them")
    finish_with(shown)


def why(
    id_: FrameId,
    common: Common,
    category: Annotated[
        str | None,
        typer.Argument(metavar="[CATEGORY]", help="Only this, as WAVECAL_TABLE."),
    ] = None,
    ifu: Annotated[
        int | None, typer.Option(min=1, max=24, help="Of CATEGORY, for this IFU.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also who came second.")
    ] = False,
) -> None:
    """Say why a product is as it is: choices, reuse, parameters, other versions."""
    with common.connect() as muse:
        found = muse.why(id_, category, ifu)
    common.show(found, lambda: why_view(found, verbose=verbose))


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="One product.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    common: Common,
) -> None:
    """Show in what two products differ."""
    with common.connect() as muse:
        found = muse.diff(a, b)
    common.show(found, lambda: diff_view(found))


def nights(common: Common) -> None:
    """List the observing nights with the number of frames of each class."""
    with common.connect() as muse:
        rows = muse.nights()
    common.show(rows, lambda: nights_table(rows))
    finish_with(rows)


def sets(
    common: Common,
    tag: Annotated[str | None, typer.Option(help="Class of the frames.")] = None,
    night: Annotated[str | None, typer.Option(help="Observing night.")] = None,
) -> None:
    """List the template sets, and which of them are complete."""
    with common.connect() as muse:
        rows = muse.sets(tag=tag, night=night)
    common.show(rows, lambda: sets_table(rows))
    finish_with(rows)
