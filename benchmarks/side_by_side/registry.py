"""The engines, in the order of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from benchmarks.side_by_side.engines.protocol import Engine


@dataclass(frozen=True)
class Entry:
    """An engine by name. `bulk`: it takes all accounts at once; the others take one by one.

    `library` is the distribution whose version is shown, `module` what must be there.
    """

    name: str
    title: str
    bulk: bool
    place: str
    library: str
    module: str

    @property
    def is_installed(self) -> bool:
        return find_spec(self.module) is not None

    def make(self) -> Engine:
        """A fresh engine; imports its library, so only in the process that is measured."""
        module, _, kind = self.place.partition(":")
        made: Engine = getattr(import_module(f"benchmarks.side_by_side.engines.{module}"), kind)()
        return made


KAM = Entry("kam", "kam columnar", True, "kam_columnar:KamColumnar", "duckdb", "duckdb")
KAM_VALUES = Entry(
    "kam_values",
    "kam columnar, with values",
    True,
    "kam_columnar:KamColumnarWithValues",
    "duckdb",
    "duckdb",
)
SCRIPT = Entry("duckdb", "DuckDB by hand", True, "duckdb_script:DuckDBScript", "duckdb", "duckdb")
VALUES = Entry(
    "duckdb_values",
    "DuckDB by hand, with values",
    True,
    "duckdb_script:DuckDBScriptWithValues",
    "duckdb",
    "duckdb",
)
POLARS = Entry("polars", "Polars by hand", True, "polars_script:PolarsScript", "polars", "polars")
RETE = Entry("rete", "kam Rete", False, "kam_rete:KamRete", "durable-rules", "durable")
DURABLE = Entry(
    "durable",
    "durable-rules alone",
    False,
    "durable_rules:DurableRules",
    "durable-rules",
    "durable",
)
ZEN = Entry("zen", "zen-engine, a decision", False, "zen_engine:ZenDecision", "zen-engine", "zen")
ZEN_EXPRESSION = Entry(
    "zen_expression",
    "zen-engine, one expression",
    False,
    "zen_engine:ZenExpression",
    "zen-engine",
    "zen",
)
RULE_ENGINE = Entry(
    "rule_engine",
    "rule-engine",
    False,
    "rule_engine_library:RuleEngine",
    "rule-engine",
    "rule_engine",
)

ENGINES = (KAM, KAM_VALUES, SCRIPT, VALUES, POLARS, RETE, DURABLE, ZEN, ZEN_EXPRESSION, RULE_ENGINE)
BY_NAME = {entry.name: entry for entry in ENGINES}
