"""The engines, in the order of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from benchmarks.side_by_side.engines.protocol import Engine

MODULES = {"durable-rules": "durable", "zen-engine": "zen", "rule-engine": "rule_engine"}
"""Library → what it is imported as, where that is another name."""


@dataclass(frozen=True)
class Entry:
    """An engine by name. `bulk`: it takes all accounts at once; the others take one by one.

    `place` is the module of `engines` and the class in it; `library` the distribution whose
    version is shown.
    """

    name: str
    title: str
    bulk: bool
    place: str
    library: str

    @property
    def is_installed(self) -> bool:
        return find_spec(MODULES.get(self.library, self.library)) is not None

    def make(self) -> Engine:
        """A fresh engine; imports its library, so only in the process that is measured."""
        module, _, kind = self.place.partition(":")
        made: Engine = getattr(import_module(f"benchmarks.side_by_side.engines.{module}"), kind)()
        return made


ENGINES = tuple(
    Entry(*one)
    for one in (
        ("kam", "kam columnar", True, "kam_columnar:KamColumnar", "duckdb"),
        ("kam_values", "kam columnar, with values", True,
         "kam_columnar:KamColumnarWithValues", "duckdb"),
        ("duckdb", "DuckDB by hand", True, "duckdb_script:DuckDBScript", "duckdb"),
        ("duckdb_values", "DuckDB by hand, with values", True,
         "duckdb_script:DuckDBScriptWithValues", "duckdb"),
        ("polars", "Polars by hand", True, "polars_script:PolarsScript", "polars"),
        ("rete", "kam Rete", False, "kam_rete:KamRete", "durable-rules"),
        ("durable", "durable-rules alone", False, "durable_rules:DurableRules", "durable-rules"),
        ("zen", "zen-engine, a decision", False, "zen_engine:ZenDecision", "zen-engine"),
        ("zen_expression", "zen-engine, one expression", False,
         "zen_engine:ZenExpression", "zen-engine"),
        ("rule_engine", "rule-engine", False, "rule_engine_library:RuleEngine", "rule-engine"),
    )
)  # fmt: skip
BY_NAME = {entry.name: entry for entry in ENGINES}

KAM, KAM_VALUES = BY_NAME["kam"], BY_NAME["kam_values"]
SCRIPT, VALUES = BY_NAME["duckdb"], BY_NAME["duckdb_values"]
RETE, DURABLE, ZEN = BY_NAME["rete"], BY_NAME["durable"], BY_NAME["zen"]
