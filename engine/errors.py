"""What went wrong, where, and what to do about it.

Every stage reports through these three types, so that `kam check`, a night that is
refused and a quarantined row read the same. A stage collects all of its problems before
it raises: a person who edits a policy wants the whole list, not the first line of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file that a person wrote. Lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `code` is stable and hyphenated (``unknown-measure``); `message` says what is wrong;
    `hint` says what to do, where that is known.
    """

    code: str
    message: str
    location: Location | None = None
    hint: str | None = None
    severity: Severity = "error"

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.location or Location("", 0, 0)
        return (place.file, place.line, place.column, self.code, self.message)

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.code}: {self.message}{hint}"


@dataclass
class KamError(Exception):
    """One or more problems that stop what was asked for. Nothing has been changed."""

    problems: tuple[Problem, ...] = field(default_factory=tuple)

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        listed = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = tuple(sorted(listed, key=lambda problem: problem.sort_key))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def problem(
    code: str,
    message: str,
    location: Location | None = None,
    hint: str | None = None,
) -> KamError:
    """A `KamError` with a single problem, for the places that can only find one."""
    return KamError(Problem(code, message, location, hint))
