"""A signed store of three nights, made once, and copies of it to tamper with."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from engine.evidence.keys import new_key
from engine.evidence.notes import Signer, Verifier
from engine.verification.verdict import Verdict
from engine.verification.verify import verify_store
from tests.books.shared import shared
from tests.books.triggers import without_triggers
from tests.night.book import NIGHT, Book

ORIGIN = "example.com/kam"
VERIFIER = "verifier.txt"
RUNS = tuple(f"{NIGHT + timedelta(days=day)}.1" for day in range(3))


@dataclass
class SignedStore:
    """A store, the key that signed it, and ways to damage it."""

    folder: Path
    verifier: Verifier

    def verify(self, *verifiers: Verifier, witness: str | None = None) -> Verdict:
        return verify_store(self.folder, verifiers or (self.verifier,), witness=witness)

    def codes(self) -> set[str]:
        return {found.code for found in self.verify().findings}

    def run_folder(self, number: int = 1) -> Path:
        return self.folder / "runs" / RUNS[number]

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """kam.db without its triggers: whoever tampers removes them, and puts them back."""
        connection = sqlite3.connect(self.folder / "kam.db", isolation_level=None)
        try:
            with without_triggers(connection):
                yield connection
        finally:
            connection.close()

    def execute(self, sql: str, *values: object) -> None:
        with self.database() as connection:
            assert connection.execute(sql, values).rowcount > 0, "the tampering did nothing"

    def execute_script(self, *statements: str) -> None:
        """As `execute`, for statements that change no row; all of it stands in kam.db itself."""
        with self.database() as connection:
            for statement in statements:
                connection.execute(statement)
        with closing(sqlite3.connect(self.folder / "kam.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def value(self, sql: str, *values: object) -> object:
        file = f"file:{self.folder / 'kam.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as connection:
            return connection.execute(sql, values).fetchone()[0]


@contextmanager
def signing(folder: Path) -> Iterator[tuple[Book, Signer]]:
    """A new workspace whose nights are signed meanwhile; `signed_store` knows by which key."""
    key = new_key(ORIGIN)
    book = Book(folder)
    book.append("kam.yaml", f"evidence: {{origin: {ORIGIN}, signed: true}}\n")
    book.write(VERIFIER, key.verifier)
    with pytest.MonkeyPatch.context() as monkeypatch:  # no other test signs with this key
        monkeypatch.setenv("KAM_SIGNING_KEY", key.signer)
        yield book, Signer.parse(key.signer)


def signed_store(folder: Path) -> SignedStore:
    """The store of a workspace that `signing` made."""
    verifier = (folder / VERIFIER).read_text("utf-8")
    return SignedStore(folder / "store", Verifier.parse(verifier))


def make_store(folder: Path) -> None:
    """Three nights: complaints come in before the second, an order before the third."""
    with signing(folder) as (book, _):
        book.run(NIGHT)
        complaints = "a2,2026-06-03\na2,2026-06-04\na1,2026-06-05\na1,2026-06-06\n"
        book.append("data/complaints.csv", complaints)
        book.run(NIGHT + timedelta(days=1))
        book.append("data/orders.csv", "a3,2026-06-20,2000000.00\n")
        book.run(NIGHT + timedelta(days=2))


def copy_of(store: SignedStore, folder: Path) -> SignedStore:
    shutil.copytree(store.folder, folder)
    return SignedStore(folder, store.verifier)


# --- fixtures, for the conftest.py of whoever tests with such a store ---------------------------


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> SignedStore:
    """Never changed; tests take a copy."""
    return signed_store(shared(tmp_path_factory, "signed", make_store))


@pytest.fixture
def signed(original: SignedStore, tmp_path: Path) -> SignedStore:
    return copy_of(original, tmp_path / "store")
