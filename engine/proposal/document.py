"""A proposal as plain JSON: what `kam plan --format json` prints and a plan file holds.

`result` has no names, dates and places, so that the same change over the same facts is the same on
any night. Approvals bind of it what `bound` says: who is decided otherwise, and how. Sums of money
and of accounts follow the facts of every night, and would make a plan stale that nobody touched.
Numbers that are not whole are texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.model import Title
from engine.proposal.model import (
    Cause,
    Cells,
    Edit,
    Load,
    PackChange,
    PolicyState,
    Proposal,
    RuleChange,
    Written,
)

Json = dict[str, Any]


def document(proposal: Proposal) -> Json:
    """Everything, with the names of accounts: for a program that shows it."""
    return {
        "changes": proposal.changes_anything,
        **outline(proposal),
        "result": result_document(proposal),
        "actions": [
            {"role": one.role, "title": _title(one.title), "appear": one.appear,
             "vanish": one.vanish}
            for one in proposal.actions
        ],
        "obligations": [
            {"pack": pack.id, "entitlement": one.rule, "title": _title(one.title),
             "before": dict(one.before), "after": dict(one.after)}
            for pack in proposal.packs
            for one in pack.owed
        ],
        "names": _names(proposal.packs),
        "notes": [{"code": one.code, "message": one.message} for one in proposal.notes],
    }  # fmt: skip


def outline(proposal: Proposal) -> Json:
    """The policies, the facts and the edits: all of a plan file but its result."""
    facts = proposal.facts
    return {
        "workspace": proposal.workspace,
        "engine": proposal.engine,
        "policy": policy_document(proposal.after),
        "before": None if proposal.before is None else policy_document(proposal.before),
        "facts": {
            "run": facts.run,
            "as_of": facts.as_of.isoformat(),
            "fingerprint": facts.fingerprint,
            "manifest": facts.manifest,
        },
        "edits": [_edit(one) for one in proposal.edits],
        "attribution": {"nights": proposal.trials, "cut_off": proposal.is_cut_off},
        "moved_by": [
            {"pack": pack.id, "account": one.account, **_cause(one.cause)}
            for pack in proposal.packs
            for one in pack.moves
        ],
    }


def policy_document(state: PolicyState) -> Json:
    return {
        "hash": state.hash,
        "packs": [
            {"pack": one.id, "version": one.version, "hash": one.hash, "files": dict(one.files)}
            for one in state.packs
        ],
    }


def result_document(proposal: Proposal) -> Json:
    """What would be other, with the sums around it."""
    return {
        "packs": [_pack(one) for one in proposal.packs],
        "meetings_a_quarter": [
            {"role": one.role, "title": _title(one.title), "before": str(one.before),
             "after": str(one.after)}
            for one in proposal.roles
        ],
    }  # fmt: skip


def _pack(pack: PackChange) -> Json:
    return {
        "pack": pack.id,
        "title": _title(pack.title),
        "accounts": [pack.accounts_before, pack.accounts_after],
        "tiers": [{"tier": tier, "title": _title(title)} for tier, title in pack.tiers.items()],
        "tonight": _cells(pack.tonight),
        "candidates": _cells(pack.candidates),
        "moves": [
            {
                "account": one.account,
                "tier": [one.before, one.after],
                "candidate": [one.candidate_before, one.candidate_after],
            }
            for one in pack.moves
        ],
        "warnings": [_rule(one) for one in pack.rules_of("warning")],
        "entitlements": [_rule(one) for one in pack.rules_of("entitlement")],
        "milestones": [_rule(one) for one in pack.rules_of("milestone")],
        "duties": [
            {
                "role": one.role,
                "entitlement": one.rule,
                "kind": one.kind,
                "title": _title(one.title),
                "accounts": [one.accounts_before, one.accounts_after],
                "times_a_quarter": [_text(one.times_before), _text(one.times_after)],
            }
            for one in pack.duties
        ],
        "accounts_per_person": [
            {
                "role": one.role,
                "title": _title(one.title),
                "before": _load(one.before),
                "after": _load(one.after),
            }
            for one in pack.assigned
        ],
        "costs": [
            {
                "entitlement": one.rule,
                "kind": one.kind,
                "title": _title(one.title),
                "accounts": [one.accounts_before, one.accounts_after],
                "money_a_year": [_text(one.before), _text(one.after)],
                "measure": one.measure,
                "needs_approval_by": one.approved_by,
            }
            for one in pack.costs
        ],
    }


def bound(result: Json) -> Json:
    """What approvals bind of a result: every account that is decided otherwise, and how many
    meetings a quarter come or go by role."""
    kinds = ("warnings", "entitlements", "milestones")
    return {
        "packs": [
            {
                "pack": pack["pack"],
                "moves": pack["moves"],
                **{
                    kind: [{"rule": one["rule"], "touched": one["touched"]} for one in pack[kind]]
                    for kind in kinds
                },
            }
            for pack in result["packs"]
        ],
        "meetings_a_quarter": meetings_that_come(result),
    }


def meetings_that_come(result: Json) -> dict[str, str]:
    """Role → meetings a quarter that come (or go, below 0); a role with as many is left out."""
    differences = {
        one["role"]: Decimal(one["after"]) - Decimal(one["before"])
        for one in result["meetings_a_quarter"]
    }
    return {role: str(number) for role, number in sorted(differences.items()) if number}


def _rule(one: RuleChange) -> Json:
    found: Json = {
        "rule": one.rule,
        "title": _title(one.title),
        "accounts": [one.before, one.after],
        "appear": one.appears,
        "vanish": one.vanishes,
        "touched": [
            {"account": each.account, "scope": each.scope, "from": each.before, "to": each.after}
            for each in one.touched
        ],
    }
    if one.kind == "warning":
        found["levels"] = [dict(one.levels_before), dict(one.levels_after)]
    return found


def _edit(one: Edit) -> Json:
    return {
        "number": one.number,
        "pack": one.pack,
        "section": one.section,
        "element": one.element,
        "change": one.change,
        "old": _written(one.old),
        "new": _written(one.new),
    }


def _written(one: Written | None) -> Json | None:
    return None if one is None else {"file": one.file, "line": one.line, "text": one.text}


def _cause(cause: Cause) -> Json:
    return {"edits": list(cause.edits), "together": cause.together}


def _cells(cells: Cells) -> list[Json]:
    listed = sorted(cells.items(), key=lambda item: (str(item[0][0]), str(item[0][1])))
    return [{"from": old, "to": new, "accounts": number} for (old, new), number in listed]


def _load(load: Load) -> Json:
    return {
        "people": load.people,
        "accounts": load.accounts,
        "average": str(load.average),
        "largest": load.largest,
    }


def _title(title: Title) -> Json:
    return {"zh": title.zh, "en": title.en}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _names(packs: Iterable[PackChange]) -> Mapping[str, str]:
    moves = [one for pack in packs for one in pack.moves]
    touched = [one for pack in packs for rule in pack.rules for one in rule.touched]
    pairs = [(one.account, one.name) for one in moves]
    pairs += [(one.account, one.name) for one in touched]
    return {account: name for account, name in pairs if name is not None}
