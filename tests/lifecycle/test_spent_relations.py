"""What is left standing in the database of a night once it is done."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from engine.lifecycle import night
from engine.runner import run_night
from kam import main

PACKS = (
    *("key_account_rules", "engineering", "manufacturing", "systems_engineering"),
    "value_segments",
)
STANDING = """
SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE 'duckdb\\_%' ESCAPE '\\'
"""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Part of the night → the relations that stood right after it."""
    book = tmp_path_factory.mktemp("spent") / "book"
    packs = [word for pack in PACKS for word in ("--pack", pack)]
    options = ["--accounts", "40", "--nights", "none", *packs]
    made = CliRunner().invoke(main, ["demo", str(book), *options])
    assert made.exit_code == 0, made.output
    found: dict[str, set[str]] = {}
    drop = night._drop_spent

    def watched(connection: duckdb.DuckDBPyConnection, part: str) -> None:
        before = {name for (name,) in connection.execute(STANDING).fetchall()}
        drop(connection, part)
        found[part] = {name for (name,) in connection.execute(STANDING).fetchall()}
        found[f"before {part}"] = before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night, "_drop_spent", watched)
        patch.setattr(night, "SPARED", 0)
        run_night(Path(book))
    return found


@pytest.mark.parametrize("part", night.SPENT)
def test_what_is_spent_is_dropped_and_nothing_else(part: str, left: dict[str, set[str]]) -> None:
    gone = left[f"before {part}"] - left[part]
    assert gone == {
        name
        for name in left[f"before {part}"]
        if any(fnmatchcase(name, pattern) for pattern in night.SPENT[part])
    }
    assert all(any(fnmatchcase(name, pattern) for name in gone) for pattern in night.SPENT[part]), (
        f"a pattern of '{part}' names nothing that a night makes"
    )


WIDE = {
    *("accounts", "facts", "statistics", "account_salts", "night"),
    *("decisions", "obligations", "log_lines", "action_lines", "ended_causes"),
    *("owners", "cadence_counts", "team_coverage", "quarantine", "scope_facts"),
}


def test_what_is_left_is_read_later(left: dict[str, set[str]]) -> None:
    """Records and what is made of them, inputs and parameters of the night aside."""
    still = {name for name in left["lines"] if not name.startswith(("record_", "records__"))}
    assert still >= WIDE
    assert not {name for name in still if "__" in name}, "a relation of a pack or a scope"


def test_who_holds_little_drops_nothing() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE reviewed_tiers AS SELECT 1 AS account_no")
        night._drop_spent(connection, "tiers")
        assert connection.execute("FROM reviewed_tiers").fetchall() == [(1,)]
