"""openapi/<service>.json: what each service offers over HTTP, as it says itself.

The services are wired as in a process of their own, to servers that are never called.
"""

import json
import warnings
from typing import cast

from fastapi import FastAPI
from pydantic.json_schema import PydanticJsonSchemaWarning

from muse_auth import main as auth
from muse_auth.settings import AuthSettings
from muse_catalog import main as catalog
from muse_catalog.settings import CatalogSettings
from muse_portal import main as portal
from muse_portal.settings import PortalSettings
from muse_scheduler import main as scheduler
from muse_scheduler.settings import SchedulerSettings
from muse_storage import main as storage
from muse_storage.settings import StorageSettings
from muse_worker import main as worker
from muse_worker.settings import WorkerSettings
from musecore.identity import SigningKey

__all__ = ["openapi_documents"]

_AWAY = "http://127.0.0.1:1"
_SERVERS = {
    "database_url": "postgresql://nobody@127.0.0.1:1/nowhere",
    "broker_url": "local:",
    "auth_url": _AWAY,
}
_STORE = {"blobs_url": "s3+http://nobody:nothing@127.0.0.1:1/nowhere"}
_ACCOUNT = {"client_id": "nobody", "client_secret": "nothing"}


def _apps() -> dict[str, FastAPI]:
    key = {"signing_key": SigningKey.generate().key.as_pem(private=True).decode()}
    files = _SERVERS | _STORE
    recipes = _SERVERS | _STORE | _ACCOUNT
    recipes |= {"name": "NAME", "scheduler_url": _AWAY, "storage_url": _AWAY}
    parts = {
        "auth": auth.standalone(AuthSettings.model_validate(_SERVERS | key)),
        "catalog": catalog.standalone(CatalogSettings.model_validate(_SERVERS)),
        "portal": portal.standalone(PortalSettings(catalog_url=_AWAY)),
        "scheduler": scheduler.standalone(SchedulerSettings.model_validate(_SERVERS)),
        "storage": storage.standalone(StorageSettings.model_validate(files)),
        "worker": worker.standalone(WorkerSettings.model_validate(recipes)),
    }
    return {name: cast(FastAPI, part.app) for name, part in parts.items()}


def openapi_documents() -> dict[str, str]:
    """Give the OpenAPI document of each service as JSON, with sorted names."""
    with warnings.catch_warnings():
        # A condition holds conditions: pydantic leaves out which word tells them apart.
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        found = {name: app.openapi() for name, app in _apps().items()}
    return {
        name: json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        for name, document in found.items()
    }
