"""A job while it runs: a bar and a strip of 24 IFUs for each recipe."""

import time
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from musewise.display import consoles
from musewise.display.formats import (
    memory_text,
    priority_text,
    recipe_text,
    short_job_id,
    time_text,
)
from musewise.display.strips import legend, strip
from musewise.display.tables import task_text
from musewise.jobs import Snapshot
from musewise.records import JobRecord, RecipeProgress, Task

BAR_WIDTH = 14
SHOWN_RUNNING = 6  # tasks named below the bars


def show_live(snapshots: Iterable[Snapshot], console: Console | None = None) -> None:
    """Draw snapshots as they come; where there is no terminal, a line per change."""
    console = console or consoles.err()
    if not console.is_terminal:
        _show_lines(snapshots, console)
        return
    last: JobRecord | None = None
    with Live(console=console, auto_refresh=False) as live:
        for snapshot in snapshots:
            last = snapshot.record or last
            if last is not None:
                live.update(job_view(last, snapshot), refresh=True)


def _show_lines(snapshots: Iterable[Snapshot], console: Console) -> None:
    before: dict[str, str] = {}
    for snapshot in snapshots:
        if snapshot.record is None:
            console.print(snapshot.trouble, markup=False)
            continue
        for recipe, progress in snapshot.record.progress.items():
            line = f"{recipe_text(recipe)}: {_counts_in_words(progress)}"
            if before.get(recipe) != line and _moved(progress):
                console.print(line, markup=False)
            before[recipe] = line


def _moved(progress: RecipeProgress) -> bool:
    return bool(progress.done or progress.running or progress.failed)


def _counts_in_words(progress: RecipeProgress) -> str:
    counts = {
        "reused": progress.reused,
        "running": progress.running,
        "failed": progress.failed,
        "blocked": progress.blocked,
    }
    more = [f"{count} {word}" for word, count in counts.items() if count]
    return ", ".join([f"{progress.done}/{progress.total} done", *more])


# ---------------------------------------------------------------- the picture
def job_view(job: JobRecord, snapshot: Snapshot | None = None) -> RenderableType:
    """Show where a job is; with a snapshot also what runs now."""
    parts: list[RenderableType] = [_title(job), progress_table(job.progress), legend()]
    if snapshot is not None:
        parts.append(_now(snapshot.running))
        if snapshot.trouble:
            parts.append(Text(f"{snapshot.trouble} Waiting for it.", "yellow"))
    return Group(*parts)


STYLES = {"DONE": "green", "FAILED": "red", "BLOCKED": "red", "CANCELLED": "magenta"}


def _title(job: JobRecord) -> Text:
    line = Text(f"job {short_job_id(job.job_id)} ", "bold")
    line.append(job.state, STYLES.get(job.state, "yellow"))
    line.append(f"  {job.done}/{job.tasks_total} tasks", "not bold")
    if job.eta_s is not None and job.state == "RUNNING":
        line.append(f", {time_text(job.eta_s)} left", "not bold")
    if priority := priority_text(job.request):
        line.append(f"  priority {priority}", "dim not bold")
    return line


def progress_table(progress: Mapping[str, RecipeProgress]) -> Table:
    """Give one row per recipe: name, bar, counts, strip, trouble."""
    table = Table.grid(padding=(0, 1))
    for name, one in progress.items():
        style = "red" if one.failed else "green"
        table.add_row(
            Text(recipe_text(name), no_wrap=True),
            ProgressBar(
                total=max(one.total, 1), completed=one.done, width=BAR_WIDTH,
                complete_style=style, finished_style="green",
            ),
            Text(f"{one.done}/{one.total}", justify="right", no_wrap=True),
            strip(one.ifus),
            _trouble(one),
        )  # fmt: skip
    return table


def _trouble(one: RecipeProgress) -> Text:
    words = Text(no_wrap=True, overflow="ellipsis")
    for count, word, style in (
        (one.failed, "failed", "bold red"),
        (one.blocked, "blocked", "magenta"),
        (one.reused, "reused", "blue"),
    ):
        if count:
            words.append(f"{count} {word} ", style)
    return words


def _now(running: Sequence[Task]) -> Text:
    if not running:
        return Text()
    memory = sum(task.memory_mb or 0 for task in running)
    line = Text("now: ", "bold", overflow="fold")
    names = [_running(task) for task in running[:SHOWN_RUNNING]]
    line.append(", ".join(names), "not bold")
    if len(running) > SHOWN_RUNNING:
        line.append(f" and {len(running) - SHOWN_RUNNING} more", "not bold")
    if memory:
        line.append(f" (up to {memory_text(memory)} of memory)", "dim not bold")
    return line


def _running(task: Task) -> str:
    name = task_text(task.recipe, task.ifu)
    if task.started is None:
        return name
    return f"{name} {time_text(max(0.0, time.time() - task.started.timestamp()))}"
