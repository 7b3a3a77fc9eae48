from typing import Literal

RemarkGradeType0 = Literal["A", "B", "C", "D"]

REMARK_GRADE_TYPE_0_VALUES: set[RemarkGradeType0] = {
    "A",
    "B",
    "C",
    "D",
}


def check_remark_grade_type_0(value: str) -> RemarkGradeType0:
    if value in REMARK_GRADE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMARK_GRADE_TYPE_0_VALUES!r}"
    )
