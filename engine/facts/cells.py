"""What a cell means, as SQL: the typed value of each admitted way to write it.

A source hands over a `RawCell`: text, or a number that it holds in binary floating point,
or a native value. Expressions come of it, each over the ones before: `given` (what the cell
holds, NULL if it holds nothing), `quick` (DuckDB's own cast, right if it reads back as it
was written), `value` (typed, NULL if it cannot be) and `valid` (whether the value may be
used). Everything is set-based: DuckDB runs it in parallel, whatever the source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from engine.facts import patterns
from engine.facts.sql import choices, every, literal
from engine.model import NUMERIC_TYPES, Column

TEXT_LIMIT = 10_000
"""Characters of one cell."""

FIRST_DAY, LAST_DAY = "1000-01-01", "9999-12-31"
"""Years of four digits: a date outside them is a typing error, and no text form admits it."""

FLOAT_NOISE, RELATIVE_FLOAT_NOISE = "1e-9", "1e-13"
"""By how much sums in binary floating point may miss the decimal that they stand for."""

NATURAL_RANGES: dict[str, tuple[Decimal, Decimal]] = {
    "score": (Decimal(0), Decimal(100)),
    "nps": (Decimal(-100), Decimal(100)),
}

SAME_AS_TEXT = frozenset({"text", "enum", "ordinal"})
"""Types of which the value is the cell itself."""

GIVEN, READ = "kam_given", "kam_read_"
"""Names of what `functions` defines; a type follows the second."""

QUICK: dict[str, int] = {"integer": 0, "days": 0, "money": 0, "date": 10, "datetime": 19}
"""Types of which DuckDB's cast is tried first; the length that the text must have, if any."""

Physical = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "zoned"]

WHITE_SPACE = " \t\n\r\u00a0\u3000\ufeff"


class Decimals(Protocol):
    """Decimals that a workspace keeps; see `precision:` in kam.yaml."""

    @property
    def money(self) -> int: ...
    @property
    def derived(self) -> int: ...


@dataclass(frozen=True)
class RawCell:
    """A column as a source delivers it: SQL over the source's relation.

    `text` is of the type that `physical` says; `number` is a DOUBLE and stands where the
    source holds binary floating point; `fault` says in words why a cell cannot be read.
    """

    text: str | None
    physical: Physical = "text"
    number: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Rules:
    """What typing depends on besides the column: decimals, and the workspace's time zone."""

    decimals: Decimals
    timezone: str


def sql_type(column: Column, decimals: Decimals) -> str:
    """The type of the column in ``accounts`` and ``record_<name>``."""
    if column.type == "money":
        return f"DECIMAL(18,{decimals.money})"
    if column.type in ("integer", "days"):
        return "BIGINT"
    if column.type in NUMERIC_TYPES:
        return "DOUBLE"
    return {"boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP"}.get(
        column.type, "VARCHAR"
    )


def functions(types: Iterable[str], rules: Rules) -> str:
    """Statements that define what `given` and `value` call for columns of these types.

    DuckDB puts the body in the place of each call before it plans. To parse it once for a type,
    and not for each column, saves a small night a fifth of what typing costs.
    """
    made = {f"{GIVEN}(cell)": f"nullif({trimmed('cell')}, '')"}
    for kind in sorted(set(types) - SAME_AS_TEXT):
        read = _from_text(kind, "cell", None, rules)
        if kind in QUICK:
            read = f"CASE WHEN {_reads_back(kind)} THEN quick ELSE {read} END"
        made[f"{READ}{kind}(cell{', quick' if kind in QUICK else ''})"] = read
    return "; ".join(f"CREATE OR REPLACE MACRO {one} AS {body}" for one, body in made.items())


def given(raw: RawCell, rules: Rules, trim: bool) -> str:
    """What the cell holds; NULL if it is empty. Moments become local to the workspace.

    Text that is not trimmed is not compared with '' either; as a value that is refused.
    """
    if raw.physical == "zoned":
        return f"timezone({literal(rules.timezone)}, CAST({raw.text} AS TIMESTAMPTZ))"
    if raw.text is not None and raw.physical != "text":
        return raw.text
    parts = []
    if raw.text is not None:
        parts.append(f"{GIVEN}({raw.text})" if trim else raw.text)
    if raw.number is not None:
        whole = f"{raw.number} = trunc({raw.number}) AND abs({raw.number}) < 1e30"
        parts.append(  # a number that names something is no 1.0023e4
            f"CASE WHEN {whole} THEN CAST(CAST({raw.number} AS HUGEINT) AS VARCHAR)"
            f" ELSE CAST({raw.number} AS VARCHAR) END"
        )
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"


