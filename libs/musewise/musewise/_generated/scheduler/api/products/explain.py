from typing import Any
from uuid import UUID

from musewise.calls import Call

from ...models.explanation import Explanation
from ...types import UNSET


def explain(
    *,
    frame_id: UUID,
) -> Call[Explanation]:
    """Why a product is what it is, and how other versions of it differ"""

    params: dict[str, Any] = {}

    json_frame_id = str(frame_id)
    params["frame_id"] = json_frame_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> Explanation:
        response_200 = Explanation.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/scheduler/why",
        parse,
        **_kwargs,
    )
