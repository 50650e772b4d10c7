"""Exclusion and approvers of tiers, deadlines and response times, and where milestones lead."""

from __future__ import annotations

import pytest

from tests.language.checks.packs import Broken, spoilt

EXCLUDE = (
    "  population: {status: active}\n",
    "  population: {status: active}\n"
    "  exclude: {when: {silence: {gt: $silent_days}, is_listed: false}}\n"
    "  approvers: [office]\n",
)
DEADLINE = (
    "milestones:\n",
    "  delivery:\n"
    "    kind: deadline\n"
    "    title: {zh: 交付, en: Delivery}\n"
    "    tiers: [core]\n"
    "    records: deliveries\n"
    "    where: {node: late}\n"
    "    due: due_on\n"
    "    done: done_at\n"
    "    remind: 5 workdays before\n"
    "    action: call\n"
    "milestones:\n",
)
DELIVERIES = (
    "    assignments:\n",
    "    deliveries:\n"
    "      time: due_on\n"
    "      columns:\n"
    "        due_on: date\n"
    "        done_at: datetime\n"
    "        node: {type: enum, values: [early, late]}\n"
    "        amount_due: money\n"
    "    assignments:\n",
)
ALSO = (EXCLUDE, DEADLINE, DELIVERIES)

BROKEN = [
    Broken("unknown-role", "approvers: [office]", "approvers: [§ofice]", "'office'", also=ALSO),
    Broken(
        "unknown-measure",
        "{silence: {gt: $silent_days}",
        "{§silense: {gt: $silent_days}",
        "'silence'",
        also=ALSO,
    ),
    Broken(
        "cyclic-formula",
        "{silence: {gt: $silent_days}",
        "{§tier: core",
        "name what the tier is made of",
        also=ALSO,
    ),
    Broken("type-mismatch", "{gt: $silent_days}, is", "{gt: §true}, is", "90 days", also=ALSO),
    Broken("unknown-parameter", "{gt: $silent_days}", "{gt: §$silent}", "did you mean", also=ALSO),
    Broken(
        "never-true",
        "exclude: {when: {silence: {gt: $silent_days}, is_listed: false}}",
        "exclude: {when: {§silence: {gt: $silent_days, lt: $silent_days}}}",
        "leave no value",
        also=ALSO,
    ),
    Broken(
        "never-true",
        "exclude: {when: {silence: {gt: $silent_days}, is_listed: false}}",
        "§exclude: {when: {status: closed}}",
        "outside the population",
        also=ALSO,
    ),
    Broken(
        "unknown-record", "records: deliveries", "records: §delivery", "'deliveries'", also=ALSO
    ),
    Broken("unknown-column", "{node: late}", "{§nod: late}", "did you mean 'node'?", also=ALSO),
    Broken("unknown-value", "{node: late}", "{node: §latte}", "did you mean 'late'?", also=ALSO),
    Broken("unknown-column", "due: due_on", "due: §due", "did you mean 'due_on'?", also=ALSO),
    Broken("unknown-column", "done: done_at", "done: §done_on", "did you mean", also=ALSO),
    Broken(
        "type-mismatch",
        "due: due_on",
        "due: §amount_due",
        "columns with a date: due_on, done_at",
        also=ALSO,
    ),
    Broken("type-mismatch", "done: done_at", "done: §node", "due_on, done_at", also=ALSO),
    Broken("unknown-action", "action: call\nmile", "action: §cal\nmile", "'call'", also=ALSO),
    Broken("unknown-column", "from: opened_at", "from: §opened", "did you mean 'opened_at'?"),
    Broken("type-mismatch", "to: replied_at", "to: §class", "opened_at, replied_at"),
    Broken("type-mismatch", "from: opened_at", "from: §class", "opened_at, replied_at"),
    Broken(
        "milestone-order",
        "  rise:",
        "  §rise:",
        "from best to worst the tiers are: strategic, core, potential, standard",
        also=(("from: potential\n    to: core", "to: standard"),),
    ),
    Broken(
        "milestone-order",
        "  rise:",
        "  §rise:",
        "from best to worst",
        also=(("to: core", "to: standard"), ("effect: promote", "effect: propose")),
    ),
]


def merged(broken: Broken) -> Broken:
    """With the fault in the text that is added, where that is what it spoils."""
    for addition in broken.also:
        before, after = addition
        if broken.old in after and broken.old != before:
            rest = tuple(one for one in broken.also if one != addition)
            return broken._replace(old=before, new=after.replace(broken.old, broken.new), also=rest)
    return broken


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.code} {broken.new.strip()}")
def test_fault_is_reported_where_it_stands(broken: Broken) -> None:
    merged(broken).assert_found()


def test_exclusion_approvers_and_deadline_are_no_problem() -> None:
    assert spoilt(*EXCLUDE, also=(DEADLINE, DELIVERIES)).problems() == ()


def test_milestone_without_a_beginning_may_lead_anywhere_but_to_the_default() -> None:
    case = spoilt("from: potential\n    to: core", "to: potential")
    assert case.problems() == ()


def test_milestone_that_proposes_is_said_to() -> None:
    also = (("to: core", "to: standard"),)
    found = spoilt("effect: promote", "effect: propose", also=also).only()
    assert found.message == "milestone 'rise' proposes to move from 'potential' to 'standard'"