def trimmed(text: str) -> str:
    """Without white space at the ends, full-width and no-break spaces included.

    `trim` with a set of letters is slow, so it runs only where a cheap look finds cause.
    """
    looks = [f"{text} < '!'"]  # which is the first letter after the space
    wide = (letter for letter in WHITE_SPACE if letter > "!")
    looks += [f"{text} BETWEEN '{letter}' AND '{chr(ord(letter) + 1)}'" for letter in wide]
    letters = literal(WHITE_SPACE)
    looks.append(f"contains({letters}, ({text})[-1])")
    return f"CASE WHEN {' OR '.join(looks)} THEN trim({text}, {letters}) ELSE {text} END"


def quick(column: Column, raw: RawCell, form: str | None, rules: Rules, index: int) -> str | None:
    """DuckDB's cast of ``g<index>``, which becomes ``k<index>``; None if it is of no use."""
    if raw.physical != "text" or form or column.type not in QUICK:
        return None
    return f"TRY_CAST(g{index} AS {sql_type(column, rules.decimals)})"


def _reads_back(kind: str) -> str:
    """When the ``quick`` cast of ``cell`` is its value.

    A cast that reads back as it was written has read what a person means, and the pattern
    need not be tried, which takes twice as long.
    """
    same = "CAST(quick AS VARCHAR) = cell"
    length = QUICK[kind]
    if length:  # a year of four digits
        same = f"strlen(cell) = {length} AND cell >= '1000' AND {same}"
    return same


def value(column: Column, raw: RawCell, form: str | None, rules: Rules, index: int) -> str:
    """The typed value, over ``g`` (given), ``k`` (quick) and ``n`` (the binary number)."""
    cell, number = f"g{index}", f"n{index}"
    if raw.physical != "text":
        return _from_native(column, raw.physical, cell, rules)
    if form or column.type in SAME_AS_TEXT:
        from_text = _from_text(column.type, cell, form, rules)
    else:
        quick = f", k{index}" if column.type in QUICK else ""
        from_text = f"{READ}{column.type}({cell}{quick})"
    if raw.number is None or column.type not in NUMERIC_TYPES:
        return from_text
    from_number = _from_number(column, number, rules)
    return f"CASE WHEN {number} IS NOT NULL THEN {from_number} ELSE {from_text} END"


def valid(column: Column, raw: RawCell, index: int, strict: bool = False) -> str:
    """Whether the value may be used, over ``g<index>`` and ``v<index>``.

    `strict` says so of fewer values where that is cheaper to find out.
    """
    cell, typed = f"g{index}", f"v{index}"
    tests = []
    if column.type in ("enum", "ordinal"):
        tests.append(f"{typed} IN {choices(column.values)}")
    elif column.type == "text":
        length = "strlen" if strict else "length"  # bytes, of which there are more
        tests += [f"{length}({typed}) <= {TEXT_LIMIT}", f"NOT contains({typed}, chr(0))"]
    limits = limits_of(column)
    if limits:
        tests.append(f"{typed} BETWEEN {limits[0]} AND {limits[1]}")
    if raw.physical in ("date", "datetime", "zoned"):
        tests.append(f"CAST({typed} AS DATE) BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'")
    exact = {"decimal": ("money", "integer", "days"), "datetime": ("date",), "zoned": ("date",)}
    if column.type in exact.get(raw.physical, ()):  # nothing may be cut off
        tests.append(f"{typed} = {cell}")
    fault = [f"f{index} IS NULL"] if raw.fault is not None else []
    if not _is_same(column, raw):
        fault.append(f"({cell} IS NULL OR {typed} IS NOT NULL)")
    if tests:  # a test of a missing value is unknown, and a missing value is valid
        fault.append(f"({every(tests)}) IS NOT FALSE")
    return every(fault)


def _is_same(column: Column, raw: RawCell) -> bool:
    """Whether the value is the cell itself, so that one is missing only if the other is."""
    if raw.physical == "text":
        return column.type in SAME_AS_TEXT
    return raw.physical == column.type


def limits_of(column: Column) -> tuple[Decimal, Decimal] | None:
    """The admitted values, both ends in: what the catalog says, else what the type says."""
    return column.range or NATURAL_RANGES.get(column.type)


