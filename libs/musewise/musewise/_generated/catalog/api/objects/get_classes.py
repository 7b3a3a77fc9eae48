from typing import Any

from musewise.calls import Call

from ...models.class_info import ClassInfo


def get_classes() -> Call[list[ClassInfo]]:
    """Classes of objects and their attributes"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[ClassInfo]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = ClassInfo.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/objects/classes",
        parse,
        **_kwargs,
    )
