"""What a run left and what comes of it again, account by account."""

# ruff: noqa: S608 - names of columns are quoted, and values are bound

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

import duckdb

from engine.audit.manifest import canonical_json
from engine.facts.sql import identifier

KEYS: Mapping[str, tuple[str, ...]] = {
    "facts": ("account_id",),
    "decisions": ("pack", "scope", "account_id"),
    "obligations": ("pack", "account_id", "rule_id", "kind", "part"),
}
"""What tells the rows of each file apart."""


@dataclass(frozen=True)
class Difference:
    """One field that is otherwise; `then` or `now` is None where there was nothing.

    `where` is the file, ``log``, ``actions`` or ``manifest``; account and pack are None for what
    is about none.
    """

    where: str
    account: str | None
    pack: str | None
    field: str
    then: str | None
    now: str | None


class Veil(Protocol):
    """What stands between who reads and what differs: each gives what is shown in its place."""

    def account(self, account: str | None) -> str | None: ...

    def cell(self, file: str, pack: str | None, column: str, part: str, value: Any) -> Any: ...

    def line(self, said: Mapping[str, Any]) -> Mapping[str, Any]: ...

    def path(self, parts: tuple[str, ...]) -> tuple[str, ...]: ...

    def number(self, parts: tuple[str, ...], value: Any) -> Any: ...


