"""After the sources are loaded, SQL reaches no file but those of the run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from engine.facts.sealing import seal
from tests.facts.book import Book


@pytest.fixture
def sealed(book: Book) -> Book:
    (book.root / "it's run").mkdir()
    book.write("secret.csv", "a\n1\n")
    seal(book.connection, [book.root / "it's run"])
    return book


def test_sealed_connection_writes_and_reads_the_folder_of_the_run(sealed: Book) -> None:
    path = str(sealed.root / "it's run" / "facts.parquet").replace("'", "''")
    sealed.connection.execute(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet)")
    assert sealed.connection.execute(f"SELECT a FROM '{path}'").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{root}/secret.csv')",
        "SELECT * FROM read_text('{root}/it''s run/../secret.csv')",
        "COPY (SELECT 1) TO '{root}/other.parquet'",
        "ATTACH '{root}/other.db'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL httpfs",
    ],
)
def test_sealed_connection_refuses_everything_else(sealed: Book, statement: str) -> None:
    with pytest.raises(duckdb.Error, match=r"disabled|locked|not allowed|[Cc]annot"):
        sealed.connection.execute(statement.format(root=sealed.root))
    assert sorted(one.name for one in Path(sealed.root).iterdir()) == ["it's run", "secret.csv"]
