"""Guards: a night that breaks one commits nothing and emits nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.audit.approvals import notes_about
from engine.audit.failures import store_errors
from engine.audit.records import SourceRecord
from engine.audit.store import Store
from engine.errors import KamError, Problem, problem
from engine.evidence.approvals import (
    PolicyApproval,
    policies_hash,
    read_approval,
    verify_approval,
)
from engine.language.workspace import Guards, Workspace
from engine.lifecycle.counts import Counts
from engine.model import Policy


def latest_day(workspace: Workspace, now: datetime | None = None) -> date:
    """The last day that may be decided without saying so: today in the workspace's time zone, or
    the day on which a closed book ends where that is later."""
    today = (now or _now()).astimezone(ZoneInfo(workspace.timezone)).date()
    return today if workspace.as_of is None else max(today, workspace.as_of)


def _now() -> datetime:
    return datetime.now(UTC)


def check_future(workspace: Workspace, day: date) -> None:
    """Refuse a night that somebody asked for and whose day has not come.

    Nights run forward only: one mistyped year would close the book until then.
    """
    latest = latest_day(workspace)
    if day <= latest:
        return
    raise problem(
        "future-night",
        f"{day} has not come yet: today is {latest} in {workspace.timezone}",
        hint="correct --as-of, or the clock of this machine: after a night no earlier one can be "
        "run; a trial of a day to come needs --future, in a copy of the workspace; nothing was "
        "written",
    )


def way_back(workspace: Workspace, night: date) -> str:
    """What to do about a night whose day has not come; nothing for any other."""
    if night <= latest_day(workspace):
        return ""
    return (
        f"the night of {night} was run for a day that is still to come, unless the clock of this "
        "machine is wrong: `kam restore FILE --force` brings back a backup of before it; without "
        "one, name a new folder as 'store:' in kam.yaml and begin again"
    )


def check_order(workspace: Workspace, day: date, is_given: bool, store: Store) -> None:
    """Refuse a night before the last one. `is_given`: somebody asked for that very day.

    A day that nobody asked for is the workspace's own, or that of a clock.
    """
    last = store.last_run()
    if last is None or last.as_of <= day:
        return
    told = f"the last night is {last.as_of} (run {last.run_id})"
    if is_given or workspace.as_of is not None:
        where = None if is_given else workspace.location
        message = f"{told}; {day} lies before it"
        hint = way_back(workspace, last.as_of) or _nights_that_were(day, store)
        raise problem("night-before-last", message, where, hint)
    raise problem(
        "clock-turned-back",
        f"{told}, and today is only {day} in {workspace.timezone}",
        hint="check the clock of this machine, and 'timezone:' in kam.yaml; nothing was written; "
        + way_back(workspace, last.as_of),
    )


def _nights_that_were(day: date, store: Store) -> str:
    """The commands that say what was decided on a day, or on the last one before it."""
    found = next((run for run in store.runs() if run.as_of <= day), None)
    if found is None:
        return "nights run forward only, and there is none as early as that; kam runs lists them"
    which = "that night" if found.as_of == day else f"the night before, of {found.as_of},"
    return (
        f"nights run forward only; kam explain ACCOUNT --run {found.run_id} and "
        f"kam log --run {found.run_id} say what {which} decided"
    )


def check_approved(workspace: Workspace, policies: Sequence[Policy], store: Store) -> None:
    """Refuse a night under a policy that not every role of `approval:` has signed.

    The approvals are those of the policy as it stands, whatever facts they were given over.
    """
    if not workspace.guards.approved_policy:
        return
    policy = policies_hash({one.id: one.hash for one in policies})
    with store_errors(store.path):
        notes = notes_about(store.connection, policy)
    missing = missing_roles(workspace, policy, notes)
    if missing:
        raise problem(
            "policy-not-approved",
            f"the policy {policy[:12]} is not approved: {', '.join(missing)} "
            f"{'has' if len(missing) == 1 else 'have'} not signed it",
            workspace.approval.location,
            "nothing was written; `kam plan --save FILE` writes down what it changes, and "
            + " and ".join(f"`kam approve FILE --as {role}`" for role in missing)
            + " approves it",
        )


def missing_roles(workspace: Workspace, policy: str, notes: Iterable[str]) -> tuple[str, ...]:
    """The roles that have yet to sign a policy. All must have signed the same result."""
    signed: dict[str, set[str]] = {}
    for note in notes:
        found = approval_in_force(workspace, note)
        if found is not None and found.policy == policy:
            signed.setdefault(found.result, set()).add(found.role)
    best = max(signed.values(), key=len, default=set())
    return tuple(role for role in workspace.approval.roles if role not in best)


def approval_in_force(workspace: Workspace, note: str) -> PolicyApproval | None:
    """What a note approves; None if it is not of a key that the workspace gives its role now."""
    try:
        said = read_approval(note)
        verify_approval(note, workspace.approval.keys.get(said.role, ()))
    except KamError:
        return None
    return said if said.workspace == workspace.name else None


def check_quarantine(
    guards: Guards,
    sources: Sequence[SourceRecord],
    samples: Callable[[str], list[str]],
    faulty_rows: Callable[[str], int],
) -> None:
    """Refuse a night when too large a share of any source had to be set aside.

    `samples` names some bad cells of a source: a night that is refused keeps no log. Sources that
    are too short by records of bad accounts alone, that is without their `faulty_rows`, are told
    together: a single bad account may reach all of them, and to mend it mends them.
    """
    limit = guards.quarantined_at_most
    if limit is None:
        return
    broken = [one for one in sources if one.rows_quarantined > limit * one.rows_read]
    at_fault = [one for one in broken if faulty_rows(one.name) > limit * one.rows_read]
    problems = [
        Problem(
            "guard-quarantined",
            f"{one.name} ({one.file}): {one.rows_quarantined} of {one.rows_read} rows cannot be "
            f"used, more than the {_percent(limit)} that guards.quarantined allows",
            hint="nothing was written; mend the source, or raise the guard in kam.yaml to see all "
            f"bad rows in the log; for example {'; '.join(samples(one.name))}",
        )
        for one in at_fault
    ]
    if reached := [one for one in broken if one not in at_fault]:
        accounts = next(one for one in sources if one.name == "accounts")
        problems.append(
            Problem(
                "guard-quarantined",
                f"records of accounts whose own row cannot be used: {_counts(reached)}, more than "
                f"the {_percent(limit)} that guards.quarantined allows",
                hint=f"nothing was written; mend {accounts.file}, and they come back by "
                f"themselves; for example {'; '.join(samples(accounts.name))}",
            )
        )
    if problems:
        raise KamError(problems)


def _counts(sources: Sequence[SourceRecord]) -> str:
    each = [f"{one.rows_quarantined} of {one.rows_read} rows of {one.name}" for one in sources]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"


def check_accounts(guards: Guards, accounts: int, previous: Counts | None) -> None:
    """Refuse a night when accounts have vanished, which a broken export looks like."""
    limit = guards.accounts_at_least_of_previous
    if limit is None or previous is None:
        return
    before = int(previous["accounts"])
    if accounts < limit * before:
        raise KamError(
            Problem(
                "guard-accounts",
                f"{accounts} accounts, {before} the night before: less than the "
                f"{_percent(limit)} that guards.accounts asks for",
                hint="nothing was written; is the export of accounts complete? Lower the guard "
                "in kam.yaml if they are really gone",
            )
        )


def check_tier_changes(guards: Guards, counts: Counts, previous: Counts | None) -> None:
    """Refuse a night that moves an unlikely share of a pack's accounts at once."""
    limit = guards.tier_changes_at_most
    if limit is None or previous is None:
        return
    broken = []
    for pack, now in counts["packs"].items():
        before = previous["packs"].get(pack)
        if before is None:
            continue
        moved = sum(accounts for old, _, accounts in now["moves"] if old is not None)
        if moved > limit * int(before["in_population"]):
            broken.append(
                Problem(
                    "guard-tier-changes",
                    f"{pack}: {moved} of {before['in_population']} accounts would change tier, "
                    f"more than the {_percent(limit)} that guards.tier_changes allows",
                    hint="nothing was written; was a policy or a source changed by mistake? Raise "
                    "the guard in kam.yaml if the moves are wanted",
                )
            )
    if broken:
        raise KamError(broken)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
