"""A pipeline of named relations: each statement creates one that later ones read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from engine.plan.sql import values


@dataclass(frozen=True)
class Statement:
    """One relation: a view is computed where it is used, a table once."""

    name: str
    kind: Literal["table", "view"]
    comment: str
    query: exp.Query
    drops: tuple[str, ...] = ()
    """Tables that nothing reads any more once this one stands."""

    def sql(self, dialect: str = "duckdb", pretty: bool = False, *, copy: bool = True) -> str:
        """`CREATE … AS …` in a dialect that sqlglot writes. Without a `copy`, which costs as much
        as half of the writing, the statement can be written this once only."""
        create = exp.Create(
            this=values.table(self.name),
            kind=self.kind.upper(),
            expression=self.query,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()])
            if self.kind == "view"
            else None,
        )
        return create.sql(dialect=dialect, pretty=pretty, identify=True, comments=False, copy=copy)

    def drop_sql(self, dialect: str = "duckdb") -> list[str]:
        return [
            exp.Drop(tables=[values.table(name)], kind="TABLE").sql(dialect=dialect)
            for name in self.drops
        ]


def named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=exp.Identifier(this=name, quoted=True))


def columns(names: Iterable[str], table: str | None = None) -> list[exp.Column]:
    return [values.column(name, table) for name in names]


def no_rows(types: Mapping[str, str]) -> exp.Query:
    """A relation without rows; `types` are those of its columns, in DuckDB's words."""
    nothing = (named(values.cast(exp.Null(), kind), name) for name, kind in types.items())
    return exp.select(*nothing, copy=False).limit(0, copy=False)


def union_all(queries: Sequence[exp.Query]) -> exp.Query:
    """All rows of all queries, which have the same columns."""
    found = queries[0]
    for query in queries[1:]:
        found = exp.union(found, query, distinct=False, copy=False)
    return found
