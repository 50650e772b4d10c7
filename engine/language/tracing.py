"""Which rule implements which requirement, and which requirement a rule comes from.

One mechanism for both readers of `source:`: the checks, which report what is forgotten, and
`kam trace`, which shows the whole of it. A requirement is a clause of the pack's document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

from engine.errors import Location
from engine.model import Clause, Criterion, Excuse, Policy, Title

State = Literal["implemented", "engine_feature", "not_implemented", "forgotten", "without_source"]


@dataclass(frozen=True)
class Element:
    """A part of a policy that can say which clauses it implements."""

    kind: str
    """``parameter``, ``measure``, ``scorecard``, ``criterion``, ``tier``, ``exclusion``,
    ``entitlement``, ``milestone``, ``warning`` or ``action``."""
    id: str
    title: Title | None
    source: tuple[str, ...]
    location: Location

    @property
    def name(self) -> str:
        """For messages: ``warning 'silent'``."""
        return f"{self.kind} '{self.id}'"


@dataclass(frozen=True)
class Requirement:
    """A clause, the elements that cite it, and the excuse where there is one."""

    clause: Clause
    implemented_by: tuple[Element, ...]
    excuse: Excuse | None

    @property
    def is_forgotten(self) -> bool:
        """Neither implemented nor excused."""
        return not self.implemented_by and self.excuse is None


@dataclass(frozen=True)
class Trace:
    """Both directions of one pack, in the order in which it is written.

    `elements` are those of the pack's own files, and those of its includes that cite a
    clause of its document; the rest of what it includes belongs to other packs.
    """

    policy: Policy
    requirements: tuple[Requirement, ...]
    elements: tuple[Element, ...]

    @property
    def forgotten(self) -> tuple[Requirement, ...]:
        return tuple(one for one in self.requirements if one.is_forgotten)

    @property
    def without_source(self) -> tuple[Element, ...]:
        """Elements that name no clause of the pack's document."""
        return tuple(one for one in self.elements if not self.clauses_of(one))

    def clauses_of(self, element: Element) -> tuple[Clause, ...]:
        """The clauses of the pack's document that an element cites."""
        known = self.policy.clauses
        return tuple(known[name] for name in element.source if name in known)


def trace(policy: Policy) -> Trace:
    """The requirements of a pack and what became of each."""
    found = tuple(elements(policy))
    by_clause: dict[str, list[Element]] = {}
    for element in found:
        for name in dict.fromkeys(element.source):
            by_clause.setdefault(name, []).append(element)
    requirements = tuple(
        Requirement(clause, tuple(by_clause.get(name, ())), policy.excuses.get(name))
        for name, clause in policy.clauses.items()
    )
    kept = tuple(one for one in found if _belongs(one, policy))
    return Trace(policy, requirements, kept)


@dataclass(frozen=True)
class Link:
    """One requirement and one element that implements it; None where there is no such side."""

    clause: Clause | None
    element: Element | None
    excuse: Excuse | None

    @property
    def state(self) -> State:
        if self.clause is None:
            return "without_source"
        if self.element is not None:
            return "implemented"
        if self.excuse is None:
            return "forgotten"
        return "engine_feature" if self.excuse.engine else "not_implemented"


def links(traced: Trace) -> Iterator[Link]:
    """Both directions as one list: the requirements in their order, each with every element
    that cites it or with its excuse, then the elements that cite none."""
    for requirement in traced.requirements:
        clause, excuse = requirement.clause, requirement.excuse
        for element in requirement.implemented_by:
            yield Link(clause, element, None)
        if excuse is not None or requirement.is_forgotten:
            yield Link(clause, None, excuse)
    for element in traced.without_source:
        yield Link(None, element, None)


def elements(policy: Policy) -> Iterator[Element]:
    """Every element that can say which clauses it implements, section by section."""
    yield from _section("parameter", policy.parameters)
    yield from _section("measure", policy.measures)
    for scorecard in policy.scorecards.values():
        yield from _section("scorecard", {scorecard.id: scorecard})
        yield from _criteria(scorecard.criteria)
    yield from _tiers(policy)
    yield from _section("entitlement", policy.entitlements)
    yield from _section("milestone", policy.milestones)
    yield from _section("warning", policy.warnings)
    yield from _section("action", policy.actions)


def is_own(policy: Policy, place: Location) -> bool:
    """Written in the pack's own folder, and not in what it includes from elsewhere."""
    return PurePosixPath(place.file).parent == PurePosixPath(policy.location.file).parent


def _belongs(element: Element, policy: Policy) -> bool:
    cites = any(name in policy.clauses for name in element.source)
    return cites or is_own(policy, element.location)


class _HasSource(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> Title | None: ...
    @property
    def source(self) -> tuple[str, ...]: ...
    @property
    def location(self) -> Location: ...


def _section(kind: str, section: Mapping[str, _HasSource]) -> Iterator[Element]:
    for one in section.values():
        yield Element(kind, one.id, one.title, one.source, one.location)


def _criteria(criteria: tuple[Criterion, ...]) -> Iterator[Element]:
    for one in criteria:
        yield Element("criterion", one.id, one.title, one.source, one.location)
        yield from _criteria(one.parts)


def _tiers(policy: Policy) -> Iterator[Element]:
    scheme = policy.tiers
    if scheme is None:
        return
    yield from _section("tier", {one.id: one for one in (*scheme.levels, scheme.default)})
    if scheme.exclude is not None:
        exclude = scheme.exclude
        yield Element("exclusion", "exclude", None, exclude.source, exclude.location)
