from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.gate import Gate
from ...models.resume_gate_kind import ResumeGateKind


def resume_gate(
    kind: ResumeGateKind,
    name: str,
) -> Call[list[Gate]]:
    """Let a site or a pool go on"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Gate]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Gate.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/{kind}/{name}/resume".format(
            kind=quote(str(kind), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
