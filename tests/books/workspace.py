"""A workspace in a folder, whose files tests write and whose store they read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine.audit.store import Run, open_store
from engine.runner import NightReport, run_night


def kam_yaml(workspace: str = "small", policy: str = "small", more: str = "") -> str:
    """kam.yaml of a workspace with one pack; `more` are further lines."""
    return f"""\
workspace: {workspace}
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/{policy}]
store: store
{more}"""


def pack_head(id: str, zh: str, en: str) -> str:
    """The beginning of a pack.yaml, up to its roles; `office` is the first of them."""
    return f"""\
pack:
  id: {id}
  title: {{zh: {zh}, en: {en}}}
  version: "1"
  effective: {{from: 2020-01-01}}
  owner: office

roles:
  office: {{title: {{zh: 办公室, en: Office}}}}
"""


class Workspace:
    """`write`, `replace` and `append` change its files, `on` and `run` its time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def store(self) -> Path:
        return self.root / "store"

    # --- files ---------------------------------------------------------------------------

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def write_all(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            self.write(name, content)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def append(self, name: str, content: str | bytes) -> None:
        more = content if isinstance(content, bytes) else content.encode()
        self.write(name, (self.root / name).read_bytes() + more)

    # --- nights --------------------------------------------------------------------------

    def on(self, day: date) -> None:
        """The books end on `day`."""
        text = (self.root / "kam.yaml").read_text(encoding="utf-8")
        self.write("kam.yaml", re.sub(r"(?m)^as_of:.*$", f"as_of: {day}", text))

    def run(self, as_of: date | None = None) -> NightReport:
        return run_night(self.root, as_of)

    def kept(self, report: NightReport) -> Run:
        """A night as the store knows it."""
        with open_store(self.store, read_only=True) as store:
            run = store.run(report.run_id)
        assert run is not None
        return run

    def lines(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        with open_store(self.store, read_only=True) as store:
            return list(store.database.execute(query, values).fetchall())
