"""Writes the generated pages of docs/: `python -m docs.generate`.

With ``--check`` nothing is written; the exit code is 1, with a diff, if a page is stale.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docs.reference.commands import commands_page
from docs.reference.language import language_page
from docs.reference.store import store_page

FOLDER = Path(__file__).resolve().parent

PAGES: Mapping[str, Callable[[], str]] = {
    "language.md": language_page,
    "commands.md": commands_page,
    "store.md": store_page,
}
"""Every generated page; a new one is a new row."""


def stale_lines() -> list[str]:
    """A unified diff from the pages as they are to what they should be; empty if fresh."""
    lines: list[str] = []
    for name, build in PAGES.items():
        path = FOLDER / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        lines += difflib.unified_diff(
            old.splitlines(), build().splitlines(), f"docs/{name}", f"docs/{name} (generated)",
            lineterm="",
        )  # fmt: skip
    return lines


def write_pages() -> list[str]:
    """Writes the pages that are stale and returns their names."""
    written = []
    for name, build in PAGES.items():
        path, text = FOLDER / name, build()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(name)
    return written


def main(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--check"]:
        stale = stale_lines()
        if stale:
            sys.stdout.write("\n".join([*stale, "", "run `make docs`", ""]))
        return 1 if stale else 0
    if arguments:
        sys.stderr.write("usage: python -m docs.generate [--check]\n")
        return 2
    for name in write_pages():
        sys.stdout.write(f"docs/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
