"""Two explanations of one account under one pack → the tests, values and scores that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.explain.difference import FactChange, TestChange
from engine.explain.tree import (
    ConditionNode,
    Explanation,
    GroupNode,
    PartNode,
    RuleNode,
    ScoreNode,
    TestNode,
)
from engine.model import Title

POPULATION = Title("适用范围", "Population")
EXCLUSION = Title("排除", "Exclusion")

TIER_FACT = "tier"

Pair = tuple[TestNode | None, TestNode | None]
Side = tuple[str, str, str]
"""What a condition belongs to: kind, id and level."""


@dataclass(frozen=True)
class _Place:
    """A condition of an explanation and what it belongs to."""

    title: Title
    condition: ConditionNode


def changed_tests(before: Explanation, after: Explanation) -> tuple[TestChange, ...]:
    """The comparisons of both sides whose value, threshold or outcome differs."""
    one, other = _conditions(before), _conditions(after)
    found = []
    for key in dict.fromkeys((*other, *one)):
        kind, rule, level = key
        place = other.get(key) or one[key]
        for left, right in _paired(one.get(key), other.get(key)):
            change = TestChange(kind, rule, place.title, level, left, right)
            if change.is_flipped or change.is_rewritten or _differs(left, right):
                found.append(change)
    return tuple(found)


def _differs(one: TestNode | None, other: TestNode | None) -> bool:
    if one is None or other is None:
        return True
    return (
        one.subject.value != other.subject.value
        or one.thresholds != other.thresholds
        or one.standing != other.standing
    )


def _conditions(told: Explanation) -> dict[Side, _Place]:
    """Every condition of an explanation, in the order in which it is decided."""
    found: dict[Side, _Place] = {}
    if told.population is not None:
        found["population", "", ""] = _Place(POPULATION, told.population)
    if told.exclusion is not None:
        found["exclusion", "", ""] = _Place(EXCLUSION, told.exclusion)
    for tier in told.tiers:
        if tier.condition is not None:
            found["tier", tier.id, ""] = _Place(tier.title, tier.condition)
    for rule in told.rules:
        for level in rule.levels:
            found[rule.kind, rule.id, level.level] = _Place(rule.title, level.condition)
    return found


def _paired(one: _Place | None, other: _Place | None) -> list[Pair]:
    """Comparisons of the same subject by the same operator belong together, then what is left
    of the same subject; in the order of the later condition, those that are gone at the end."""
    left = [] if one is None else list(tests_of(one.condition))
    right = [] if other is None else list(tests_of(other.condition))
    partner: dict[int, TestNode] = {}
    for same in (_subject_and_operator, _subject):
        for number, test in enumerate(right):
            found = next((each for each in left if same(each) == same(test)), None)
            if number not in partner and found is not None:
                partner[number] = found
                left.remove(found)
    paired: list[Pair] = [(partner.get(number), test) for number, test in enumerate(right)]
    return paired + [(test, None) for test in left]


def _subject_and_operator(test: TestNode) -> tuple[str, ...]:
    return test.subject.column, test.operator


def _subject(test: TestNode) -> tuple[str, ...]:
    return (test.subject.column,)


def tests_of(node: ConditionNode) -> Iterator[TestNode]:
    """The comparisons of a condition, in order of appearance."""
    if isinstance(node, GroupNode):
        for part in node.parts:
            yield from tests_of(part)
    else:
        yield node


def changed_facts(tests: Iterable[TestChange]) -> tuple[FactChange, ...]:
    """The values that the tests of both sides see and that differ, each once.

    The effective tier, which rules see as well, is decided and no fact.
    """
    found: dict[str, FactChange] = {}
    for test in tests:
        if test.before is None or test.after is None:
            continue
        one, other = test.before, test.after
        subjects = [(one.subject, other.subject), *zip(one.others, other.others, strict=False)]
        for before, after in subjects:
            same = before.column == after.column != TIER_FACT
            if same and before.value != after.value:
                found.setdefault(after.column, FactChange(before, after))
    return tuple(found.values())


def changed_parts(
    before: ScoreNode | None, after: ScoreNode | None
) -> tuple[tuple[PartNode | None, PartNode | None], ...]:
    """The parts of a scorecard that give other points, weigh or add otherwise."""
    one = {part.path: part for part in before.parts} if before else {}
    other = {part.path: part for part in after.parts} if after else {}
    pairs = [(one.get(path), other.get(path)) for path in dict.fromkeys((*other, *one))]
    return tuple((left, right) for left, right in pairs if _weight(left) != _weight(right))


def _weight(part: PartNode | None) -> object:
    return None if part is None else (part.points, part.weight, part.contribution)


def level_word(rule: RuleNode | None) -> str | None:
    """What a rule says: its level, ``holds``, ``unknown``, or None if it does not hold."""
    if rule is None:
        return None
    return verdict_word(rule.level, rule.truth is None)


def verdict_word(level: str | None, unknown: bool) -> str | None:
    """A verdict as one word; rules without levels have the level ``""``."""
    if level is not None:
        return level or "holds"
    return "unknown" if unknown else None
