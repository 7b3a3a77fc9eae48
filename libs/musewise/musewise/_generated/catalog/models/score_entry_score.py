from typing import Literal

ScoreEntryScore = Literal[0, 1, 2]

SCORE_ENTRY_SCORE_VALUES: set[ScoreEntryScore] = {
    0,
    1,
    2,
}


def check_score_entry_score(value: int) -> ScoreEntryScore:
    if value in SCORE_ENTRY_SCORE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SCORE_ENTRY_SCORE_VALUES!r}"
    )
