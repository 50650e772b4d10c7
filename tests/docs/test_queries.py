"""The SQL of the guides, run on the demo book, and the commands that the pages show."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import pytest

import kam
from tests.docs.blocks import Block, blocks
from tests.docs.conftest import Demo

SHELL = re.compile(r"^(?:\$ )?(?:.*(?:&& |=)\S*/)?(kam [a-z].*)$")


def params(*marks: str) -> list[object]:
    return [pytest.param(block, id=block.place) for block in blocks(*marks)]


@pytest.fixture(scope="module")
def database(demo: Demo) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{demo.store}/kam.db?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.mark.parametrize("block", params("sql"))
def test_query_of_the_guides_runs(block: Block, database: sqlite3.Connection) -> None:
    rows = database.execute(block.text).fetchall()
    assert rows or "-- no row" in block.text


@pytest.mark.parametrize("block", params("sql duckdb"))
def test_parquet_query_of_the_guides_runs(
    block: Block, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.store)
    with duckdb.connect() as connection:
        rows = connection.execute(block.text).fetchall()
    assert rows or "-- no row" in block.text


def test_every_sql_block_is_run() -> None:
    assert {one.mark for one in blocks() if one.mark.startswith("sql")} <= {
        "sql",
        "sql duckdb",
        "sql schema",
    }


def shown_calls() -> list[object]:
    """Every `kam …` that a block shows, as typed, without what the shell adds."""
    found = []
    for block in blocks("sh", "text", "ini"):
        if block.page.name == "commands.md":  # usage lines, made from the commands themselves
            continue
        for number, line in enumerate(block.text.splitlines(), block.line + 1):
            if match := SHELL.match(line):
                call = re.split(r"\s+(?:#|>|\||2>|>>)|\s{2,}", match[1])[0]
                found.append(pytest.param(call, id=f"{block.page.name}:{number}"))
    return found


@pytest.mark.parametrize("call", shown_calls())
def test_shown_call_is_one_that_the_command_accepts(
    call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    if "$(" in call:
        call = re.sub(r"\$\([^)]*\)", "2026-06-30", call)
    name, *arguments = shlex.split(call)[1:]
    group = click.Context(kam.main, info_name="kam")
    command = kam.main.get_command(group, name)
    assert command is not None, name
    command.make_context(name, arguments, parent=group)
    assert list(tmp_path.iterdir()) == []
