from typing import Any

from musewise.calls import Call

from ...models.batch import Batch
from ...models.consequences import Consequences


def edit_many(
    *,
    body: Batch,
) -> Call[Consequences]:
    """Say something of many frames, all or none

    With `dry_run` nothing is changed: it says what would follow.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Consequences:
        response_200 = Consequences.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/catalog/quality/batch",
        parse,
        **_kwargs,
    )
