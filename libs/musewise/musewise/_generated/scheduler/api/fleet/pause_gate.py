from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.gate import Gate
from ...models.pause_gate_kind import PauseGateKind
from ...models.reason import Reason


def pause_gate(
    kind: PauseGateKind,
    name: str,
    *,
    body: Reason,
) -> Call[list[Gate]]:
    """Let a site or a pool get no new tasks"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[Gate]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Gate.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/{kind}/{name}/pause".format(
            kind=quote(str(kind), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
