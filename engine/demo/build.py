"""Writes whole workspaces: the demo book, and an empty start around a pack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.demo.book import TABLES, Book, Progress, WrittenTable, write_book
from engine.demo.day import events_text
from engine.demo.decisions import overrides_text, people_of, people_text
from engine.demo.examples import ROWS, write_examples
from engine.demo.workspace import (
    facts_text,
    load_packaged,
    merged_vocabulary,
    new_workspace,
    other_packs,
    packaged_packs,
    policy_list,
    workspace_id,
    write_packs,
    write_template,
)
from engine.model import Policy

DEMO_PACKS = ("key_account_rules", "engineering")

RENAMED = {"name": "customer_name"}
"""What the demo's account file calls a column of the vocabulary."""


def write_demo(
    folder: Path, book: Book, progress: Progress, packs: Iterable[str] = DEMO_PACKS
) -> tuple[WrittenTable, ...]:
    """Writes the demo workspace into a new or empty folder; returns its tables.

    `packs` decide; the files of every other pack lie beside theirs, so that one line adds it.
    Raises `KamError` for a pack that does not exist, and if the folder is not empty or its disk
    is full; the folder is then as it was.
    """
    policies = load_packaged(packs)
    shelf = load_packaged(packaged_packs())
    files = {name: f"data/{name}.{suffix}" for name, suffix in TABLES.items()}
    with new_workspace(folder):
        (folder / "data").mkdir()
        written = write_book(book, folder / "data", progress)
        write_packs(shelf, folder)
        facts = facts_text(merged_vocabulary(shelf), files, RENAMED)
        (folder / "facts.yaml").write_text(facts, encoding="utf-8")
        decided = overrides_text(policies[0].id, written.cast, book.as_of)
        (folder / "overrides.yaml").write_text(decided, encoding="utf-8")
        told = events_text(written.largest, book.as_of)
        (folder / "events.jsonl").write_text(told, encoding="utf-8")
        values = {
            "accounts": f"{book.accounts}",
            "as_of": book.as_of.isoformat(),
            "seed": str(book.seed),
            "policies": policy_list(policies),
            "others": other_packs(policies, shelf),
            "people": people_text(_people(policies, shelf)),
            "largest": written.largest,
        }
        write_template("demo.kam.yaml", folder / "kam.yaml", values)
        write_template("demo.README.md", folder / "README.md", values)
    return written.tables


def _people(policies: Sequence[Policy], shelf: Sequence[Policy]) -> dict[str, tuple[str, ...]]:
    """Who holds what any pack of the shelf asks for, as far as the deciding packs know the role:
    a pack that is added finds its people there.
    """
    known = {role for policy in policies for role in policy.roles}
    return {role: names for role, names in people_of(shelf).items() if role in known}


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
            "people": people_text(dict.fromkeys(people_of(policies), ("姓名",))),
            "rows": str(ROWS),
        }
        write_template("init.kam.yaml", folder / "kam.yaml", values)
        write_template("init.README.md", folder / "README.md", values)
    own = (folder / "kam.yaml", folder / "facts.yaml", folder / "README.md", folder / ".gitignore")
    return own + tuple(folder / file for file in files.values())
