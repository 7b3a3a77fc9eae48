from typing import Any

from musewise.calls import Call

from ...models.pool_shown import PoolShown


def list_pools() -> Call[list[PoolShown]]:
    """The pools: slots, what waits, what runs"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[PoolShown]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = PoolShown.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/pools",
        parse,
        **_kwargs,
    )
