from typing import Literal

GetTextLanguage = Literal["dot", "mermaid"]

GET_TEXT_LANGUAGE_VALUES: set[GetTextLanguage] = {
    "dot",
    "mermaid",
}


def check_get_text_language(value: str) -> GetTextLanguage:
    if value in GET_TEXT_LANGUAGE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_TEXT_LANGUAGE_VALUES!r}"
    )