class NoVeil:
    """Everything is shown."""

    def account(self, account: str | None) -> str | None:
        return account

    def cell(self, file: str, pack: str | None, column: str, part: str, value: Any) -> Any:
        del file, pack, column, part
        return value

    def line(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        return said

    def path(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        return parts

    def number(self, parts: tuple[str, ...], value: Any) -> Any:
        del parts
        return value


# --- files ---------------------------------------------------------------------------------


def file_differences(
    connection: duckdb.DuckDBPyConnection, name: str, then: Path, now: Path, veil: Veil
) -> Iterator[Difference]:
    """The fields of the rows of two Parquet files that differ, in order of their keys."""
    first, second = (connection.read_parquet(os.fspath(path)).columns for path in (then, now))
    for column in (one for one in first if one not in second):
        yield Difference(name, None, None, column, "a column", None)
    for column in (one for one in second if one not in first):
        yield Difference(name, None, None, column, None, "a column")
    keys = KEYS[name]
    shared = [one for one in first if one in second and one not in keys]
    query = _differing(keys, shared)
    cursor = connection.cursor().execute(query, {"old": os.fspath(then), "new": os.fspath(now)})
    while rows := cursor.fetchmany(1000):
        for row in rows:
            yield from _row_differences(name, keys, shared, row, veil)


def _row_differences(
    name: str, keys: Sequence[str], shared: Sequence[str], row: Sequence[Any], veil: Veil
) -> Iterator[Difference]:
    told = dict(zip(keys, row, strict=False))
    account, pack = veil.account(told["account_id"]), told.get("pack")
    thing = " ".join(str(told[key]) for key in ("rule_id", "part") if told.get(key))
    was_there, is_there, *values = row[len(keys) :]
    if not (was_there and is_there):
        field = thing or "the account"
        yield Difference(name, account, pack, field, _there(was_there), _there(is_there))
        return
    for column, old, new in zip(shared, values[::2], values[1::2], strict=True):
        for part, before, after in _parts(old, new):
            field = " ".join(one for one in (thing, column, part) if one)
            shown = (veil.cell(name, pack, column, part, one) for one in (before, after))
            yield Difference(name, account, pack, field, *map(_text, shown))


def _differing(keys: Sequence[str], shared: Sequence[str]) -> str:
    """(keys…, was there, is there, then and now of each shared column) of rows that differ."""
    columns = [identifier(one) for one in shared]
    same = " AND ".join(f"old.{identifier(key)} = new.{identifier(key)}" for key in keys)
    changed = " OR ".join(f"old.{one} IS DISTINCT FROM new.{one}" for one in columns)
    listed = [f"coalesce(old.{identifier(key)}, new.{identifier(key)})" for key in keys]
    listed += ["old.is_there", "new.is_there"]
    listed += [f"{side}.{one}" for one in columns for side in ("old", "new")]
    return (
        f"SELECT {', '.join(listed)} "
        "FROM (SELECT *, true AS is_there FROM read_parquet($old)) AS old "
        f"FULL JOIN (SELECT *, true AS is_there FROM read_parquet($new)) AS new ON {same} "
        f"WHERE old.is_there IS NULL OR new.is_there IS NULL OR {changed or 'false'} "
        f"ORDER BY {', '.join(str(number + 1) for number in range(len(keys)))}"
    )


def _there(is_there: bool | None) -> str | None:
    return "there" if is_there else None


def _parts(old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A list of what rules say by rule, a map by key, everything else as a whole."""
    first, second = _by_name(old), _by_name(new)
    if first is None and second is None:
        if old != new:
            yield "", old, new
        return
    first, second = first or {}, second or {}
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            yield name, first.get(name), second.get(name)


def _by_name(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return {str(key): one for key, one in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict) and "rule" in value[0]:
        return {
            one["rule"]: {key: inner for key, inner in one.items() if inner is not None}
            for one in value
        }
    return None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return canonical_json(value)


# --- lines ---------------------------------------------------------------------------------

Lines = Callable[[], Iterable[tuple[Any, ...]]]


def line_differences(
    where: str,
    fields: Sequence[str],
    sides: tuple[Lines, Lines],
    rules: Mapping[int, str],
    veil: Veil,
) -> Iterator[Difference]:
    """The lines of two lists that stand in one of them alone, or elsewhere.

    `sides` are then and now; `rules` are what the numbers of rules stand for. Equal lists are
    read once and held nowhere.
    """
    then, now = sides
    if all(old == new for old, new in zip_longest(then(), now())):
        return
    first, second = _numbered(then()), _numbered(now())
    gone = [line for line in first if line not in second]
    come = [line for line in second if line not in first]
    if not gone and not come:
        yield Difference(where, None, None, "the order of the lines", "one", "another")
    for lines, is_then in ((gone, True), (come, False)):
        for line, _ in lines:
            said = dict(veil.line(dict(zip(fields, line, strict=True))))
            yield _line_difference(where, said, rules, is_then)


def _numbered(lines: Iterable[tuple[Any, ...]]) -> dict[tuple[tuple[Any, ...], int], None]:
    """Lines that are alike are told apart by how many stood before."""
    seen: dict[tuple[Any, ...], int] = {}
    found: dict[tuple[tuple[Any, ...], int], None] = {}
    for line in lines:
        seen[line] = seen.get(line, 0) + 1
        found[line, seen[line]] = None
    return found


def _line_difference(
    where: str, said: dict[str, Any], rules: Mapping[int, str], is_then: bool
) -> Difference:
    account = said.pop("account")
    field = str(said.pop("kind", None) or said.pop("action"))
    for name in ("rule", "template"):
        if said.get(name) is not None:
            said[name] = rules.get(said[name], said[name])
    shown = ", ".join(f"{name}: {value}" for name, value in said.items() if value is not None)
    then, now = (shown, None) if is_then else (None, shown)
    return Difference(where, account, None, field, then, now)


# --- numbers of the whole ------------------------------------------------------------------


def number_differences(
    then: Any, now: Any, path: tuple[str, ...], veil: Veil
) -> Iterator[Difference]:
    """The values of two JSON documents that differ, by their path."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() | now.keys()):
            yield from number_differences(then.get(key), now.get(key), (*path, str(key)), veil)
    elif then != now:
        shown = (veil.number(path, one) for one in (then, now))
        named = ".".join(veil.path(path))
        yield Difference("manifest", None, None, named, *map(_text, shown))
