"""What a night leaves behind, and what the next one makes of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from engine.errors import KamError
from tests.night.book import FIRST, NIGHT, Book

TOMORROW = NIGHT + timedelta(days=1)


def test_first_night_places_every_account_of_the_population(book: Book) -> None:
    report = book.run()
    assert "not-in-force" not in {one.code for one in report.night_notes}
    assert report.run_id == FIRST
    assert book.tiers(FIRST) == {"a1": "gold", "a2": "silver", "a3": "plain", "a4": None}
    assert book.log(FIRST) == [
        ("tier_assigned", "a1", "gold", None, "gold"),
        ("warning_opened", "a1", "complaints", None, "yellow"),
        ("tier_assigned", "a2", "silver", None, "silver"),
        ("milestone_reached", "a2", "nearly_gold", None, None),
        ("action_emitted", "a1", "complaints", None, "call"),
    ]


def test_default_tier_of_a_new_account_stands_in_the_decisions_only(begun: Book) -> None:
    assert begun.tiers(FIRST)["a3"] == "plain"
    assert "a3" not in {account for _, account, *_ in begun.log(FIRST)}
    begun.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,closed,A")
    begun.append("data/accounts.csv", "a0,新客户,active,C\n")
    later = begun.log(begun.run(TOMORROW).run_id)
    assert "a0" not in {account for _, account, *_ in later}


def test_decisions_carry_entitlements_warnings_and_milestones(begun: Book) -> None:
    first, second, third, closed = begun.decisions(FIRST)
    assert first["entitlements"] == ["hotline"]
    assert [(one["rule"], one["level"]) for one in first["warnings"]] == [("complaints", "yellow")]
    assert [one["rule"] for one in second["milestones"]] == ["nearly_gold"]
    assert third["entitlements"] == [] and third["warnings"] == []
    assert closed["in_population"] is False and closed["entitlements"] == []


def test_same_night_again_writes_nothing(begun: Book) -> None:
    before = begun.fingerprint()
    again = begun.run()
    assert again.repeated and again.run_id == FIRST
    assert begun.fingerprint() == before


def test_next_night_without_changes_logs_no_change(begun: Book) -> None:
    report = begun.run(TOMORROW)
    assert report.run_id == "2026-07-01.1" and not report.repeated
    assert begun.log(report.run_id) == []
    kept = begun.decisions(report.run_id)[0]
    assert kept["tier_since"] == NIGHT and kept["warnings"][0]["since"] == NIGHT


def test_same_date_with_mended_facts_is_a_second_run_that_logs_the_difference(begun: Book) -> None:
    begun.append("data/orders.csv", "a3,2026-06-01,2000000.00\n")
    report = begun.run()
    assert report.run_id == "2026-06-30.2"
    assert ("tier_moved", "a3", "gold", "plain", "gold") in begun.log(report.run_id)


def test_moved_tier_is_counted_as_in_and_out(begun: Book) -> None:
    begun.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,C")
    report = begun.run(TOMORROW)
    assert report.counts["packs"]["small"]["moves"] == [["gold", "silver", 1]]
    assert ("tier_moved", "a1", "silver", "gold", "silver") in begun.log(report.run_id)


def test_warning_rises_in_level_and_calls_for_the_action_of_the_new_level(begun: Book) -> None:
    begun.append("data/complaints.csv", "a1,2026-06-30\na1,2026-06-30\n")
    report = begun.run(TOMORROW)
    assert begun.log(report.run_id) == [
        ("warning_level_changed", "a1", "complaints", "yellow", "red"),
        ("action_emitted", "a1", "complaints", None, "visit"),
    ]


@pytest.mark.slow
def test_warning_resolves_when_its_window_has_passed_and_opens_anew(begun: Book) -> None:
    later = date(2026, 8, 30)  # the complaint of 1 June is 90 days old: outside
    report = begun.run(later)
    assert ("warning_resolved", "a1", "complaints", "yellow", None) in begun.log(report.run_id)
    begun.append("data/complaints.csv", "a1,2026-08-31\na1,2026-08-31\n")
    again = begun.run(later + timedelta(days=1))
    lines = begun.log(again.run_id)
    assert ("warning_opened", "a1", "complaints", None, "yellow") in lines
    assert ("action_emitted", "a1", "complaints", None, "call") in lines


def test_window_ends_to_the_day(begun: Book) -> None:
    """as_of - 90 < day: on 29 August both complaints count, on 30 August one is out."""
    assert begun.log(begun.run(date(2026, 8, 29)).run_id) == []


def test_account_that_vanished_is_logged_with_the_reason(begun: Book) -> None:
    accounts = (begun.root / "data/accounts.csv").read_text(encoding="utf-8")
    begun.write("data/accounts.csv", accounts.replace("a3,泰山水泥,active,B\n", ""))
    report = begun.run(TOMORROW)
    assert ("account_left", "a3", "small", "plain", None) in begun.log(report.run_id)
    assert report.counts["packs"]["small"]["left"] == 1
    assert [
        one["account"] if "account" in one else one["value"]
        for one in begun.rejected(report.run_id)
    ] == ["a3"]


def test_account_that_closed_leaves_and_its_warning_resolves(begun: Book) -> None:
    begun.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,closed,A")
    lines = begun.log(begun.run(TOMORROW).run_id)
    assert ("account_left", "a1", "small", "gold", None) in lines
    assert ("warning_resolved", "a1", "complaints", "yellow", None) in lines


def test_night_before_the_last_one_is_refused(begun: Book) -> None:
    before = begun.fingerprint()
    with pytest.raises(KamError, match=r"night-before-last.*2026-06-29 lies before it"):
        begun.run(NIGHT - timedelta(days=1))
    assert begun.fingerprint() == before


@pytest.mark.slow
def test_record_after_the_as_of_date_does_not_exist(book: Book) -> None:
    book.append("data/orders.csv", "a3,2026-07-01,9000000.00\n")
    assert book.tiers(book.run().run_id)["a3"] == "plain"
    assert book.tiers(book.run(TOMORROW).run_id)["a3"] == "gold"


def test_reconciliation_stands_in_the_log(book: Book) -> None:
    book.append("data/orders.csv", "a1,2026-06-01,many\n")
    report = book.run()
    orders = next(one for one in report.sources if one.name == "orders")
    assert (orders.rows_read, orders.rows_used, orders.rows_quarantined) == (5, 4, 1)
    (line,) = book.rejected(report.run_id)
    assert (line["source"], line["row"], line["column"], line["value"]) == (
        "orders", 6, "amount", "many",
    )  # fmt: skip


def test_equal_workspaces_leave_equal_bytes(book: Book, decided: Book) -> None:
    book.run()
    ours, theirs = book.fingerprint(), decided.fingerprint()
    names = [name for name in ours if name != "kam.db"]  # the database keeps the times
    assert names and {name: ours[name] for name in names} == {name: theirs[name] for name in names}


def test_pack_that_is_not_in_force_decides_and_says_so(begun: Book) -> None:
    begun.replace("policies/small/pack.yaml", "{from: 2020-01-01}", "{from: 2026-07-01}")
    assert "not-in-force" not in {one.code for one in begun.run(TOMORROW).night_notes}
    begun.replace("policies/small/pack.yaml", "{from: 2026-07-01}", "{from: 2026-07-03}")
    notes = [one for one in begun.run(TOMORROW).night_notes if one.code == "not-in-force"]
    assert [one.severity for one in notes] == ["warning"]


@pytest.mark.slow
def test_account_that_is_set_aside_keeps_its_decision_until_its_row_is_mended(book: Book) -> None:
    """One bad cell is not a reason to end a tier, resolve a warning, and ask twice later."""
    book.append("data/complaints.csv", "a2,2026-06-01\na3,2026-06-01\n")
    book.run()
    book.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,ZZZ")
    aside = book.run(TOMORROW)
    assert book.log(aside.run_id) == []
    assert book.tiers(aside.run_id)["a1"] == "gold"
    assert "ZZZ" in {line["value"] for line in book.rejected(aside.run_id)}
    book.replace("data/accounts.csv", "a1,长江重工,active,ZZZ", "a1,长江重工,active,A")
    mended = book.run(TOMORROW + timedelta(days=1))
    assert book.log(mended.run_id) == []
    assert mended.counts["actions"] == {}


def test_warning_whose_rule_left_the_policy_still_resolves_in_the_log(begun: Book) -> None:
    pack = (begun.root / "policies/small/pack.yaml").read_text(encoding="utf-8")
    start, end = pack.index("warnings:"), pack.index("actions:")
    begun.write("policies/small/pack.yaml", pack[:start] + pack[end:])
    lines = begun.log(begun.run(TOMORROW).run_id)
    assert ("warning_resolved", "a1", "small", "yellow", None) in lines


def test_account_whose_population_is_unknown_is_counted_as_unknown(book: Book) -> None:
    book.append("data/accounts.csv", "a9,某某,,A\n")
    report = book.run()
    counts = report.counts["packs"]["small"]
    assert counts["unknown_rules"]["pack:population"] == 1
    assert {row["account_id"]: row["unknowns"] for row in book.decisions(report.run_id)}["a9"] == 1
    assert book.tiers(report.run_id)["a9"] is None


def test_another_time_zone_is_another_night(begun: Book) -> None:
    begun.replace("kam.yaml", "timezone: Asia/Shanghai", "timezone: America/New_York")
    assert not begun.run().repeated


def test_database_is_sealed_once_the_facts_are_loaded(book: Book, tmp_path: Path) -> None:
    from engine.runner import night

    seen: list[str] = []

    def peek(connection: duckdb.DuckDBPyConnection, pipeline: object) -> None:
        with pytest.raises(duckdb.PermissionException):
            connection.execute("SELECT * FROM read_text('/etc/hostname')")
        seen.append("tried")
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night.columnar, "measure", peek)
        with pytest.raises(KeyboardInterrupt):
            book.run()
    assert seen == ["tried"]
    assert not (book.root / "store").exists()


def test_dating_column_of_the_vocabulary_counts_where_facts_yaml_names_none(book: Book) -> None:
    """Windows and the as-of date are never dropped because one line is."""
    book.append("data/orders.csv", "a3,2099-01-01,9000000.00\n")
    expected = book.tiers(book.run().run_id)
    book.replace("facts.yaml", "    time: ordered_on\n", "")
    assert book.tiers(book.run(TOMORROW).run_id) == expected


def test_records_that_nothing_dates_are_refused(book: Book) -> None:
    book.replace(
        "facts.yaml",
        "    time: ordered_on\n    columns: {ordered_on: date, amount: money}",
        "    columns: {amount: money}",
    )
    with pytest.raises(KamError, match=r"facts\.yaml:9:3: undated-records: orders .*ordered_on"):
        book.run()


def test_pack_that_is_no_longer_run_ends_what_it_decided_in_the_log(book: Book) -> None:
    other = (book.root / "policies/small/pack.yaml").read_text(encoding="utf-8")
    book.write("policies/other/pack.yaml", other.replace("id: small", "id: other"))
    book.replace("kam.yaml", "[policies/small]", "[policies/small, policies/other]")
    book.run()
    book.replace("kam.yaml", "[policies/small, policies/other]", "[policies/small]")
    lines = book.log(book.run(TOMORROW).run_id)
    assert ("account_left", "a1", None, "gold", None) in lines
    assert ("warning_resolved", "a1", None, "yellow", None) in lines
    assert [line for line in lines if line[2] == "small"] == []


def test_action_that_was_asked_for_before_is_neither_repeated_nor_counted(begun: Book) -> None:
    """The same cause on the same day, closed in between by a wrong export."""
    complaints = (begun.root / "data/complaints.csv").read_text(encoding="utf-8")
    begun.write("data/complaints.csv", "account_id,opened_on\n")
    begun.run()
    begun.write("data/complaints.csv", complaints)
    again = begun.run()
    assert ("warning_opened", "a1", "complaints", None, "yellow") in begun.log(again.run_id)
    assert again.counts["actions"] == {}


def test_files_of_the_last_night_that_were_changed_stop_the_next_one(begun: Book) -> None:
    kept = begun.root / "store" / "runs" / FIRST / "decisions.parquet"
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    with pytest.raises(KamError, match=r"unreadable-run-file: .*decisions\.parquet"):
        begun.run(TOMORROW)
