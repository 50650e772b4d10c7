"""Tiers cut by bands of one measure: values that fall between two bands, or into both.

Only what is proved is said: in a gap no tier can hold, and for an overlap some account
could meet both conditions. Each finding names a value as its witness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from engine.errors import Problem
from engine.language.checks.facts import Fact
from engine.language.checks.regions import Interval, Numbers, Region, Values, common, numbers, union
from engine.language.checks.settings import Setting, settings
from engine.language.checks.solver import Goal, literals, tests_about, universe_of
from engine.language.checks.walk import tests
from engine.model import NUMERIC_TYPES, AnyOf, Condition, NoneOf, Policy, Test, Tier


@dataclass(frozen=True)
class _Pair:
    """Two neighbouring tiers, and the one interval of a measure that each is bound to."""

    better: Tier
    worse: Tier
    fact: Fact
    above: Interval
    below: Interval


def check_bands(policy: Policy) -> Iterator[Problem]:
    """Gaps and overlaps between the bands of neighbouring tiers, as warnings."""
    scheme = policy.tiers
    if scheme is None:
        return
    said: set[tuple[str, str, str]] = set()
    for setting in settings(policy):
        for better, worse in pairwise(scheme.levels):
            for pair in _pairs(better, worse, setting):
                for problem in (_gap(pair, policy, setting), _overlap(pair, policy, setting)):
                    key = (better.id, worse.id, problem.code) if problem else None
                    if problem is not None and key is not None and key not in said:
                        said.add(key)
                        yield problem


def _pairs(better: Tier, worse: Tier, setting: Setting) -> Iterator[_Pair]:
    if better.when is None or worse.when is None:
        return
    for name in dict.fromkeys(test.subject for test in tests(better.when)):
        fact = setting.knowledge.facts.get(name)
        if fact is None or fact.type not in NUMERIC_TYPES:
            continue
        bands = [_band(tier.when, fact, setting) for tier in (better, worse) if tier.when]
        if all(isinstance(band, Numbers) and len(band.intervals) == 1 for band in bands):
            above, below = (band.intervals[0] for band in bands if isinstance(band, Numbers))
            if Interval() not in (above, below):
                yield _Pair(better, worse, fact, above, below)


def _band(condition: Condition, fact: Fact, setting: Setting) -> Values:
    """The values of a fact for which a condition could be true, whatever else holds."""
    free = numbers([Interval()], fact.is_whole)
    if isinstance(condition, Test):
        if condition.subject != fact.name or condition.operator in ("top", "bottom"):
            return free
        unbounded = Fact(fact.name, fact.type, fact.location)
        facts = {**setting.knowledge.facts, fact.name: unbounded}
        knowledge = type(setting.knowledge)(facts, setting.knowledge.parameters)
        asked = dict(literals(condition, "true", knowledge)).get(fact.name)
        return free if asked is None else asked.values
    if isinstance(condition, NoneOf):
        return free
    bands = [_band(part, fact, setting) for part in condition.parts]
    joined = bands[0]
    for band in bands[1:]:
        joined = union(joined, band) if isinstance(condition, AnyOf) else common(joined, band)
    return joined


def _between(pair: _Pair) -> Interval | None:
    """The values that lie between the two bands, whichever of them is higher."""
    for low, high in ((pair.below, pair.above), (pair.above, pair.below)):
        if low.high is not None and high.low is not None:
            gap = Interval(low.high, high.low, not low.high_open, not high.low_open)
            if low.high <= high.low:
                return gap
    return None


def _gap(pair: _Pair, policy: Policy, setting: Setting) -> Problem | None:
    gap = _between(pair)
    if gap is None or policy.tiers is None:
        return None
    values = common(numbers([gap], pair.fact.is_whole), universe_of(pair.fact))
    if values.is_empty or not isinstance(values, Numbers):
        return None
    given = {pair.fact.name: Region(values, missing=False)}
    for tier in policy.tiers.levels:
        if tier.when and setting.solver.is_possible((tier.when, "true"), given=given):
            return None
    where = _range(values.intervals[0], pair.fact)
    witness = _shown(values.intervals[0].witness(), pair.fact)
    message = (
        f"no tier takes '{pair.fact.name}' {where}{setting.since}: "
        f"it lies between '{pair.worse.id}' and '{pair.better.id}'; an account with {witness} "
        f"falls to '{policy.tiers.default.id}'"
    )
    hint = f"let the bands meet; '{pair.better.id}' is at {pair.better.location}"
    return _warning("gap", message, pair, hint)


def _overlap(pair: _Pair, policy: Policy, setting: Setting) -> Problem | None:
    common_part = pair.above.intersect(pair.below)
    if not _is_overlap(pair) or pair.better.when is None or pair.worse.when is None:
        return None
    values = common(numbers([common_part], pair.fact.is_whole), universe_of(pair.fact))
    if values.is_empty or not isinstance(values, Numbers):
        return None
    goals: list[Goal] = [(pair.better.when, "true"), (pair.worse.when, "true")]
    given = {pair.fact.name: Region(values, missing=False)}
    if not setting.solver.is_possible(*goals, given=given):
        return None
    witness = _shown(values.intervals[0].witness(), pair.fact)
    message = (
        f"'{pair.fact.name}' {_range(values.intervals[0], pair.fact)} is in the band of "
        f"'{pair.worse.id}' and of '{pair.better.id}'{setting.since}; an account with {witness} "
        f"that meets both is '{pair.better.id}'"
    )
    hint = (
        f"let the bands meet without overlapping; '{pair.better.id}' is at {pair.better.location}"
    )
    return _warning("overlap", message, pair, hint)


def _is_overlap(pair: _Pair) -> bool:
    """The bands leave each other on both sides: a wider band below a narrower is a cascade."""
    one, two = pair.below, pair.above
    if one.low is not None and two.low is not None and one.low > two.low:
        one, two = two, one
    begins_later = two.low is not None and (one.low is None or one.low < two.low)
    ends_earlier = one.high is not None and (two.high is None or one.high < two.high)
    return begins_later and ends_earlier


def _warning(code: str, message: str, pair: _Pair, hint: str) -> Problem:
    about = next(tests_about(pair.worse.when, pair.fact.name)) if pair.worse.when else None
    place = about.location if about is not None else pair.worse.location
    return Problem(code, message, place, hint, "warning")


def _range(interval: Interval, fact: Fact) -> str:
    """An interval in words.

    >>> from engine.errors import Location
    >>> share = Fact("share", "ratio", Location("x"))
    >>> _range(Interval(Decimal("0.15"), Decimal("0.2"), low_open=True), share)
    'above 15% up to 20%'
    """
    if interval.low is not None and interval.low == interval.high:
        return f"of exactly {_shown(interval.low, fact)}"
    parts = []
    if interval.low is not None:
        parts.append(f"{'above' if interval.low_open else 'from'} {_shown(interval.low, fact)}")
    if interval.high is not None:
        parts.append(f"{'below' if interval.high_open else 'up to'} {_shown(interval.high, fact)}")
    return " ".join(parts)


def _shown(number: Decimal, fact: Fact) -> str:
    if fact.type in ("date", "datetime"):
        return date.fromordinal(int(number)).isoformat()
    if fact.type == "ratio":
        return f"{(number * 100).normalize():f}%"
    return f"{number.normalize():f}"
