"""Write what is made from the model and the services: ``make docs``.

Usage: ``python docs/generate.py [--check]``. With ``--check`` nothing is written,
and the exit status is 1 when a page differs from what would be written.

The pages are made from ``musecore.messages``, the YAML files of ``musecore.muse``
and the registry of error codes; no text about MUSE stands here. The OpenAPI documents
(``docs/openapi``) are what the services say of themselves, and the SDK of the client
(``musewise/_generated``) is made from those.
"""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from pages.classes import class_pages
from pages.client_model import client_model
from pages.configuration import configuration_page
from pages.data_model import data_model_page
from pages.errors import errors_page
from pages.markdown import Lines
from pages.messages import messages_page
from pages.openapi import openapi_documents
from pages.recipes import recipes_page
from pages.sdk import sdk_files

from musecore.muse.schema import MuseModel, load

DOCS = Path(__file__).resolve().parent

CLIENT = Path(str(resources.files("musewise")))
SDK = CLIENT / "_generated"
OPENAPI = DOCS / "openapi"
CLASSES = DOCS / "classes"

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
    """Write what is generated, or say which of it is not current."""
    texts = _texts()
    drifted = [path for path in _strays(texts) if not _removed(path, check=check)]
    for path, text in texts.items():
        written = text.rstrip() + "\n"
        if path.is_file() and path.read_text() == written:
            continue
        drifted.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written)
    if check and drifted:
        names = ", ".join(path.name for path in drifted)
        typer.echo(f"Not current: {names}. Run `make docs`.", err=True)
        raise typer.Exit(1)


def _texts() -> dict[Path, str]:
    model = load()
    texts = {DOCS / name: "\n".join(page(model)) for name, page in PAGES.items()}
    texts |= {
        CLASSES / name: "\n".join(page) for name, page in class_pages(model).items()
    }
    texts[CLIENT / "classes.json"] = client_model(model)
    documents = openapi_documents()
    texts |= {OPENAPI / f"{name}.json": text for name, text in documents.items()}
    return texts | {SDK / name: text for name, text in sdk_files(documents).items()}


def _strays(texts: dict[Path, str]) -> list[Path]:
    """Give generated files that nothing makes any more."""
    there = [*SDK.rglob("*.py"), *OPENAPI.glob("*.json"), *CLASSES.glob("*.md")]
    return sorted(set(there) - set(texts))


def _removed(path: Path, *, check: bool) -> bool:
    if not check:
        path.unlink()
    return not check


if __name__ == "__main__":
    typer.run(main)
