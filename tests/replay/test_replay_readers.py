"""`kam replay` shows values to whoever may read them, and what came of a night to everybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.commands.replay import replay
from tests.night.book import FIRST, Book
from tests.replay.books import PACK, kam_replay, rewrite, tampering

OF_THE_BOOK = ("1100000", "850000", "长江重工", "黄河电气")
PUT_IN = ("1234567", "7654321", "金陵化工")
HIDDEN = (*OF_THE_BOOK, *PUT_IN)
FORMS = [
    pytest.param((), id="text"),
    pytest.param(("--format", "json"), id="json", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def altered(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A night of which everything that it left has been altered."""
    book = Book(tmp_path_factory.mktemp("altered") / "workspace")
    book.run()
    with tampering(book.root) as database:
        for table in ("decision_log", "actions"):
            database.execute(
                f"UPDATE {table} SET evidence = json_set(evidence, '$.purchase', 7654321) "
                "WHERE json_extract(evidence, '$.name') IS NOT NULL"
            )
        database.execute("UPDATE actions SET account_name = '金陵化工'")
    folder = book.store / "runs" / FIRST
    rewrite(
        folder / "facts.parquet",
        "SELECT * REPLACE (1234567::DECIMAL(18, 2) AS purchase) FROM rows",
    )
    rewrite(folder / "decisions.parquet", "SELECT * REPLACE ('金陵化工' AS name) FROM rows")
    return book


def said(book: Book, *arguments: str, reader: str | None = None) -> str:
    who = () if reader is None else ("--reader", reader)
    return kam_replay(book.root, *arguments, *who).output


def without_separators(text: str) -> str:
    return text.replace(",", "")


@pytest.mark.parametrize("form", FORMS)
def test_what_differs_is_masked_for_whoever_may_not_read_it(
    altered: Book, form: tuple[str, ...]
) -> None:
    shown = without_separators(said(altered, FIRST, *form, reader="confidential"))
    assert all(one in shown for one in PUT_IN)
    masked = without_separators(said(altered, FIRST, *form, reader="public"))
    assert not [one for one in HIDDEN if one in masked]
    assert "a1" in masked and "purchase" in masked


def test_the_environment_and_the_workspace_say_who_reads(
    altered: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAM_READER", "public")
    masked = without_separators(said(altered, FIRST))
    assert not [one for one in HIDDEN if one in masked]


def test_a_difference_that_is_masked_is_null_and_named_in_json(altered: Book) -> None:
    (run,) = json.loads(said(altered, FIRST, "--format", "json", reader="public"))["runs"]
    facts = [one for one in run["differences"] if one["where"] == "facts"]
    assert facts
    for one in facts:
        assert (one["then"], one["now"], one["masked"]) == (None, None, ["then", "now"])
    (full,) = json.loads(said(altered, FIRST, "--format", "json", reader="confidential"))["runs"]
    assert len(full["differences"]) == len(run["differences"])
    assert (full["total"], full["state"]) == (run["total"], run["state"])
    assert not any("masked" in one for one in full["differences"])


@pytest.mark.parametrize("form", FORMS)
def test_a_backtest_names_accounts_to_whoever_may_know_them(
    begun: Book, tmp_path: Path, form: tuple[str, ...]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    text = (begun.root / PACK).read_text(encoding="utf-8")
    (other / "pack.yaml").write_text(text.replace("{value: 100万", "{value: 200万"), "utf-8")
    asked = ("--all", "--policy", str(other), *form)
    assert "长江重工" in said(begun, *asked, reader="confidential")
    masked = said(begun, *asked, reader="public")
    assert "长江重工" not in masked
    assert "a1" in masked and "gold" in masked


def test_every_form_of_replay_has_a_reader() -> None:
    assert "--reader" in {name for one in replay.params for name in one.opts}
