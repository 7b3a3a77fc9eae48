from typing import Any

from musewise.calls import Call

from ...models.healthz_response_healthz import HealthzResponseHealthz


def healthz() -> Call[HealthzResponseHealthz]:
    """The process runs"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> HealthzResponseHealthz:
        response_200 = HealthzResponseHealthz.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/auth/healthz",
        parse,
        **_kwargs,
    )
