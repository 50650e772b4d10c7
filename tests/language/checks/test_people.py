"""Who holds the roles that the packs need."""

from __future__ import annotations

from engine.errors import Problem
from engine.language.checks.people import check_people
from engine.language.texts import KeptTexts
from engine.language.workspace import load_workspace
from engine.model import Policy
from tests.language.broken_files import KAM
from tests.language.checks.packs import load, spoilt


def check(people: str, *policies: Policy) -> tuple[Problem, ...]:
    kam = KAM + (f"people: {people}\n".encode() if people else b"")
    workspace = load_workspace("/srv/demo", KeptTexts({"kam.yaml": kam}))
    return check_people(workspace, policies or (load(),), "kam.yaml")


def unheld(found: tuple[Problem, ...]) -> list[str]:
    assert all((one.code, one.severity) == ("role-without-holder", "warning") for one in found)
    return [one.message.split("'")[1] for one in found]


def test_roles_with_holders_are_no_problem() -> None:
    assert check("{office: 陈静, sponsor: [王建国, 李娜]}") == ()


def test_each_role_that_nobody_holds_is_said_once() -> None:
    found = check("")
    assert unheld(found) == ["office", "sponsor"]
    assert {str(one.location) for one in found} == {"kam.yaml:1:1"}
    assert found[0].message == (
        "nobody holds the role 'office': the owner of the pack 'rules' (rules/pack.yaml:1:1) "
        "and 1 more"
    )
    found = check("{office: 陈静}")
    assert unheld(found) == ["sponsor"]
    assert str(found[0].location) == "kam.yaml:6:1"


def test_role_of_the_assignments_is_held_account_by_account() -> None:
    assigned = spoilt("values: [manager, deputy]", "values: [manager, deputy, sponsor]").policy
    assert check("{office: 陈静}", assigned) == ()


def test_assignments_that_admit_any_role_leave_nothing_to_say() -> None:
    free = spoilt("role: {type: enum, values: [manager, deputy]}", "role: text").policy
    assert check("", free) == ()


def test_without_assignments_only_people_hold_roles() -> None:
    case = spoilt(
        "    assignments:\n      columns: {role: {type: enum, values: [manager, deputy]}, "
        "years: number}\n",
        "",
    )
    assert unheld(check("{office: 陈静}", case.policy)) == ["sponsor"]


def test_role_that_no_pack_has_is_unknown() -> None:
    (found,) = check("{office: 陈静, sponsor: 王建国, sponser: 李娜}")
    assert (found.code, found.severity, str(found.location)) == (
        "unknown-role", "error", "kam.yaml:6:36",
    )  # fmt: skip
    assert found.hint == "did you mean 'sponsor'?"


def test_every_use_of_a_role_counts() -> None:
    policy = spoilt(
        "  population: {status: active}",
        "  population: {status: active}\n  approvers: [chair]",
        also=(("roles:\n  office", "roles:\n  chair: {title: {zh: x, en: x}}\n  office"),),
    ).policy
    people = "{office: 陈静, sponsor: 王建国}"
    (found,) = check(people, policy)
    assert "'chair': an approver of 'rules'" in found.message
    assert unheld(check("{office: 陈静}")) == ["sponsor"]
