"""What is personal is not repeated in the quarantine, from where it could not be removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.night.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "workspace")


def personal(book: Book) -> Book:
    book.replace("facts.yaml", "    name: text\n", "    name: {type: text, class: personal}\n")
    book.replace(
        "facts.yaml",
        "    rating: {type: ordinal, values: [C, B, A]}\n",
        "    rating: {type: ordinal, values: [C, B, A]}\n"
        "    birthday: {type: date, class: personal}\n",
    )
    lines = (book.root / "data/accounts.csv").read_text(encoding="utf-8").splitlines()
    dated = [f"{lines[0]},birthday", *(f"{line},1980-01-01" for line in lines[1:])]
    book.write("data/accounts.csv", "\n".join(dated) + "\n")
    return book


def test_personal_cell_is_named_but_not_shown(book: Book) -> None:
    personal(book).append("data/accounts.csv", "a9,某某,active,A,1980-13-01\n")
    (line,) = book.rejected(book.run().run_id)
    assert (line["column"], line["value"], line["row"]) == ("birthday", "(personal)", 6)
    assert "1980" not in line["reason"]


def test_row_that_cannot_be_split_is_not_shown_if_the_table_has_personal_columns(
    book: Book,
) -> None:
    personal(book).append("data/accounts.csv", "a9,某某,active\n")
    (line,) = book.rejected(book.run().run_id)
    assert line["value"] == "(a row with personal data)"
    assert "某某" not in str(line)