def _from_text(kind: str, cell: str, form: str | None, rules: Rules) -> str:
    if kind in SAME_AS_TEXT:
        return cell
    if kind == "boolean":
        return (
            f"CASE WHEN lower({cell}) IN ('true', '1', '是') THEN true"
            f" WHEN lower({cell}) IN ('false', '0', '否') THEN false END"
        )
    if kind == "date":
        return _date(cell, form)
    if kind == "datetime":
        return _datetime(cell, form, rules.timezone)
    if kind == "money":
        digits = rules.decimals.money
        return _guarded(patterns.money(digits), cell, f"TRY_CAST({cell} AS DECIMAL(18,{digits}))")
    if kind in ("integer", "days"):
        return _guarded(patterns.INTEGER, cell, f"TRY_CAST({cell} AS BIGINT)")
    plain = _guarded(
        patterns.NUMBER, cell, rounded(f"TRY_CAST({cell} AS DOUBLE)", rules.decimals.derived)
    )
    if kind != "ratio":
        return plain
    share = rounded(f"TRY_CAST(rtrim({cell}, ' %') AS DOUBLE) / 100", rules.decimals.derived)
    return (
        f"CASE WHEN suffix({cell}, '%') THEN {_guarded(patterns.PERCENTAGE, cell, share)}"
        f" ELSE {plain} END"
    )


def _from_number(column: Column, number: str, rules: Rules) -> str:
    """Binary floating point cannot hold most decimals, so it is rounded.

    Money that differs from its rounded value by more than floating point explains was
    written, or calculated, with more decimals; as in text, that is refused.
    """
    if column.type in ("integer", "days"):
        return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
    if column.type != "money":
        return rounded(number, rules.decimals.derived)
    digits = rules.decimals.money
    units = f"CAST(TRY_CAST({number} * 1e{digits} AS BIGINT) AS DECIMAL(19,0))"
    if digits:
        units += f" * CAST('{Decimal(1).scaleb(-digits):f}' AS DECIMAL({digits},{digits}))"
    noise = f"greatest({FLOAT_NOISE}, abs({number}) * {RELATIVE_FLOAT_NOISE})"
    return (
        f"CASE WHEN abs({number} - {rounded(number, digits)}) <= {noise}"
        f" THEN TRY_CAST({units} AS DECIMAL(18,{digits})) END"
    )


def _from_native(column: Column, physical: Physical, cell: str, rules: Rules) -> str:
    target = sql_type(column, rules.decimals)
    if physical == "decimal" and target == "DOUBLE":
        return rounded(f"CAST({cell} AS DOUBLE)", rules.decimals.derived)
    return f"TRY_CAST({cell} AS {target})"


def rounded(number: str, digits: int) -> str:
    """Half-even, as the plan rounds every derived number; NULL if beyond 64 bits."""
    return f"TRY_CAST(({number}) * 1e{digits} AS BIGINT) / 1e{digits}"


def _date(cell: str, form: str | None) -> str:
    if form:
        return f"CAST(try_strptime({cell}, {literal(form)}) AS DATE)"
    chinese = f"rtrim(replace(replace({cell}, '年', '-'), '月', '-'), '日')"
    return (
        f"CASE WHEN {_matches(cell, patterns.DAY)} THEN TRY_CAST({cell} AS DATE)"
        f" WHEN {_matches(cell, patterns.COMPACT_DAY)}"
        f" THEN CAST(try_strptime({cell}, '%Y%m%d') AS DATE)"
        f" WHEN {_matches(cell, patterns.CHINESE_DAY)} THEN TRY_CAST({chinese} AS DATE)"
        f" WHEN {_matches(cell, patterns.DAY + patterns.MIDNIGHT)}"
        f" THEN CAST(TRY_CAST({cell} AS TIMESTAMP) AS DATE) END"
    )


def _datetime(cell: str, form: str | None, timezone: str) -> str:
    if form:
        return f"try_strptime({cell}, {literal(form)})"
    zoned = patterns.DAY + patterns.TIME + patterns.OFFSET
    return (
        f"CASE WHEN {_matches(cell, patterns.DAY + patterns.TIME)}"
        f" THEN TRY_CAST({cell} AS TIMESTAMP)"
        f" WHEN {_matches(cell, zoned)}"
        f" THEN timezone({literal(timezone)}, TRY_CAST({cell} AS TIMESTAMPTZ))"
        f" ELSE CAST({_date(cell, None)} AS TIMESTAMP) END"
    )


def _matches(cell: str, pattern: str) -> str:
    return f"regexp_full_match({cell}, {literal(pattern)})"


def _guarded(pattern: str, cell: str, expression: str) -> str:
    return f"CASE WHEN {_matches(cell, pattern)} THEN {expression} END"
