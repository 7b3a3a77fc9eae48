from typing import Any

from musewise.calls import Call

from ...models.campaign import Campaign


def make_campaign(
    *,
    body: Campaign,
) -> Call[Any]:
    """Build it in many nights, a job for each

    Lines of JSON: a night each, in the order in which they are done, or, as the last
    line, `{"problem": …}` where it broke off. The same `campaign_id` again goes on with
    what is left.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "POST",
        "/scheduler/campaigns",
        parse,
        **_kwargs,
    )
