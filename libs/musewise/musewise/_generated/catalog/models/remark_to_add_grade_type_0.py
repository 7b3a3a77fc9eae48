from typing import Literal

RemarkToAddGradeType0 = Literal["A", "B", "C", "D"]

REMARK_TO_ADD_GRADE_TYPE_0_VALUES: set[RemarkToAddGradeType0] = {
    "A",
    "B",
    "C",
    "D",
}


def check_remark_to_add_grade_type_0(value: str) -> RemarkToAddGradeType0:
    if value in REMARK_TO_ADD_GRADE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMARK_TO_ADD_GRADE_TYPE_0_VALUES!r}"
    )
