"""A workspace in a temporary folder, loaded in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.errors import KamError
from engine.facts.loading import FactsReport, SourceReport, load_facts
from engine.facts.reading_catalog import load_catalog
from engine.language.texts import DiskTexts
from engine.plan.steps import Precision

ZONE = "Asia/Shanghai"


@dataclass
class Book:
    """A workspace that a test writes, and what loading it gives."""

    root: Path
    connection: duckdb.DuckDBPyConnection
    report: FactsReport | None = None
    seen: list[str] = field(default_factory=list)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(
        self,
        facts: str,
        precision: Precision | None = None,
        wanted: Mapping[str, list[str]] | None = None,
        zone: str = ZONE,
    ) -> FactsReport:
        self.write("facts.yaml", facts)
        catalog = load_catalog("facts.yaml", DiskTexts(self.root, ""))
        for name in ["accounts", "quarantine", *(f"record_{one}" for one in catalog.records)]:
            self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')
        everything = {table.name: list(table.columns) for table in catalog.tables}
        self.report = load_facts(
            self.connection,
            catalog,
            self.root,
            everything if wanted is None else wanted,
            precision or Precision(),
            zone,
            progress=self.seen.append,
        )
        return self.report

    def refuse(self, facts: str, **options: Any) -> KamError:
        """Load what must not load, and return the error."""
        with pytest.raises(KamError) as caught:
            self.load(facts, **options)
        return caught.value

    def rows(self, table: str, columns: str = "*", order: str = "ALL") -> list[tuple[Any, ...]]:
        statement = f'SELECT {columns} FROM "{table}" ORDER BY {order}'
        return self.connection.execute(statement).fetchall()

    def bad(self) -> list[tuple[int, str, str | None, str]]:
        """Row, column, value and reason of everything in quarantine, in its own order."""
        statement = 'SELECT "row", "column", value, reason FROM quarantine'
        return self.connection.execute(statement).fetchall()

    def source(self, name: str = "accounts") -> SourceReport:
        assert self.report is not None
        return next(one for one in self.report.sources if one.name == name)

    def counts(self, name: str = "accounts") -> tuple[int, int, int]:
        """Rows read, used and in quarantine."""
        one = self.source(name)
        return one.rows_read, one.rows_used, one.rows_quarantined
