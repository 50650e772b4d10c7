"""What commands do not import: a third of a short command is modules that it never uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.night.book import Book
from tests.repository.files import ROOT

BUILDS_SQL = ("sqlglot", "engine.plan.sql", "engine.executors.columnar")
CHECKS = ("engine.checking", "engine.language.checks.pack", "jsonschema")
WRITES_A_STORE = (
    *("sqlite_utils", "filelock", "cryptography", "engine.evidence"),
    *("engine.audit.schema.migrations", "engine.audit.recording", "engine.audit.writing"),
    *("engine.audit.outbox", "engine.audit.attesting", "engine.audit.leaf_workers"),
)
DECIDES = ("engine.runner", "engine.lifecycle.night", "chinese_calendar", "engine.facts.loading")
BUILDS_POLICIES = ("engine.language.load", "engine.language.build", "engine.plan.build")
STORES = ("duckdb", "sqlite3", "rich", "engine.audit", "engine.plan", "engine.executors")

NEVER = {
    "check policies/engineering": (*BUILDS_SQL, *WRITES_A_STORE, *DECIDES, *STORES, "jsonschema"),
    "explain a1": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES, "engine.explain.difference"),
    "account a1": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES),
    "accounts": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES, *BUILDS_POLICIES),
    "log": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES, *BUILDS_POLICIES, "duckdb"),
    "actions": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES, *BUILDS_POLICIES, "duckdb"),
    "runs": (*BUILDS_SQL, *CHECKS, *WRITES_A_STORE, *DECIDES, *BUILDS_POLICIES, "duckdb"),
}
"""Command → the modules that it gets along without, with all that are below them."""


@pytest.mark.parametrize("command", NEVER)
def test_command_imports_nothing_that_it_has_no_use_for(command: str, decided: Book) -> None:
    place = [] if command.startswith("check") else ["-w", str(decided.root)]
    assert imported([*command.split(), *place]).isdisjoint(NEVER[command])


def imported(call: list[str]) -> set[str]:
    """The modules that a command imports, and the packages that they are in."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n"
        f"from kam import main; main({call!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines())
