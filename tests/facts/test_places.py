"""Where a source may lie, and what is said about one that does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.facts.book import Book

FACTS = "accounts: {{source: {source}, key: id, columns: {{name: text}}}}"
CONTENT = "id,name\nA,a\n"


@pytest.mark.parametrize(
    "path", ["../a.csv", "data/../../a.csv", "/etc/a.csv", "~/a.csv", "C:/a.csv", "data\\a.csv"]
)
def test_source_outside_the_workspace_is_refused(book: Book, path: str) -> None:
    (found,) = book.refuse(FACTS.format(source=f"'{path}'")).problems
    assert found.code == "path-outside"
    assert found.hint is not None and "set KAM_DATA" in found.hint


def test_source_behind_a_link_that_leaves_is_refused(book: Book, tmp_path: Path) -> None:
    book.root = tmp_path / "workspace"
    (tmp_path / "a.csv").write_text(CONTENT)
    book.write("b.csv", CONTENT)
    (book.root / "a.csv").symlink_to(tmp_path / "a.csv")
    (book.root / "c.csv").symlink_to(book.root / "b.csv")
    (found,) = book.refuse(FACTS.format(source="a.csv")).problems
    assert "is a link to a place outside the workspace" in found.message
    book.load(FACTS.format(source="c.csv"))
    assert book.counts() == (1, 1, 0)


def test_data_folder_of_the_machine_may_be_named(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    book.root = tmp_path / "workspace"
    book.write("../outside/sub/a.csv", CONTENT)
    facts = FACTS.format(source="'${KAM_DATA}/sub/a.csv'")
    (found,) = book.refuse(facts).problems
    assert (found.code, "which is not set" in found.message) == ("unset-variable", True)
    monkeypatch.setenv("KAM_DATA", "outside")
    assert "which is not an absolute path" in str(book.refuse(facts))
    monkeypatch.setenv("KAM_DATA", str(outside))
    report = book.load(facts)
    assert report.sources[0].file == "${KAM_DATA}/sub/a.csv"
    for path in ("${KAM_DATA}/../workspace/facts.yaml", "${HOME}/a.csv", "${KAM_DATA}"):
        assert book.refuse(FACTS.format(source=f"'{path}.csv'")).problems[0].code == "path-outside"


def test_missing_sources_are_reported_together_with_their_places(book: Book) -> None:
    book.write("accounts.csv", CONTENT)
    facts = """
accounts: {source: acounts.csv, key: id, columns: {name: text}}
records:
  orders:
    source: nowhere/orders.csv
    account: id
    columns: {amount: money}
  contacts:
    source: accounts.csv
    account: id
    columns: {kind: text}
"""
    found = book.refuse(facts).problems
    assert [(one.code, one.location.line) for one in found if one.location] == [
        ("missing-source", 2), ("missing-source", 5), ("missing-source-column", 11),
    ]  # fmt: skip
    assert found[0].hint == "did you mean 'accounts.csv'?"
    assert found[1].hint == "a source is named relative to the folder of kam.yaml"
    assert book.connection.execute("SHOW TABLES").fetchall() == []


def test_source_that_is_a_folder_is_refused(book: Book) -> None:
    (book.root / "a.csv").mkdir()
    (found,) = book.refuse(FACTS.format(source="a.csv")).problems
    assert found.code == "not-a-file"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_source_without_permission_is_refused(book: Book) -> None:
    book.write("a.csv", CONTENT).chmod(0)
    (found,) = book.refuse(FACTS.format(source="a.csv")).problems
    assert found.code == "unreadable-source"
