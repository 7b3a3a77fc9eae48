"""What the client knows of the model: classes, attributes, recipes. As JSON."""

import json

from muse_catalog.rules import Attributes
from musecore.muse.schema import MuseModel

__all__ = ["client_model"]

KINDS = ("raw", "product", "static")


def client_model(model: MuseModel) -> str:
    """Give ``classes.json`` of the client."""
    told = {
        "model": Attributes(model).number,
        "recipes": {one.name: one.main_product for one in model.recipes.recipes},
        "parameters": {
            one.name: {
                parameter.name: parameter.model_dump(
                    include={"type", "choices", "suboptions", "minimum", "maximum"},
                    exclude_defaults=True,
                )
                for parameter in one.parameters
            }
            for one in model.recipes.recipes
        },
        "names_in_sof": {
            entry.tag: entry.name_in_sof
            for entry in model.frames.classes
            if entry.name_in_sof != entry.tag
        },
        "classes": [
            {"name": entry.tag, "kind": entry.kind, "doc": entry.doc}
            for entry in model.frames.classes
            if entry.kind in KINDS
        ],
        "attributes": [
            fact.model_dump(
                include={"name", "type", "unit", "doc", "aliases", "kinds", "classes"},
                exclude_defaults=True,
            )
            for fact in Attributes(model).facts
        ],
    }
    return json.dumps(told, indent=1)
