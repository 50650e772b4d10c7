"""Finds what somebody speaks about: an action by the beginning of its id, a warning by its rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.audit.failures import store_errors
from engine.audit.named_rows import named_rows
from engine.errors import KamError, problem
from engine.nearest import did_you_mean
from engine.reports.listing import Row, chosen_run
from engine.reports.warnings import WarningFilter, is_known, warnings

if TYPE_CHECKING:
    from engine.audit.store import Run, Store

SHORTEST_PREFIX = 4
_NAMED_AT_MOST = 5


@dataclass(frozen=True)
class FoundAction:
    """An action as it stands. `status` is as stored: open, snoozed, done or expired."""

    action_no: int
    action_id: str
    account: str
    rule_kind: str
    rule: str
    title_zh: str
    title_en: str
    status: str


@dataclass(frozen=True)
class FoundWarning:
    """What a mark about a warning names; `state` is that of an open one: ``firing``,
    ``pending`` or ``cooling``."""

    pack: str
    account: str
    rule: str
    state: str | None = "firing"


# --- actions -------------------------------------------------------------------------------


def find_action(store: Store, prefix: str) -> FoundAction:
    """The one action whose id begins with `prefix`.

    Raises `KamError` ``unknown-action`` or ``ambiguous-action``, each with what to do.
    """
    start = prefix.strip().lower()
    if len(start) < SHORTEST_PREFIX:
        raise problem(
            "unknown-action",
            f"'{prefix}' is too short for the id of an action",
            hint=f"give its first {SHORTEST_PREFIX} characters or more; kam actions lists the ids",
        )
    rows = _actions(store, start)
    if not rows:
        raise problem(
            "unknown-action",
            f"there is no action whose id begins with '{prefix}'",
            hint="kam actions lists the ids of open ones, kam actions --status all of every one",
        )
    if len(rows) > 1:
        named = ", ".join(row["action_id"] for row in rows[:_NAMED_AT_MOST])
        more = " and more" if len(rows) > _NAMED_AT_MOST else ""
        raise problem(
            "ambiguous-action",
            f"several actions begin with '{prefix}': {named}{more}",
            hint="give more characters of the one that you mean",
        )
    row = rows[0]
    return FoundAction(
        action_no=row["action_no"],
        action_id=row["action_id"],
        account=row["account_id"],
        rule_kind=row["rule_kind"],
        rule=row["rule_id"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        status=row["status"],
    )


def require_standing(store: Store, action: FoundAction) -> None:
    """Makes sure that an action is open or snoozed.

    Raises `KamError` ``action-expired`` or ``action-done``, which say when and why.
    """
    if action.status == "expired":
        raise _expired(store, action)
    if action.status == "done":
        raise _done(store, action)


def _actions(store: Store, start: str) -> list[dict[str, Any]]:
    """One more than are named at most. Ids are lower-case, so that `g` is after all of them."""
    with store_errors(store.path):
        cursor = store.connection.execute(
            "SELECT * FROM action_lines "
            "WHERE action_id >= ? AND action_id < ? AND substr(action_id, 1, ?) = ? "
            "ORDER BY action_id LIMIT ?",
            [start, f"{start}g", len(start), start, _NAMED_AT_MOST + 1],
        )
        return list(named_rows(cursor))


_ENDED = {
    "warning": "the warning '{rule}' was resolved",
    "milestone": "the proposal '{rule}' was decided, repeated, or no longer holds",
    "entitlement": "what '{rule}' asked for was done, or is no longer owed",
}


def _expired(store: Store, action: FoundAction) -> KamError:
    with store_errors(store.path):
        rows = store.connection.execute(
            "SELECT run_id, as_of FROM decision_log JOIN runs USING (run_no) "
            "WHERE account_id = ? AND decision_log.kind = 'action_expired' "
            "AND json_extract(evidence, '$.action') = ? ORDER BY seq DESC LIMIT 1",
            [action.account, action.action_id],
        ).fetchall()
    why = _ENDED[action.rule_kind].format(rule=action.rule)
    when, hint = "", None
    for run_id, as_of in rows:
        when = f" on {as_of}"
        hint = f"kam log --account {action.account} --run {run_id} says what that night decided"
    return problem(
        "action-expired",
        f"action {action.action_id} about {action.account} expired{when}: {why}",
        hint=hint,
    )


def _done(store: Store, action: FoundAction) -> KamError:
    with store_errors(store.path):
        ((by, on),) = store.connection.execute(
            "SELECT said_by, said_on FROM marks WHERE action_no = ? AND kind = 'done' "
            "ORDER BY mark_no DESC LIMIT 1",
            [action.action_no],
        ).fetchall()
    return problem(
        "action-done",
        f"action {action.action_id} about {action.account} is done: {by} said so on {on}",
        hint="an action that is done stays done",
    )


# --- warnings ------------------------------------------------------------------------------


def find_firing(store: Store, account: str, rule: str, pack: str | None) -> FoundWarning:
    """A warning that fires as of the last run.

    Raises `KamError`: an unknown account, rule or pack, a pack to name, or
    ``warning-not-firing``.
    """
    run = chosen_run(store, None)
    packs = _packs_of(store, run, account, rule, pack)
    found = _open(store, account, rule)
    firing = [name for name in packs if name in found and found[name]["state"] == "firing"]
    if firing:
        return FoundWarning(_single(firing, rule), account, rule)
    told = next((_since(found[name]) for name in packs if name in found), "")
    raise problem(
        "warning-not-firing",
        f"warning '{rule}' about {account} does not fire as of {run.as_of}{told}",
        hint=f"kam warnings --account {account} lists what is open",
    )


def find_warning(store: Store, account: str, rule: str, pack: str | None) -> FoundWarning:
    """A warning rule about an account, whether it fires or not.

    Raises `KamError`: an unknown account, rule or pack, or a pack to name.
    """
    packs = _packs_of(store, chosen_run(store, None), account, rule, pack)
    found = _open(store, account, rule)
    if len(packs) > 1:
        packs = [name for name in packs if name in found] or packs
    name = _single(packs, rule)
    row = found.get(name)
    return FoundWarning(name, account, rule, None if row is None else row["state"])


def _open(store: Store, account: str, rule: str) -> dict[str, Row]:
    """Pack → what is open of a rule about an account, as of the last run."""
    wanted = WarningFilter(account=account, rule=rule)
    return {row["pack"]: row for row in warnings(store, wanted).rows}


def _since(row: Row) -> str:
    return f": it is {row['state']} since {row['since']}"


def _packs_of(store: Store, run: Run, account: str, rule: str, pack: str | None) -> list[str]:
    """The packs of a run, or the one that is named, that have the rule and know the account."""
    rules = _warning_rules(store, run)
    if pack is not None and pack not in rules:
        raise problem("unknown-pack", f"run {run.run_id} has no pack '{pack}'", hint=_known(rules))
    packs = [name for name in rules if pack in (None, name)]
    having = [name for name in packs if rule in rules[name]]
    if not having:
        every = sorted({one for name in packs for one in rules[name]})
        hint = did_you_mean(rule, every, _known(every))
        raise problem("unknown-warning", f"there is no warning '{rule}'", hint=hint)
    known = [name for name in having if is_known(store, run, account, name)]
    if not known:
        raise problem(
            "unknown-account",
            f"run {run.run_id} knows nothing '{account}' that '{rule}' could be about",
            hint="kam accounts TEXT finds an account by name",
        )
    return known


def _warning_rules(store: Store, run: Run) -> dict[str, set[str]]:
    with store_errors(store.path):
        rows = store.connection.execute(
            "SELECT p.pack, u.rule_id, u.kind FROM run_policies AS x "
            "JOIN policy_versions AS p USING (policy_no) JOIN rules AS u USING (policy_no) "
            "WHERE x.run_no = ? AND u.kind IN ('pack', 'warning') ORDER BY u.rule_no",
            [run.run_no],
        ).fetchall()
    found: dict[str, set[str]] = {}
    for pack, rule, kind in rows:
        found.setdefault(pack, set()).update([rule] if kind == "warning" else [])
    return found


def _single(packs: list[str], rule: str) -> str:
    if len(packs) > 1:
        raise problem(
            "several-packs",
            f"several packs have the warning '{rule}': {', '.join(packs)}",
            hint="name the one that you mean with --pack",
        )
    return packs[0]


def _known(names: object) -> str:
    assert isinstance(names, dict | list)
    return f"there are: {', '.join(names)}" if names else "there is none"
