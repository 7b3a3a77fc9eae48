"""Options that commands share, as dataclasses; a command takes them by the group."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import httpx
import typer
import typer.core
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from typing_extensions import override

from musewise.display import consoles
from musewise.errors import AmbiguousIdError, Error, Exit, UsageError
from musewise.session import Session, connect


@dataclass(frozen=True)
class Surroundings:
    """What a caller may put in place of the network and the clock's pace.

    Given as ``obj`` of the context. ``poll_s`` in seconds.
    """

    transport: httpx.BaseTransport | None = None
    poll_s: float = 1.0


@dataclass(frozen=True)
class Common:
    """The options of every command."""

    ctx: typer.Context
    as_json: Annotated[
        bool, typer.Option("--json", help="Plain data instead of tables.")
    ] = False
    url: Annotated[str | None, typer.Option(help="Address of the server.")] = None
    token: Annotated[str | None, typer.Option(help="Token for it.")] = None
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Data folder of an embedded server.")
    ] = None

    @property
    def surroundings(self) -> Surroundings:
        """What the caller put in place."""
        return self.ctx.find_object(Surroundings) or Surroundings()

    def connect(self) -> Session:
        """Connect to the server that the options, environment or config name."""
        return connect(
            self.url,
            self.token,
            directory=self.directory,
            transport=self.surroundings.transport,
        )

    def show(self, data: Any, view: Callable[[], RenderableType]) -> None:
        """Give data as JSON where it is asked for, else what it looks like."""
        if self.as_json:
            print_json(data)
            return
        shown, console = view(), consoles.out()
        console.print(shown)
        if is_cut(shown, console):
            self.note("cut to fit; --json shows all of it, as does a wider terminal")

    def note(self, words: str) -> None:
        """Say something beside the data, on stderr."""
        if not self.as_json:
            consoles.err().print(words, markup=False)


class Commands(typer.core.TyperGroup):
    """All commands; what is wrong in a command line is a user's error (1), as any."""

    @override
    def make_context(self, *args: Any, **more: Any) -> Any:
        with _told_as_users():
            return super().make_context(*args, **more)

    @override
    def invoke(self, ctx: Any) -> Any:
        with _told_as_users():
            return super().invoke(ctx)


_WRONG_LINE: Any = typer.BadParameter.__mro__[1]
"""The error of a wrong command line; typer does not give its name away."""


@contextmanager
def _told_as_users() -> Iterator[None]:
    try:
        yield
    except _WRONG_LINE as error:
        error.exit_code = Exit.USER
        raise


def finish_in_part(refused: int, of: int) -> None:
    """End with the exit status of what was done in part, or not at all."""
    if refused:
        raise typer.Exit(Exit.USER if refused == of else Exit.PARTLY)


def finish_with(found: Sized) -> None:
    """End with the exit status of nothing found, where nothing was."""
    if not found:
        raise typer.Exit(Exit.NOTHING)


def is_cut(shown: RenderableType, console: Console) -> bool:
    """Tell whether cells of a table had to be cut for it to fit."""
    if not isinstance(shown, Table) or any(c.overflow == "fold" for c in shown.columns):
        return False
    if any(
        one.max_width is not None and len(str(cell)) > one.max_width
        for one in shown.columns
        for cell in one.cells
    ):
        return True
    roomy = console.options.update(max_width=100_000)
    return Measurement.get(console, roomy, shown).maximum > console.width


def print_json(data: Any) -> None:
    """Write plain data on stdout."""
    typer.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def command(
    app: typer.Typer, name: str, function: Callable[..., None]
) -> Callable[..., None]:
    """Add a command whose parameters may be dataclasses of options.

    Each such parameter is replaced by the fields of its dataclass; an `Error` becomes
    a sentence on stderr and its exit status.
    """
    groups = _groups(function)

    def run(**values: Any) -> None:
        arguments = {
            name: kind(**{one: values[one] for one in fields})
            if fields
            else values[name]
            for name, (kind, fields) in groups.items()
        }
        try:
            function(**arguments)
        except Error as error:
            report(error, as_json=bool(values.get("as_json")))
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            typer.echo("interrupted; what was done stays done", err=True)
            raise typer.Exit(Exit.INTERRUPTED) from None

    run.__name__ = function.__name__
    run.__doc__ = function.__doc__
    parameters = [one for name in groups for one in _parameters(function, name)]
    parameters.sort(key=lambda one: one.default is not inspect.Parameter.empty)
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    app.command(name)(run)
    return run


def _groups(function: Callable[..., None]) -> dict[str, tuple[Any, list[str]]]:
    """Give each parameter its type and, for a dataclass, the names of its fields."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: (hints[name], _field_names(hints[name]))
        for name in inspect.signature(function).parameters
    }


def _field_names(kind: Any) -> list[str]:
    if not dataclasses.is_dataclass(kind):
        return []
    return [field.name for field in dataclasses.fields(kind)]


def _parameters(function: Callable[..., None], name: str) -> list[inspect.Parameter]:
    own = inspect.signature(function).parameters[name]
    kind = get_type_hints(function, include_extras=True)[name]
    if not dataclasses.is_dataclass(kind):
        return [_keyword_only(name, kind, own.default)]
    hints = get_type_hints(kind, include_extras=True)
    return [
        _keyword_only(field.name, hints[field.name], _default(field))
        for field in dataclasses.fields(kind)
    ]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    missing = field.default is dataclasses.MISSING
    return inspect.Parameter.empty if missing else field.default


def _keyword_only(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
    )


def report(error: Error, *, as_json: bool) -> None:
    """Write an error on stderr: one sentence, then what to do."""
    if as_json:
        typer.echo(json.dumps(error.as_dict(), indent=2, default=str), err=True)
        return
    console = consoles.err()
    console.print("[bold red]error:[/] ", end="")
    console.print(error.detail, markup=False)
    if isinstance(error, AmbiguousIdError):
        for candidate in error.candidates:
            console.print(f"       {candidate}", markup=False)
    if error.hint:
        console.print(f"       {error.hint}", markup=False)
    if request_id := getattr(error, "request_id", None):
        console.print(f"       request id {request_id}", style="dim", markup=False)


def parameter_values(texts: list[str]) -> dict[str, Any]:
    """Give ``{"recipe.param": "value"}`` of ``recipe.param=value`` texts.

    Raises
    ------
    UsageError
        A text is not of that form.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        recipe, dot, parameter = name.partition(".")
        if not (equals and dot and recipe and parameter):
            raise UsageError(
                f"-p {text!r} sets no recipe parameter.",
                hint="Write for example -p scipost.crsigma=20",
            )
        values[name.strip()] = value
    return values
