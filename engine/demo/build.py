"""Writes whole workspaces: the demo book, and an empty start around a pack."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.demo.book import TABLES, Book, Progress, WrittenTable, write_book
from engine.demo.examples import ROWS, write_examples
from engine.demo.workspace import (
    facts_text,
    load_packaged,
    merged_vocabulary,
    new_workspace,
    policy_list,
    workspace_id,
    write_packs,
    write_template,
)

DEMO_PACKS = ("key_account_rules", "engineering")

RENAMED = {"name": "customer_name"}
"""What the demo's account file calls a column of the vocabulary."""


def write_demo(folder: Path, book: Book, progress: Progress) -> tuple[WrittenTable, ...]:
    """Writes the demo workspace into a new or empty folder; returns its tables.

    Raises `KamError` if the folder is not empty, or its disk is full; it is then as it was.
    """
    policies = load_packaged(DEMO_PACKS)
    files = {name: f"data/{name}.{suffix}" for name, suffix in TABLES.items()}
    with new_workspace(folder):
        (folder / "data").mkdir()
        written = write_book(book, folder / "data", progress)
        write_packs(policies, folder)
        facts = facts_text(merged_vocabulary(policies), files, RENAMED)
        (folder / "facts.yaml").write_text(facts, encoding="utf-8")
        values = {
            "accounts": f"{book.accounts}",
            "as_of": book.as_of.isoformat(),
            "seed": str(book.seed),
            "policies": policy_list(policies),
            "largest": written.largest,
        }
        write_template("demo.kam.yaml", folder / "kam.yaml", values)
        write_template("demo.README.md", folder / "README.md", values)
    return written.tables


def write_init(folder: Path, packs: Iterable[str]) -> tuple[Path, ...]:
    """Writes a workspace around packaged packs; returns its own files, without the packs'.

    Raises `KamError` for a pack that does not exist and a folder that is not empty.
    """
    policies = load_packaged(packs)
    vocabulary = merged_vocabulary(policies)
    with new_workspace(folder):
        (folder / "data").mkdir()
        written = write_examples(vocabulary, folder / "data")
        files = {table: f"data/{file}" for table, file in written.items()}
        write_packs(policies, folder)
        facts = facts_text(vocabulary, files, {})
        (folder / "facts.yaml").write_text(facts, encoding="utf-8")
        (folder / ".gitignore").write_text("store/\n", encoding="utf-8")
        values = {
            "workspace": workspace_id(folder),
            "policies": policy_list(policies),
            "rows": str(ROWS),
        }
        write_template("init.kam.yaml", folder / "kam.yaml", values)
        write_template("init.README.md", folder / "README.md", values)
    own = (folder / "kam.yaml", folder / "facts.yaml", folder / "README.md", folder / ".gitignore")
    return own + tuple(folder / file for file in files.values())
