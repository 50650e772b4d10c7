"""The book that `kam demo` writes: reproducible, natural, of the promised size."""

from __future__ import annotations

import hashlib
import re
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.demo.book import TABLES, Book, write_book
from engine.demo.build import write_demo
from engine.errors import KamError

AS_OF = date(2026, 6, 30)
CHINESE = re.compile(r"[\u4e00-\u9fff()·]+")


def silent(table: str) -> None:
    del table


def written(folder: Path, accounts: int = 300, seed: int = 7, as_of: date = AS_OF) -> Path:
    folder.mkdir(parents=True)
    write_book(Book(accounts, seed, as_of), folder, silent)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Runs a query in which ``{table}`` stands for the file of that table."""
    files = {
        name: f"read_{form}('{folder / name}.{form}'{', all_varchar = true' * (form == 'csv')})"
        for name, form in TABLES.items()
    }
    with duckdb.connect() as connection:
        return connection.execute(query.format(**files)).fetchall()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("books") / "default")


def test_book_of_the_same_seed_has_the_same_bytes(book: Path, tmp_path: Path) -> None:
    assert digests(written(tmp_path / "again")) == digests(book)


@pytest.mark.slow
def test_book_has_the_same_bytes_for_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = duckdb.connect
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(
            duckdb,
            "connect",
            lambda config, threads=threads: connect(config=config | {"threads": threads}),
        )
        # Enough orders for several row groups of Parquet.
        found.append(digests(written(tmp_path / str(threads), accounts=20_000)))
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_book_of_another_seed_differs_in_every_file(book: Path, tmp_path: Path) -> None:
    other = digests(written(tmp_path / "other", seed=8))
    assert [name for name, digest in digests(book).items() if other[name] == digest] == []


@pytest.mark.slow
def test_book_of_another_day_moves_with_it(tmp_path: Path) -> None:
    folder = written(tmp_path / "later", as_of=date(2025, 2, 28))
    [(last,)] = ask(folder, "SELECT max(ordered_on) FROM {orders}")
    assert date(2025, 2, 28) <= last <= date(2025, 4, 30)


@pytest.mark.slow
def test_book_counts_what_it_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "counted"
    folder.mkdir()
    tables = write_book(Book(300, 7, AS_OF), folder, silent).tables
    assert [table.name for table in tables] == list(TABLES)
    for table in tables:
        assert ask(folder, f"SELECT count(*) FROM {{{table.name}}}") == [(table.rows,)]


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [1, 2, 9, 10, 40])
def test_book_of_few_accounts_has_them_all(accounts: int, tmp_path: Path) -> None:
    folder = written(tmp_path / "small", accounts=accounts)
    assert ask(folder, "SELECT count(*), count(DISTINCT account_id) FROM {accounts}") == [
        (accounts, accounts)
    ]


@pytest.mark.slow
def test_book_has_about_twenty_records_an_account(tmp_path: Path) -> None:
    folder = tmp_path / "sized"
    folder.mkdir()
    tables = write_book(Book(20_000, 7, AS_OF), folder, silent).tables
    records = sum(table.rows for table in tables if table.name != "accounts")
    assert 17 <= records / 20_000 <= 20


def test_names_are_chinese_and_only_a_few_repeat(book: Path) -> None:
    names = [name for (name,) in ask(book, "SELECT customer_name FROM {accounts}")]
    assert len(names) == 301  # one account is entered twice
    assert all(CHINESE.fullmatch(name) for name in names)
    assert 2 <= len(names) - len(set(names)) <= 6


def test_words_of_the_book_are_chinese(book: Path) -> None:
    queries = (
        "SELECT region FROM {accounts} UNION SELECT industry FROM {accounts}",
        "SELECT contact_name FROM {accounts} WHERE contact_name IS NOT NULL",
        "SELECT business_line FROM {orders}",
        "SELECT department FROM {contacts} UNION SELECT person FROM {contacts}",
        "SELECT milestone FROM {deliveries}",
        "SELECT person FROM {assignments} UNION SELECT note FROM {signals}",
    )
    for query in queries:
        found = [text for (text,) in ask(book, query)]
        assert found
        assert all(CHINESE.fullmatch(text) for text in found), query


def test_csv_begins_with_a_byte_order_mark(book: Path) -> None:
    for name, form in TABLES.items():
        if form == "csv":
            assert (book / f"{name}.csv").read_bytes()[:3] == b"\xef\xbb\xbf", name


def test_book_reaches_three_years_back_and_a_little_ahead(book: Path) -> None:
    [(first, last, ahead)] = ask(
        book,
        f"SELECT min(ordered_on), max(ordered_on), count(*) FILTER (ordered_on > '{AS_OF}') "
        "FROM {orders}",
    )
    assert 1080 <= (AS_OF - first).days < 1095
    assert last > AS_OF
    assert 1 <= ahead <= 20


def test_revenue_is_concentrated_in_a_few_accounts(book: Path) -> None:
    shares = [
        share
        for (share,) in ask(
            book,
            "SELECT sum(amount) / (SELECT sum(amount) FROM {orders} "
            f"WHERE ordered_on BETWEEN DATE '{AS_OF}' - 364 AND '{AS_OF}') AS share "
            f"FROM {{orders}} WHERE ordered_on BETWEEN DATE '{AS_OF}' - 364 AND '{AS_OF}' "
            "GROUP BY account_id ORDER BY share DESC",
        )
    ]
    assert shares[0] > 0.25
    assert sum(0.08 <= share <= 0.20 for share in shares) == 3
    assert sum(0.03 <= share < 0.08 for share in shares) == 4
    assert sum(shares[: len(shares) // 5]) > 0.8


def test_larger_accounts_order_more_and_are_visited_more(book: Path) -> None:
    rows = ask(
        book,
        "WITH bought AS (SELECT account_id, sum(amount) AS amount, count(*) AS orders "
        "FROM {orders} GROUP BY 1), met AS (SELECT account_id, count(*) AS contacts "
        "FROM {contacts} GROUP BY 1) SELECT corr(ln(amount), orders), corr(ln(amount), contacts) "
        "FROM bought JOIN met USING (account_id)",
    )
    assert min(rows[0]) > 0.4


def test_book_refuses_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").mkdir()
    with pytest.raises(KamError) as raised:
        write_book(Book(10, 7, AS_OF), tmp_path, silent)
    assert [one.code for one in raised.value.problems] == ["cannot-write"]


@pytest.mark.slow
def test_default_demo_takes_little_time(tmp_path: Path) -> None:
    # Processor time, because machines are shared: under 2 seconds on an idle one.
    start = time.process_time()
    write_demo(tmp_path / "demo", Book(300, 7, AS_OF), silent)
    assert time.process_time() - start < 4
