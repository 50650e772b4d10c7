"""What another policy would have made of past nights is what real nights under it make."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.audit.personal.forgetting import forget
from engine.audit.store import open_store
from engine.errors import KamError
from engine.replay.backtest import Backtest
from tests.books.shared import shared
from tests.night.book import Book
from tests.replay.books import PACK, backtested, day, kam_replay

ORDERS = "data/orders.csv"
COMPLAINTS = "data/complaints.csv"
NIGHTS = (0, 1, 2, 5)
NOW = datetime(2026, 7, 6, 10, 0, tzinfo=UTC)


def many(book: Book) -> Book:
    """Forty accounts whose purchases and complaints come and go over four nights."""
    rows = range(5, 45)
    book.append("data/accounts.csv", "".join(f"a{n:02},客户{n},active,B\n" for n in rows))
    book.append(ORDERS, "".join(f"a{n:02},2026-06-{n % 28 + 1:02},{n * 40000}.00\n" for n in rows))
    # A complaint on most days, so that windows fill and empty from night to night.
    book.append(
        COMPLAINTS,
        "".join(
            f"a{n:02},2026-0{6 + month}-{(n * 7 + step) % 28 + 1:02}\n"
            for n in rows
            for month, step in ((0, 0), (0, 9), (1, n % 5))
        ),
    )
    book.replace(PACK, "    layer: data\n", "    layer: data\n    for: 1 day\n")
    return book


@pytest.fixture
def book(book: Book) -> Book:
    return many(book)


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Book:
    def make(root: Path) -> None:
        many(Book(root)).run()

    return Book(shared(tmp_path_factory, "many", make), files={})


def edited(book: Book, folder: Path, *edits: tuple[str, str]) -> Book:
    """The same workspace without a store, under an edited policy."""
    shutil.copytree(book.root, folder, ignore=shutil.ignore_patterns("store"))
    other = Book(folder, files={})
    for old, new in edits:
        other.replace(PACK, old, new)
    return other


def run_all(book: Book) -> list[str]:
    return [book.run(day(count)).run_id for count in NIGHTS]


def real(book: Book, run_id: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {
        row["account_id"]: tuple(row[column] for column in columns)
        for row in book.decisions(run_id)
    }


def moved(found: Backtest) -> list[dict[str, tuple[str | None, str | None]]]:
    return [{one.account: (one.then, one.now) for one in night.moved} for night in found.nights]


EDITS = {
    "easier": (("big: {value: 100万", "big: {value: 60万"),),
    "harder": (("big: {value: 100万", "big: {value: 150万"),),
    "with a monthly review and grace": (
        ("big: {value: 100万", "big: {value: 130万"),
        (
            "  population: {status: active}\n",
            "  population: {status: active}\n"
            "  review: {every: month}\n  demotion: {after: 2 reviews, steps: 1}\n",
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_backtest_moves_exactly_whom_real_nights_under_that_policy_move(
    book: Book, tmp_path: Path, edits: tuple[tuple[str, str], ...]
) -> None:
    other = edited(book, tmp_path / "other", *edits)
    runs = run_all(book)
    assert run_all(other) == runs
    found = backtested(book.root, other.root / "policies" / "small")
    for run_id, night in zip(runs, moved(found), strict=True):
        was, would_be = real(book, run_id, "tier"), real(other, run_id, "tier")
        assert night == {
            account: (was[account][0], would_be[account][0])
            for account in was
            if was[account] != would_be[account]
        }
    assert sum(len(night) for night in moved(found)) > 10, "the edit must move somebody"
    assert found.accounts == len({account for night in moved(found) for account in night})


@pytest.mark.slow
def test_warnings_shift_exactly_as_in_real_nights_under_that_policy(
    book: Book, tmp_path: Path
) -> None:
    other = edited(
        book,
        tmp_path / "other",
        (
            "yellow: {when: {complaints_90d: {gte: 2}}}",
            "yellow: {when: {complaints_90d: {gte: 3}}}",
        ),
        ("    for: 1 day\n", ""),
    )
    runs = run_all(book)
    run_all(other)
    found = backtested(book.root, other.root / "policies" / "small")
    was, would_be = (_first_fired(one, runs) for one in (book, other))
    expected = {}
    for account in was.keys() | would_be.keys():
        then, now = was.get(account), would_be.get(account)
        if then != now:
            shift = "new" if then is None else "gone" if now is None else None
            shift = shift or ("earlier" if now < then else "later")  # type: ignore[operator]
            expected[account] = (shift, None if None in (then, now) else abs(now - then))  # type: ignore[operator]
    assert {one.account: (one.shift, one.nights) for one in found.warnings} == expected
    assert expected, "the edit must shift something"


def _first_fired(book: Book, runs: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, run_id in enumerate(runs):
        for row in book.decisions(run_id):
            if row["warnings"]:
                found.setdefault(row["account_id"], number)
    return found


@pytest.mark.slow
def test_warnings_come_earlier_later_anew_or_not_at_all(book: Book, tmp_path: Path) -> None:
    """Two complaints by the day on which the window has them, a night after that it fires."""
    book.write(
        COMPLAINTS,
        "account_id,opened_on\n"
        "a1,2026-06-30\na1,2026-07-02\n"  # the second complaint comes two nights later
        "a3,2026-07-01\n",  # and here it never comes
    )
    run_all(book)
    eager = edited(book, tmp_path / "eager", ("gte: 2}}}", "gte: 1}}}"))
    assert _shifts(book, eager) == [("a1", "earlier", 2), ("a3", "new", None)]
    numb = edited(book, tmp_path / "numb", ("gte: 2}}}", "gte: 3}}}"))
    assert _shifts(book, numb) == [("a1", "gone", None)]
    shutil.rmtree(book.root / "store")
    book.replace(PACK, "gte: 2}}}", "gte: 1}}}")
    run_all(book)
    late = edited(book, tmp_path / "late", ("gte: 1}}}", "gte: 2}}}"))
    assert _shifts(book, late) == [("a1", "later", 2), ("a3", "gone", None)]


def _shifts(book: Book, other: Book) -> list[tuple[str, str, int | None]]:
    found = backtested(book.root, other.root / "policies" / "small").warnings
    return [(one.account, one.shift, one.nights) for one in found]


@pytest.mark.slow
def test_backtest_goes_on_from_the_state_before_its_first_night(book: Book, tmp_path: Path) -> None:
    """The policy changes between two real nights: the backtest of the rest is those nights."""
    first = book.run(day(0)).run_id
    other = tmp_path / "other"
    changed = book.copy(other)
    changed.replace(PACK, "big: {value: 100万", "big: {value: 60万")
    rest = [book.run(day(count)).run_id for count in NIGHTS[1:]]
    assert [changed.run(day(count)).run_id for count in NIGHTS[1:]] == rest
    found = backtested(book.root, other / "policies" / "small", *rest)
    for run_id, night in zip(rest, moved(found), strict=True):
        was, would_be = real(book, run_id, "tier"), real(changed, run_id, "tier")
        assert night == {
            account: (was[account][0], would_be[account][0])
            for account in was
            if was[account] != would_be[account]
        }
    assert first not in {night.run.run_id for night in found.nights}


def test_backtest_names_the_rule_and_counts_everybody(begun: Book) -> None:
    begun.replace(PACK, "big: {value: 100万", "big: {value: 60万")
    (night,) = backtested(begun.root, begun.root / "policies" / "small").nights
    assert {one.rule for one in night.moved} == {"gold"}
    line = next(
        number
        for number, text in enumerate((begun.root / PACK).read_text("utf-8").splitlines(), 1)
        if text == "    gold:"
    )
    assert {one.location.line for one in night.moved} == {line}
    assert sum(one.accounts for one in night.migrations) == 43  # a4 is closed


def test_backtest_under_the_same_policy_changes_nothing(book: Book) -> None:
    run_all(book)
    found = backtested(book.root, book.root)
    assert (found.accounts, found.warnings) == (0, ())


# --- what was kept, and what was not -------------------------------------------------------


@pytest.mark.slow
def test_measure_that_was_only_renamed_is_taken_from_what_was_kept(begun: Book) -> None:
    shutil.rmtree(begun.root / "data")
    pack = (begun.root / PACK).read_text("utf-8").replace("complaints_90d", "unhappy")
    begun.write(PACK, pack.replace("id: small", "id: other"))
    (night,) = backtested(begun.root, begun.root).nights
    assert not night.from_sources
    tiers = {(one.pack, one.then is None, one.now is None) for one in night.moved}
    assert tiers == {("other", True, False), ("small", False, True)}


@pytest.mark.slow
def test_measure_that_was_not_kept_is_read_from_unchanged_sources(
    book: Book, tmp_path: Path
) -> None:
    edit = ("type: money, sum: orders.amount, window: 365 days",
            "type: money, sum: orders.amount, window: 20 days")  # fmt: skip
    other = edited(book, tmp_path / "other", edit)
    run_id = book.run().run_id
    other.run()
    (night,) = backtested(book.root, other.root / "policies" / "small").nights
    assert night.from_sources
    was, would_be = real(book, run_id, "tier"), real(other, run_id, "tier")
    assert (
        {one.account for one in night.moved}
        == {account for account in was if was[account] != would_be[account]}
        != set()
    )


def test_measure_that_was_not_kept_is_named_with_its_line(begun: Book) -> None:
    begun.append(ORDERS, "a1,2026-06-30,1.00\n")
    begun.replace(PACK, "count: complaints, window: 90 days", "count: complaints, window: 91 days")
    with pytest.raises(KamError) as error:
        backtested(begun.root, begun.root / "policies" / "small")
    (found,) = error.value.problems
    assert found.code == "facts-not-kept"
    assert "the measure 'complaints_90d' of small" in found.message
    assert found.location is not None
    text = (begun.root / PACK).read_text("utf-8").splitlines()[found.location.line - 1]
    assert text.strip().startswith("complaints_90d:")
    assert "data/orders.csv has changed since" in (found.hint or "")


def test_policy_with_an_error_is_refused(begun: Book) -> None:
    begun.replace(PACK, "purchase / total(purchase)", "purchase / total(nothing)")
    with pytest.raises(KamError):
        backtested(begun.root, begun.root / "policies" / "small")


# --- the command ---------------------------------------------------------------------------


@pytest.mark.slow
def test_command_prints_the_matrix_and_a_document(book: Book, tmp_path: Path) -> None:
    run_all(book)
    other = edited(book, tmp_path / "other", EDITS["easier"][0])
    policy = str(other.root / "policies" / "small")
    result = kam_replay(book.root, "--all", "--policy", policy)
    assert result.exit_code == 0
    assert "accounts would have been elsewhere" in result.output
    document = json.loads(
        kam_replay(book.root, "--all", "--policy", policy, "--format", "json").output
    )
    assert [night["run"] for night in document["nights"]] == [
        f"{day(count).isoformat()}.1" for count in NIGHTS
    ]
    (first, *_) = document["nights"][0]["moved"]
    assert first.keys() == {"pack", "account", "name", "then", "now", "candidate", "rule", "file",
                            "line"}  # fmt: skip


@pytest.mark.slow
def test_night_that_was_run_again_counts_once(begun: Book) -> None:
    begun.append(ORDERS, "a1,2026-06-30,1.00\n")
    begun.run()
    result = kam_replay(begun.root, "--all", "--policy", str(begun.root), "--format", "json")
    (night,) = json.loads(result.output)["nights"]
    assert night["run"] == "2026-06-30.2"


@pytest.mark.slow
def test_forgotten_account_is_left_out_and_counted(book: Book) -> None:
    classed = "    rating: {type: ordinal, values: [C, B, A], class: personal}\n"
    book.replace("facts.yaml", "    rating: {type: ordinal, values: [C, B, A]}\n", classed)
    run_all(book)
    with open_store(book.root / "store") as store, store.lock():
        forget(store.connection, book.root / "store", "a44", "陈静", "asked for it", NOW)
    found = backtested(book.root, book.root)
    assert [(night.forgotten, night.moved) for night in found.nights] == [(1, ())] * 4
    assert not found.warnings


@pytest.mark.slow
def test_formula_of_a_record_that_stands_beside_another_pack_is_taken_from_what_was_kept(
    book: Book, tmp_path: Path
) -> None:
    """In another folder the same formula is called otherwise beside that of the other pack."""
    book.replace(
        PACK,
        "columns: {opened_on: date}}\n",
        'columns: {opened_on: date, recent: {type: boolean, formula: "as_of - opened_on < 20"}}}\n',
    )
    book.replace(
        PACK, "count: complaints, window: 90 days", "count: complaints, where: {recent: true}"
    )
    twin = (book.root / PACK).read_text("utf-8").replace("id: small", "id: twin")
    book.write("policies/twin/pack.yaml", twin)
    book.replace("kam.yaml", "[policies/small]", "[policies/small, policies/twin]")
    other = edited(book, tmp_path / "other", *EDITS["easier"])
    book.run()
    shutil.rmtree(book.root / "data")
    (night,) = backtested(book.root, other.root / "policies" / "small").nights
    assert not night.from_sources
    assert {one.pack for one in night.moved} == {"small"}
