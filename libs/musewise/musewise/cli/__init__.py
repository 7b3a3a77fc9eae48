"""The command ``musewise``."""

import typer

from musewise.cli import (
    access,
    campaigns,
    exports,
    files,
    frames,
    jobs,
    plans,
    quality,
    queries,
    saved,
    watching,
    workers,
)
from musewise.cli.options import Commands

HELP = """Data management and on-demand reduction for MUSE.

Put frames in, ask for a product, look at where it came from. Every command takes
--json (plain data, no colours) and --url, --token, --dir to name the server; ids may
be shortened while they are unique.

Exit status: 0 fine, 1 what was asked for is wrong, 2 the server fails or does not
answer, 3 done in part (files refused, a job that failed), 4 not allowed, 5 nothing
found, 130 interrupted.
"""

app = typer.Typer(
    name="musewise",
    help=HELP,
    no_args_is_help=True,
    cls=Commands,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
files.add_to(app)
watching.add_to(app)
frames.add_to(app)
queries.add_to(app)
quality.add_to(app)
saved.add_to(app)
exports.add_to(app)
access.add_to(app)
plans.add_to(app)
campaigns.add_to(app)
jobs.add_to(app)
workers.add_to(app)
