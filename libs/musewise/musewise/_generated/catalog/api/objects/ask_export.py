from typing import Any

from musewise.calls import Call

from ...models.export_tree import ExportTree


def ask_export(
    *,
    body: ExportTree,
) -> Call[Any]:
    """All that fits a tree, as a file"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "POST",
        "/catalog/objects/export",
        parse,
        **_kwargs,
    )
