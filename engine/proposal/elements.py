"""A policy taken apart into the elements that people edit, and put together from some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from engine.errors import Location
from engine.model import Policy, Tier, TierScheme, Title, Vocabulary

Key = tuple[str, str]
"""(section, id in it)."""

MAPPINGS = (
    *("parameters", "measures", "scorecards", "entitlements", "milestones", "warnings"),
    *("actions", "roles"),
)
HEAD = ("version", "effective_from", "effective_to", "owner")
SCHEME = ("population", "exclude", "review", "demotion", "default", "approvers")
LEVEL = "levels."
ORDER = "order"
WHOLE = "scheme"


def elements(policy: Policy) -> dict[Key, Any]:
    """Every element by its key, in the order of the sections."""
    found: dict[Key, Any] = {("pack", name): getattr(policy, name) for name in HEAD}
    found |= {("vocabulary.accounts", key): one for key, one in policy.vocabulary.accounts.items()}
    found |= {("vocabulary.records", key): one for key, one in policy.vocabulary.records.items()}
    for section in MAPPINGS:
        found |= {(section, key): one for key, one in getattr(policy, section).items()}
    found |= {("tiers", key): one for key, one in _scheme_elements(policy.tiers)}
    return found


def _scheme_elements(scheme: TierScheme | None) -> Iterator[tuple[str, Any]]:
    if scheme is None:
        return
    for name in SCHEME:
        value = getattr(scheme, name)
        if value not in (None, ()):
            yield name, value
    for level in scheme.levels:
        yield f"{LEVEL}{level.id}", level


def changed_keys(old: Policy, new: Policy) -> list[Key]:
    """The elements that are other, in the order of the new policy; those that are gone last."""
    before, after = elements(old), elements(new)
    found = [
        key for key, value in after.items() if key not in before or bare(before[key]) != bare(value)
    ]
    found += [key for key in before if key not in after]
    if not same_order(old, new):
        found.append(("tiers", ORDER))
    if (old.tiers is None) != (new.tiers is None):
        found = [key for key in found if key[0] != "tiers"] + [("tiers", WHOLE)]
    return found


def _order(policy: Policy) -> list[str]:
    """The levels in their order; what only one of two policies has does not disturb it."""
    return [] if policy.tiers is None else [level.id for level in policy.tiers.levels]


def same_order(old: Policy, new: Policy) -> bool:
    """Whether the levels that both have stand in the same order."""
    both = set(_order(old)) & set(_order(new))
    before, after = ([one for one in _order(side) if one in both] for side in (old, new))
    return before == after


def patched(old: Policy, new: Policy, keys: Set[Key]) -> Policy:
    """The old policy with the elements `keys` as they are in the new one."""
    after = elements(new)
    parts: dict[str, Any] = {name: getattr(new, name) for name in HEAD if ("pack", name) in keys}
    for section in MAPPINGS:
        parts[section] = _mapping(section, getattr(old, section), after, keys)
    parts["vocabulary"] = Vocabulary(
        _mapping("vocabulary.accounts", old.vocabulary.accounts, after, keys),
        _mapping("vocabulary.records", old.vocabulary.records, after, keys),
    )
    parts["tiers"] = _scheme(old.tiers, new.tiers, keys)
    return replace(old, **parts)


def _mapping(
    section: str, old: Mapping[str, Any], after: Mapping[Key, Any], keys: Set[Key]
) -> dict[str, Any]:
    found = {
        key: after[section, key] if (section, key) in keys else one
        for key, one in old.items()
        if (section, key) not in keys or (section, key) in after
    }
    added = {key: one for (of, key), one in after.items() if of == section and key not in old}
    return found | {key: one for key, one in added.items() if (section, key) in keys}


def _scheme(old: TierScheme | None, new: TierScheme | None, keys: Set[Key]) -> TierScheme | None:
    wanted = {key for section, key in keys if section == "tiers"}
    if WHOLE in wanted:
        return new
    if old is None or new is None or not wanted:
        return old
    parts = {name: getattr(new, name) for name in SCHEME if name in wanted}
    return replace(old, **parts, levels=_levels(old, new, wanted))


def _levels(old: TierScheme, new: TierScheme, wanted: Set[str]) -> tuple[Tier, ...]:
    before = {level.id: level for level in old.levels}
    after = {level.id: level for level in new.levels}
    kept = {
        name: after[name] if f"{LEVEL}{name}" in wanted else before[name]
        for name in [*before, *after]
        if (f"{LEVEL}{name}" in wanted and name in after)
        or (f"{LEVEL}{name}" not in wanted and name in before)
    }
    order = (
        _merged(list(after), list(before))
        if ORDER in wanted
        else _merged(list(before), list(after))
    )
    return tuple(kept[name] for name in order if name in kept)


def _merged(first: list[str], second: list[str]) -> list[str]:
    """The names of `first` in their order; those of `second` alone after what they followed."""
    order = list(first)
    for place, name in enumerate(second):
        if name not in order:
            earlier = [one for one in second[:place] if one in order]
            order.insert(order.index(earlier[-1]) + 1 if earlier else 0, name)
    return order


def bare(value: object, *, decides_only: bool = False) -> object:
    """The value without its places; with `decides_only` also without what only people read."""
    if isinstance(value, Location):
        return None
    if decides_only and isinstance(value, Title):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return (
            type(value).__name__,
            *(
                bare(getattr(value, one.name), decides_only=decides_only)
                for one in fields(value)
                if not (decides_only and one.name in _FOR_PEOPLE)
            ),
        )
    if isinstance(value, Mapping):
        parts = ((key, bare(one, decides_only=decides_only)) for key, one in value.items())
        return tuple(sorted(parts, key=lambda part: str(part[0])))
    if isinstance(value, tuple | list):
        return tuple(bare(one, decides_only=decides_only) for one in value)
    if isinstance(value, Decimal):
        return ("decimal", value.normalize())
    return value


_FOR_PEOPLE = frozenset({"title", "source", "note", "judgement"})


def words_of(value: object) -> frozenset[str]:
    """Every text within a bare value: among them the ids that the element names."""
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, tuple):
        return frozenset().union(*(words_of(one) for one in value))
    return frozenset()
