"""messages.md: what the services tell each other."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import musecore.messages
from musecore.broker import fleet_queues
from musecore.muse.schema import MuseModel
from pages.markdown import Cell, Lines, code, first_paragraph, table, top

__all__ = ["conversation", "messages_page"]

SERVICES = Path(__file__).resolve().parents[2] / "services"
MESSAGES = {kind.__name__: kind for kind in musecore.messages.MESSAGES.values()}


def spoken(package: Path) -> tuple[set[str], set[str]]:
    """Give the payload classes that a service says, and those that it hears.

    What ``consumers`` names is heard; what is built elsewhere is said.
    """
    said: set[str] = set()
    heard: set[str] = set()
    for path in sorted(package.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        known = _imported(nodes)
        if "consumers" in path.relative_to(package).as_posix():
            heard |= {n.id for n in nodes if isinstance(n, ast.Name)} & known
        calls = (n.func for n in nodes if isinstance(n, ast.Call))
        said |= {f.id for f in calls if isinstance(f, ast.Name)} & known
    return said, heard


def _imported(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "musecore.messages"
        for alias in node.names
    } & set(MESSAGES)


def conversation() -> dict[str, tuple[list[str], list[str]]]:
    """Give for each payload class the services that say and that hear it."""
    spoken_by = {
        package.parent.name: spoken(package)
        for package in sorted(SERVICES.glob("*/muse_*"))
    }
    return {
        name: (
            [who for who, (said, _) in spoken_by.items() if name in said],
            [who for who, (_, heard) in spoken_by.items() if name in heard],
        )
        for name in MESSAGES
    }


def fields(node: ast.ClassDef, source: list[str]) -> Iterator[tuple[Cell, ...]]:
    """Give name, type, need and comment of the fields of a payload class."""
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        kind = ast.unparse(item.annotation)
        if kind.startswith("ClassVar"):
            continue
        comment = re.search(r"#\s*(.+)$", source[(item.end_lineno or item.lineno) - 1])
        default = f"`{ast.unparse(item.value)}` if absent" if item.value else "required"
        note = comment.group(1) if comment else ""
        yield code(item.target.id), code(kind), default, note


def messages_page(_: MuseModel) -> Lines:
    """Give messages.md."""
    text = inspect.getsource(musecore.messages)
    classes = {n.name: n for n in ast.parse(text).body if isinstance(n, ast.ClassDef)}
    names = {name: kind.name for name, kind in MESSAGES.items()}
    who = conversation()
    yield from top(
        "Messages",
        "`musecore/messages.py`, `musecore/broker/topology.yaml` and the services' code",
        "What the services tell each other. A message grows by optional fields only; readers ignore what they do not know; a breaking change is a new name "
        "([decision 0007](decisions/0007-evolution-of-messages.md)). One example of each lies in `tests/data/messages/`.",
    )
    yield from table(
        "message | said by | heard by | meaning",
        (
            (
                f"[`{name}`](#{_anchor(name)})",
                tuple(who[kind][0]),
                tuple(who[kind][1]),
                first_paragraph(MESSAGES[kind]),
            )
            for kind, name in names.items()
        ),
    )
    for kind, node in classes.items():
        if kind == "Payload":
            continue
        yield from (f"## {names.get(kind, kind)}", "")
        for paragraph in inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n"):
            yield from (" ".join(paragraph.split()).replace("``", "`"), "")
        yield from table("field | type | need | note", fields(node, text.splitlines()))
    yield from queues()
    yield from ("## Types", "")
    yield "`Kind` is `raw`, `static`, `product` or `log`. `Sha256` is 64 lower-case hexadecimal digits. Times are ISO 8601 in UTC, sizes are bytes."


def queues() -> Lines:
    """Give the table of queues."""
    yield from ("## Queues", "")
    yield "Each service declares all of them at its start (`{pool}`: one for each pool, `{worker}`: one for each worker, made by the worker) and refuses to start where one exists as"
    yield from (
        "another kind of queue. What a queue gives up lies in `<queue>.dead`; a fleeting queue gives up nothing and vanishes after its last listener.",
        "",
    )
    described = fleet_queues()
    yield from table(
        "queue | hears | served by | fleeting | what for | when a message of it is dropped",
        (
            (code(q.name), code(q.hears), q.served_by, q.fleeting, q.doc, q.if_dropped)
            for q in described.queues
        ),
    )
    if described.unheard:
        yield from (f"Heard by nobody, on purpose: {code(described.unheard)}.", "")


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
