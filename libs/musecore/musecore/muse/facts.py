"""What every entry of the YAML files shares, and the conditions they may state.

The vocabulary is closed: a rule that cannot be said with these words is a reason
for a decision record, not for code called from YAML.
"""

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Condition", "Entry", "Fact", "Items", "Value", "matches"]

Value = bool | int | float | str


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Fact(BaseModel):
    """A part of an entry: frozen, and no key that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(Fact):
    """An entry of a YAML file: it says what it is and where that is known from."""

    doc: Annotated[str, Field(min_length=3)]
    source: Annotated[str, Field(min_length=2)]


Items = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


def matches(value: Value | None, other: Value | None) -> bool:
    """Say whether two values of a match key agree; a missing one agrees with any.

    Numbers are compared as numbers, so that ``1`` and ``1.0`` agree.
    """
    if value is None or other is None:
        return True
    return value == other


class Condition(Fact):
    """One test on a column of a frame, a recipe parameter or an input category.

    Exactly one of `column`, `parameter`, `category` is the subject, exactly one of
    the other fields is the test.
    """

    column: str | None = None
    parameter: str | None = None
    category: str | None = None
    equals: Value | None = None
    one_of: tuple[Value, ...] | None = None
    contains: str | None = None  # an item of a comma-separated list
    less_than: float | None = None
    given: bool | None = None

    def holds(
        self,
        *,
        columns: Mapping[str, Value | None] | None = None,
        parameters: Mapping[str, Value] | None = None,
        categories: Collection[str] = (),
    ) -> bool:
        """Evaluate the test.

        Parameters
        ----------
        columns
            Typed columns of the frame in question.
        parameters
            Effective parameters of the recipe, by name.
        categories
            Categories (tags) that are among the inputs.
        """
        if self.category is not None:
            return (self.category in categories) == (self.given is not False)
        if self.parameter is not None:
            return self._test((parameters or {}).get(self.parameter))
        return self._test((columns or {}).get(self.column or ""))

    def _test(self, value: Value | None) -> bool:
        if self.given is not None:
            return (value is not None) == self.given
        if value is None:
            return False
        if self.one_of is not None:
            return value in self.one_of
        if self.contains is not None:
            return self.contains in [part.strip() for part in str(value).split(",")]
        if self.less_than is not None:
            return not isinstance(value, str) and value < self.less_than
        return value == self.equals
