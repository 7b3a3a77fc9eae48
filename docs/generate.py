"""Write the pages of ``docs/`` that are made from the model: ``make docs``.

Usage: ``python docs/generate.py [--check]``. With ``--check`` nothing is written,
and the exit status is 1 when a page differs from what would be written.

The pages are made from ``musecore.messages``, the YAML files of ``musecore.muse``
and the registry of error codes; no text about MUSE stands here.
"""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from pages.client_model import client_model
from pages.configuration import configuration_page
from pages.data_model import data_model_page
from pages.errors import errors_page
from pages.markdown import Lines
from pages.messages import messages_page
from pages.recipes import recipes_page

from musecore.muse.schema import MuseModel, load

DOCS = Path(__file__).resolve().parent

CLIENT = Path(str(resources.files("musewise"))) / "classes.json"

PAGES: dict[str, Callable[[MuseModel], Lines]] = {
    "messages.md": messages_page,
    "data-model.md": data_model_page,
    "recipes.md": recipes_page,
    "errors.md": errors_page,
    "configuration.md": configuration_page,
}


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 on drift.")
    ] = False,
) -> None:
    """Write the generated pages, or say which of them are not current."""
    texts = {DOCS / name: "\n".join(page(load())) for name, page in PAGES.items()}
    texts[CLIENT] = client_model(load())
    drifted = []
    for path, text in texts.items():
        written = text.rstrip() + "\n"
        if path.is_file() and path.read_text() == written:
            continue
        drifted.append(path.name)
        if not check:
            path.write_text(written)
    if check and drifted:
        typer.echo(f"Not current: {', '.join(drifted)}. Run `make docs`.", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
