from typing import Any

from musewise.calls import Call

from ...models.results import Results
from ...models.taken import Taken


def take_results(
    *,
    body: Results,
) -> Call[list[Taken]]:
    """Say how attempts started and ended, where the broker cannot be reached

    The same envelopes as on the broker, with the same meaning: each acts once by its
    message id, by whichever door it comes, and is passed on.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[Taken]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Taken.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/results",
        parse,
        **_kwargs,
    )
