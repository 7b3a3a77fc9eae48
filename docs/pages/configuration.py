"""configuration.md: every setting of every service, from the classes that read them."""

from collections.abc import Iterator

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from muse_auth.settings import AuthSettings
from muse_catalog.settings import CatalogSettings
from muse_embedded.settings import AdminSettings, EmbeddedSettings
from muse_portal.settings import PortalSettings
from muse_scheduler.settings import SchedulerSettings
from muse_storage.settings import StorageSettings
from muse_worker.settings import WorkerSettings
from musecore.muse.schema import MuseModel
from musecore.settings import MusewiseSettings, environment_name, is_secret
from pages.markdown import Cell, Lines, code, table, top

__all__ = ["configuration_page"]

CLASSES: dict[str, type[MusewiseSettings]] = {
    "auth": AuthSettings,
    "catalog": CatalogSettings,
    "scheduler": SchedulerSettings,
    "storage-gateway": StorageSettings,
    "worker": WorkerSettings,
    "portal": PortalSettings,
    "migrate": AdminSettings,
}
HEAD = "setting | in the environment | default | meaning"


def configuration_page(model: MuseModel) -> Lines:
    """Give configuration.md."""
    yield from top(
        "Configuration",
        "the settings classes of the services",
        "Settings come from the environment and from a TOML file (`--config`, `MUSEWISE_CONFIG`); the environment wins. Shared settings stand at the top of the "
        "file, those of a service in a table of its name, which may also hold shared ones. A secret may be given as `NAME_FILE` (environment) or `name_file` (file): "
        "the file that holds it. How to install: [operations.md](operations.md).",
    )
    yield from ("## Shared settings", "")
    yield from table(HEAD, _rows(MusewiseSettings, None))
    for name, kind in CLASSES.items():
        yield from (f"## Table [{name}]", "")
        yield from table(HEAD, _rows(kind, MusewiseSettings))
    yield from ("## Embedded server (environment only)", "")
    yield from table(HEAD, _rows(EmbeddedSettings, MusewiseSettings))


def _rows(
    kind: type[MusewiseSettings], beyond: type[MusewiseSettings] | None
) -> Iterator[tuple[Cell, ...]]:
    shared = {} if beyond is None else beyond.model_fields
    for name, field in kind.model_fields.items():
        if name in shared and repr(shared[name]) == repr(field):
            continue
        variable = code(environment_name(name))
        if is_secret(kind, name):
            variable += f", {code(environment_name(name) + '_FILE')}"
        yield code(name), variable, _default(field), _meaning(field)


def _default(field: FieldInfo) -> Cell:
    if field.default is PydanticUndefined or field.default is None:
        return ""
    text = str(field.default) or "(empty)"
    return code(text if len(text) < 40 else f"{text[:37]}…")


def _meaning(field: FieldInfo) -> str:
    said = " ".join((field.description or "").split())
    if field.examples:
        said += " Example: " + " or ".join(code(str(one)) for one in field.examples)
    return said.strip().replace("``", "`")
