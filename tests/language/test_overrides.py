"""overrides.yaml and `people:` of kam.yaml; what is refused stands in `broken/overrides`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.errors import KamError, Location
from engine.language.checks.overrides import check_overrides, unknown_accounts
from engine.language.load import load_pack
from engine.language.overrides import Approval, Overrides, TierOverride, read_overrides
from engine.language.texts import DiskTexts, KeptTexts
from engine.language.workspace import load_workspace
from engine.model import Policy
from tests.language.broken_files import KAM, PEOPLE, RULES

FILE = """\
overrides:
  - {account: C000012, tier: strategic, reason: 联合实验室, approver: 王建国, until: 2026-12-31}
  - account: 4711
    pack: rules
    tier: standard
    reason: dispute
    approver: 王建国
    from: 2026-05-01
    until: 2026-05-01
approvals:
  - {account: C000012, milestone: candidate, approver: 王建国, on: 2026-06-01, note: board}
  - {account: C000012, entitlement: funds, approver: 陈静, on: 2026-06-01, until: 2026-06-01}
"""
NAMED = KAM + b"overrides: overrides.yaml\n"
OTHER = RULES.replace(b"{id: rules,", b"{id: other,")


def texts(file: str, kam: bytes = NAMED) -> KeptTexts:
    return KeptTexts({"kam.yaml": kam, "overrides.yaml": file.encode()})


def read(file: str, kam: bytes = NAMED, packs: tuple[str, ...] = ("rules",)) -> Overrides:
    kept = texts(file, kam)
    return read_overrides(load_workspace("/srv/demo", kept), kept, packs)


def pack(content: bytes = RULES) -> Policy:
    return load_pack("rules", KeptTexts({"rules/pack.yaml": content}))


def override(fields: str) -> str:
    return f"overrides:\n  - {{account: C1, tier: core, reason: x, {fields}}}\n"


def test_entries_are_read_as_written() -> None:
    found = read(FILE)
    assert found.tiers == (
        TierOverride(
            "C000012", "rules", "strategic", "联合实验室", "王建国", None, date(2026, 12, 31),
            Location("overrides.yaml", 2, 5),
        ),
        TierOverride(
            "4711", "rules", "standard", "dispute", "王建国", date(2026, 5, 1), date(2026, 5, 1),
            Location("overrides.yaml", 3, 5),
        ),
    )  # fmt: skip
    assert found.approvals == (
        Approval(
            "C000012", "rules", "candidate", None, "王建国", date(2026, 6, 1), None, "board",
            Location("overrides.yaml", 11, 5),
        ),
        Approval(
            "C000012", "rules", None, "funds", "陈静", date(2026, 6, 1), date(2026, 6, 1), None,
            Location("overrides.yaml", 12, 5),
        ),
    )  # fmt: skip
    assert found.entries == (*found.tiers, *found.approvals)


def test_file_is_kept_with_the_workspace() -> None:
    workspace = load_workspace("/srv/demo", texts(FILE))
    assert workspace.overrides == "overrides.yaml"
    assert [file.path for file in workspace.files] == ["kam.yaml", "overrides.yaml"]
    assert workspace.files[1].content == FILE.encode()
    assert read(FILE).file == workspace.files[1]


def test_file_stands_after_that_of_the_calendar() -> None:
    kam = NAMED + b"calendar: {overrides: calendar.yaml}\n"
    kept = KeptTexts(
        {"kam.yaml": kam, "overrides.yaml": b"overrides: []", "calendar.yaml": b"weekend: []"}
    )
    files = load_workspace("/srv/demo", kept).files
    assert [file.path for file in files] == ["kam.yaml", "calendar.yaml", "overrides.yaml"]


def test_what_was_read_with_the_workspace_counts_though_the_file_changes(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_bytes(NAMED)
    (tmp_path / "overrides.yaml").write_text(FILE, "utf-8")
    workspace = load_workspace(tmp_path)
    (tmp_path / "overrides.yaml").write_text("overrides: []", "utf-8")
    found = read_overrides(workspace, DiskTexts(tmp_path, ""), ["rules"])
    assert len(found.entries) == 4
    assert found.tiers[0].location.file == "overrides.yaml"


def test_workspace_without_the_key_has_no_overrides() -> None:
    workspace = load_workspace("/srv/demo", KeptTexts({"kam.yaml": KAM}))
    assert (workspace.overrides, workspace.people) == (None, {})
    assert read_overrides(workspace, KeptTexts({}), ["rules"]) == Overrides((), (), None)


@pytest.mark.parametrize("file", ["overrides: []", "approvals: []", "overrides: []\napprovals: []"])
def test_lists_may_be_empty(file: str) -> None:
    found = read(file)
    assert found.entries == ()
    assert found.file is not None


@pytest.mark.parametrize("path", ["../overrides.yaml", "/etc/overrides.yaml", "."])
def test_path_stays_in_the_workspace(path: str) -> None:
    kam = KAM + f"overrides: {path}\n".encode()
    with pytest.raises(KamError, match=r"kam\.yaml:6:12: path-outside"):
        load_workspace("/srv/demo", texts(FILE, kam))


def test_file_may_not_be_a_link_out_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("overrides: []")
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kam.yaml").write_bytes(NAMED)
    (root / "overrides.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(KamError, match=r"kam\.yaml:6:12: path-outside"):
        load_workspace(root)


def test_missing_file_is_said_at_the_line_that_names_it() -> None:
    with pytest.raises(KamError, match=r"kam\.yaml:6:12: missing-file: 'overrides.yaml'"):
        load_workspace("/srv/demo", KeptTexts({"kam.yaml": NAMED}))


def test_people_are_one_or_several() -> None:
    workspace = load_workspace("/srv/demo", KeptTexts({"kam.yaml": KAM + PEOPLE}))
    assert workspace.people == {"chair": ("王建国",), "office": ("陈静", "李娜")}


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ("{}", "empty-value"),
        ("{chair: }", "empty-value"),
        ("{chair: []}", "empty-value"),
        ("{chair: 7}", "wrong-type"),
        ("{chair: [王建国, 王建国]}", "repeated-value"),
        ("{Chair: 王建国}", "not-an-id"),
        ("[王建国]", "wrong-type"),
    ],
)
def test_people_that_cannot_be_read_are_refused(people: str, code: str) -> None:
    with pytest.raises(KamError) as caught:
        load_workspace("/srv/demo", KeptTexts({"kam.yaml": KAM + f"people: {people}\n".encode()}))
    assert [problem.code for problem in caught.value.problems] == [code]


# --- packs -------------------------------------------------------------------------------------

TWO = NAMED.replace(b"[policies/rules]", b"[policies/rules, policies/other]")


def test_pack_must_be_named_where_there_are_several() -> None:
    with pytest.raises(KamError) as caught:
        read(FILE, TWO, ("rules", "other"))
    assert [(one.code, str(one.location), one.hint) for one in caught.value.problems] == [
        ("missing-key", f"overrides.yaml:{line}:5", "add 'pack': one of rules, other")
        for line in (2, 11, 12)
    ]
    named = FILE.replace("account: C000012", "account: C000012, pack: other")
    assert [entry.pack for entry in read(named, TWO, ("rules", "other")).entries] == [
        "other", "rules", "other", "other",
    ]  # fmt: skip


def test_single_pack_that_cannot_be_loaded_makes_no_problem_of_its_own() -> None:
    assert [entry.pack for entry in read(FILE, packs=()).tiers] == ["", "rules"]


def test_override_of_one_pack_does_not_overlap_that_of_another() -> None:
    file = (
        "overrides:\n"
        "  - {account: C1, pack: rules, tier: core, reason: x, approver: 王, until: 2026-12-31}\n"
        "  - {account: C1, pack: other, tier: core, reason: x, approver: 王, until: 2026-12-31}\n"
    )
    found = read(file, TWO, ("rules", "other"))
    assert check_overrides(found, [pack(), pack(OTHER)], {"chair": ("王",)}) == ()


def test_tier_of_a_pack_without_tiers_is_unknown() -> None:
    bare = RULES[: RULES.index(b"tiers:")]
    (problem,) = check_overrides(
        read(override("approver: 王建国, until: 2026-12-31")), [pack(bare)], {"office": ("王建国",)}
    )
    assert (problem.code, problem.message) == (
        "unknown-tier", "'core' is not a tier: rules has none",
    )  # fmt: skip


# --- days --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "overlap"), [("2026-06-29", True), ("2026-06-30", True), ("2026-07-01", False)]
)
def test_overrides_overlap_on_a_shared_day(starts: str, overlap: bool) -> None:
    first = override("approver: 王建国, from: 2026-01-01, until: 2026-06-30")
    second = override(f"approver: 王建国, from: {starts}, until: 2026-12-31")
    file = first + second.removeprefix("overrides:\n")
    found = check_overrides(read(file), [pack()], {"chair": ("王建国",)})
    assert [problem.code for problem in found] == ["overlapping-overrides"] * overlap


def test_long_override_overlaps_every_short_one_within_it() -> None:
    days = [
        ("2026-01-01", "2026-12-31"),
        ("2026-02-01", "2026-02-02"),
        ("2026-03-01", "2026-03-02"),
    ]
    entries = [override(f"approver: 王建国, from: {a}, until: {b}").split("\n")[1] for a, b in days]
    file = "\n".join(["overrides:", *entries])
    found = check_overrides(read(file), [pack()], {"chair": ("王建国",)})
    assert [(one.code, one.location and one.location.line) for one in found] == [
        ("overlapping-overrides", 3), ("overlapping-overrides", 4),
    ]  # fmt: skip
    assert all("overrides.yaml:2:5" in problem.message for problem in found)


# --- people ------------------------------------------------------------------------------------

OPEN = RULES.replace(b"  approvers: [chair]\n", b"")
MANY = {f"role_{number}": (f"P{number}",) for number in range(10)}


def approved_by(name: str, policy: Policy, people: dict[str, tuple[str, ...]]) -> list[str]:
    found = check_overrides(
        read(override(f"approver: {name}, until: 2026-12-31")), [policy], people
    )
    return [f"{one.code}: {one.hint}" for one in found]


def test_approver_holds_a_role_that_approves() -> None:
    people = {"chair": ("王建国", "赵敏"), "office": ("陈静",)}
    assert approved_by("赵敏", pack(), people) == []
    assert approved_by("陈静", pack(), people) == ["may-not-approve: these may: 王建国, 赵敏"]


def test_nobody_may_approve_where_nobody_holds_the_role() -> None:
    hint = "name who holds the role under 'people:' in kam.yaml"
    assert approved_by("王建国", pack(), {}) == [f"may-not-approve: {hint}"]
    assert approved_by("王建国", pack(), {"office": ("王建国",)}) == [f"may-not-approve: {hint}"]


def test_anybody_of_the_company_may_approve_where_the_pack_names_no_role() -> None:
    assert approved_by("陈静", pack(OPEN), {"office": ("陈静",)}) == []
    assert approved_by("王建国", pack(OPEN), {"office": ("陈静",)}) == [
        "may-not-approve: these may: 陈静"
    ]


def test_many_who_may_are_not_all_named() -> None:
    (found,) = approved_by("张三", pack(OPEN), MANY)
    assert found.endswith("these may: P0, P1, P2, P3, P4, P5, P6, P7 and 2 more")


def test_without_approvers_and_people_there_is_one_warning_for_the_pack() -> None:
    found = check_overrides(read(FILE), [pack(OPEN)], {})
    assert [(one.code, one.severity, str(one.location)) for one in found] == [
        ("approver-not-checked", "warning", "overrides.yaml:2:66")
    ]


def test_budget_is_approved_by_the_role_that_it_asks_for() -> None:
    file = "approvals:\n  - {account: C1, entitlement: funds, approver: 陈静, on: 2026-06-01}\n"
    people = {"chair": ("王建国",), "office": ("陈静",)}
    assert check_overrides(read(file), [pack()], people) == ()
    other = check_overrides(read(file.replace("陈静", "王建国")), [pack()], people)
    assert other == ()  # approvers approve everything


# --- accounts ----------------------------------------------------------------------------------


def test_unknown_accounts_are_warnings_at_their_ids() -> None:
    found = unknown_accounts(read(FILE), {"C000012"})
    assert [(one.code, one.severity, str(one.location)) for one in found] == [
        ("override-unknown-account", "warning", "overrides.yaml:3:14")
    ]
    assert len(unknown_accounts(read(FILE), set())) == 4
    assert unknown_accounts(read(FILE), {"C000012", "4711"}) == ()
    assert unknown_accounts(Overrides(), set()) == ()
