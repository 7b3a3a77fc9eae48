"""The command line of the simulator.

What a command needs alone is imported when it runs: astropy and scipy take a second.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from musecore.errors import MuseError
from musesim.night import NightReport, simulate_night
from musesim.plan import Fault, NightInvalid, NightSpec, parse_ifus

__all__ = ["cli"]

cli = typer.Typer(
    no_args_is_help=True, help="Simulate raw MUSE nights that ESO's pipeline reduces."
)


@cli.callback()
def _commands() -> None:
    """Hold the commands together."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NightInvalid(f"{text!r} is no date.", hint="Write 2018-12-09.") from error


def _run(spec: NightSpec, out: Path, jobs: int, quiet: bool) -> NightReport:
    if quiet:
        return simulate_night(spec, out, jobs=jobs)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("simulating", total=None)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        return simulate_night(spec, out, tell, jobs=jobs)


@cli.command()
def night(  # noqa: PLR0913, PLR0917 - one parameter per option of the command
    out: Annotated[Path, typer.Argument(help="Folder for raw/, static/, truth.json.")],
    ifus: Annotated[str, typer.Option(help="12, 1,2,3 or 1-24.")] = "12",
    chain: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    exposures: Annotated[int | None, typer.Option(help="OBJECT per night.")] = None,
    nights: Annotated[int, typer.Option(help="Number of nights.")] = 1,
    first: Annotated[str, typer.Option(help="Date of the first.")] = "2018-12-09",
    seed: Annotated[int, typer.Option(help="Of field, instrument, noise.")] = 1,
    types: Annotated[
        str, typer.Option(help="Only these types, e.g. FLAT,ARC; DARK on request.")
    ] = "",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="bad-flat:IFU, saturated-flat:IFU, bad-ifu:IFU, missing-arc-lamp:Ne."
        ),
    ] = None,
    mode: Annotated[str, typer.Option(help="Instrument mode.")] = "WFM-NOAO-N",
    offset_minutes: Annotated[
        float, typer.Option(help="Shift of all times, for a replacement set.")
    ] = 0.0,
    compress: Annotated[str, typer.Option(help="none or rice.")] = "none",
    headers_only: Annotated[
        bool, typer.Option(help="No pixels: for load and scale tests.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="Processes that share the IFUs.")] = 1,
    quiet: Annotated[bool, typer.Option(help="No progress bar.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Simulate nights into a folder; files that are there already are kept."""
    try:
        spec = NightSpec(
            ifus=parse_ifus(ifus),
            chain=chain,
            exposures=exposures,
            nights=nights,
            first=_day(first),
            seed=seed,
            types=tuple(name.strip().upper() for name in types.split(",") if name),
            faults=tuple(Fault.parse(text) for text in fault or []),
            mode=mode,
            offset_minutes=offset_minutes,
            compress=compress,
            headers_only=headers_only,
        )
        report = _run(spec, out, jobs, quiet or as_json)
    except MuseError as error:
        _refuse(error)
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _tell(report, out)


@cli.command()
def compare(
    cube: Annotated[Path, typer.Argument(help="DATACUBE_FINAL.fits", exists=True)],
    truth: Annotated[Path, typer.Argument(help="truth.json", exists=True)],
    picture: Annotated[
        Path | None, typer.Option(help="PNG of the cube and what was found.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Result as JSON.")] = False,
) -> None:
    """Search a cube blind and compare with the truth; exit status 1 if a goal fails."""
    from musesim.compare import compare as compare_cube
    from musesim.finding import read_cube
    from musesim.report import print_comparison

    try:
        found = read_cube(cube)
        result = compare_cube(found, truth)
    except MuseError as error:
        _refuse(error)
    if picture is not None:
        from musesim.picture import draw

        draw(found, result, picture)
    if as_json:
        typer.echo(json.dumps(result.to_dict()))
    else:
        print_comparison(result)
    if not result.passed:
        raise typer.Exit(1)


@cli.command()
def offsets(
    offset_list: Annotated[Path, typer.Argument(help="OFFSET_LIST.fits", exists=True)],
    truth: Annotated[Path, typer.Argument(help="truth.json", exists=True)],
) -> None:
    """Compare the offsets of exposures with the pointing errors put in."""
    from musesim.offsets import LIMIT_ARCSEC, compare_offsets

    found = compare_offsets(offset_list, truth)
    for one in found:
        word = "[green]PASS[/green]" if one.passed else "[red]MISS[/red]"
        Console().print(
            f'{word} {one.exposure}: found {one.found[0]:+.3f}" E {one.found[1]:+.3f}" N,'
            f' true {one.true[0]:+.3f}" E {one.true[1]:+.3f}" N,'
            f' off by {one.error_arcsec:.3f}" (limit {LIMIT_ARCSEC}")',
            highlight=False,
        )
    if not all(one.passed for one in found):
        raise typer.Exit(1)


def _refuse(error: MuseError) -> NoReturn:
    Console(stderr=True).print(f"[red]{error.code}[/red]: {error}", highlight=False)
    raise typer.Exit(2) from error


def _as_json(report: NightReport) -> dict[str, object]:
    return {
        "raw": [str(path) for path in report.raw],
        "statics": {tag: str(path) for tag, path in report.statics.items()},
        "truth": str(report.truth),
        "written": report.written,
        "skipped": report.skipped,
        "seconds": round(report.seconds, 2),
    }


def _tell(report: NightReport, out: Path) -> None:
    Console().print(
        f"{report.written} raw files written, {report.skipped} were there, "
        f"{len(report.statics)} static calibrations, in {out} "
        f"({report.seconds:.1f} s).",
        highlight=False,
    )


if __name__ == "__main__":
    cli()
