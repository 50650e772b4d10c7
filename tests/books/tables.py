"""Tables of a small workspace, said once: what facts.yaml maps, and what a pack calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WIDTH = 100
"""Characters of a line of YAML; what is longer is written over several."""

ACCOUNTS, ACCOUNT_ID = "accounts", "account_id"


@dataclass(frozen=True)
class Table:
    """`columns` are those that policies use: name → type, as YAML writes it.

    `mapped` are columns that facts.yaml writes otherwise, or that no policy knows. `time` is
    the column that dates a record.
    """

    columns: Mapping[str, str]
    key: str | None = None
    time: str | None = None
    mapped: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> tuple[str, ...]:
        """The columns of its CSV file: whose row it is, and what the row says."""
        ids = [one for one in (self.key, ACCOUNT_ID) if one]
        return tuple(dict.fromkeys([*ids, *self.columns, *self.mapped]))


Tables = Mapping[str, Table]
"""Name → table; `accounts` are the accounts, all others records of them."""


def facts_yaml(tables: Tables) -> str:
    """facts.yaml: every table is a CSV file of its name under ``data/``."""
    sources = {name: _source(name, table) for name, table in tables.items()}
    accounts = sources.pop(ACCOUNTS)
    return _text({ACCOUNTS: accounts, "records": sources}, open_to=2)


def _source(name: str, table: Table) -> dict[str, Any]:
    belongs = {} if name == ACCOUNTS else {"account": ACCOUNT_ID, "time": table.time}
    key = {} if table.key is None else {"key": table.key}
    columns = {**table.columns, **table.mapped}
    return {"source": f"data/{name}.csv", **key, **belongs, "columns": columns}


def vocabulary_yaml(tables: Tables) -> str:
    """What a pack says of the tables, under ``vocabulary:``."""
    records = {
        name: {"time": table.time, "columns": table.columns}
        for name, table in tables.items()
        if name != ACCOUNTS
    }
    said = {ACCOUNTS: tables[ACCOUNTS].columns, "records": records}
    return _text({"vocabulary": said}, open_to=2)


def _text(mapping: Mapping[str, Any], open_to: int) -> str:
    return "".join(f"{line}\n" for line in _lines(mapping, "", open_to))


def _lines(mapping: Mapping[str, Any], indent: str, open_to: int) -> Iterator[str]:
    """A mapping with each entry on a line of its own, or on several if that is too long.

    The first `open_to` levels are never written on one line.
    """
    for name, value in mapping.items():
        line = f"{indent}{name}: {_flow(value)}"
        if isinstance(value, str) or (open_to <= 0 and len(line) <= WIDTH):
            yield line
        else:
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ", open_to - 1)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{{{', '.join(f'{name}: {_flow(one)}' for name, one in value.items())}}}"
