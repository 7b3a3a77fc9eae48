from typing import Any

from musewise.calls import Call

from ...models.campaign_request import CampaignRequest


def preview_campaign(
    *,
    body: CampaignRequest,
) -> Call[Any]:
    """Say what would run in each of many nights

    Lines of JSON: a night each, in the order in which they are done, or, as the last
    line, `{"problem": …}` where it broke off.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "POST",
        "/scheduler/campaigns/preview",
        parse,
        **_kwargs,
    )
