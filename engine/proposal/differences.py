"""How two results of a plan differ, in words: why one that was signed is not signed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.proposal.document import Json, meetings_that_come


def what_differs(said: Json, now: Json) -> Iterator[str]:
    """The accounts that move otherwise, then the rules, then the sums."""
    old = {one["pack"]: one for one in said["packs"]}
    new = {one["pack"]: one for one in now["packs"]}
    for pack in sorted({*old, *new}):
        if pack not in old or pack not in new:
            yield f"the pack {pack} is decided by only one of them"
        elif old[pack] != new[pack]:
            yield from _pack(pack, old[pack], new[pack])
    come, comes = meetings_that_come(said), meetings_that_come(now)
    for role in sorted({*come, *comes}):
        if come.get(role) != comes.get(role):
            yield f"{role} {come.get(role, 0)} meetings a quarter, now {comes.get(role, 0)}"


def _pack(pack: str, old: Json, new: Json) -> Iterator[str]:
    moves = [{one["account"]: one for one in side["moves"]} for side in (old, new)]
    for account in sorted({*moves[0], *moves[1]}):
        was, is_now = (side.get(account) for side in moves)
        if was != is_now:
            yield f"{account} {_move(was)}, now {_move(is_now)}"
    for kind in ("warnings", "entitlements", "milestones"):
        rules = [{one["rule"]: one for one in side[kind]} for side in (old, new)]
        for rule in sorted({*rules[0], *rules[1]}):
            was, is_now = (side.get(rule) for side in rules)
            if (was and was["touched"]) != (is_now and is_now["touched"]):
                yield f"{kind} {rule} {_counts(was)}, now {_counts(is_now)}"


def _counts(one: Mapping[str, Any] | None) -> str:
    return "as before" if one is None else f"+{one['appear']} -{one['vanish']}"


def _move(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "does not move"
    (before, after), (candidate_before, candidate_after) = one["tier"], one["candidate"]
    if before != after:
        return f"moves {before} → {after}"
    return f"tends {candidate_before} → {candidate_after}"
