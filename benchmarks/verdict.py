"""One line per figure: what, how much, against what, PASS or MISS."""

from dataclasses import dataclass

from typing_extensions import override


@dataclass(frozen=True)
class Verdict:
    """A measured figure and its goal."""

    name: str
    figure: str
    ratio: float
    goal: str
    passed: bool

    @override
    def __str__(self) -> str:
        word = "PASS" if self.passed else "MISS"
        return f"{word}  {self.name}: {self.figure}; ratio {self.ratio:.3f} (goal {self.goal})"
