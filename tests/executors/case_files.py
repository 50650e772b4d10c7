"""The YAML cases of tests/executors/cases: a policy, facts, and what must come out.

A case file holds `about`, `as_of`, the sections of a pack as text (`policy`), `accounts` by
id, `records` by table with the `account` of each row, and `expect`. Optional are
`not_mapped` (a column, a table, or `table.column` that the workspace lacks), `precision`
and `effective` (tiers that differ from the candidates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from engine.executors.protocol import Evaluation, FactTables, RuleKey
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.model import Policy, ValueType, Vocabulary
from engine.plan.build import build_plan
from engine.plan.steps import Plan, Precision

HERE = Path(__file__).parent
PACK = """\
pack:
  id: case
  title: {zh: 用例, en: Case}
  version: "1"
  effective: {from: 2000-01-01}
  owner: office
"""
KEYS = {
    "about", "as_of", "policy", "accounts", "records", "expect",
    "not_mapped", "precision", "effective",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    name: str
    plan: Plan
    tables: FactTables
    changes: dict[str, dict[str, str]]
    expect: dict[str, Any]


def case_names() -> list[str]:
    return sorted(path.stem for path in (HERE / "cases").glob("*.yaml"))


def load_policy(text: str) -> Policy:
    """A pack with the shared vocabulary of the cases and the sections in `text`."""
    files = {
        "case/pack.yaml": PACK.encode(),
        "case/rules.yaml": text.encode(),
        "case/vocabulary.yaml": (HERE / "vocabulary.yaml").read_bytes(),
    }
    return load_pack("case", KeptTexts(files))


def load_case(name: str) -> Case:
    data = yaml.safe_load((HERE / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert set(data) <= KEYS, f"{name}: unknown keys {set(data) - KEYS}"
    policy = load_policy(data["policy"])
    precision = Precision(**data.get("precision", {}))
    mapped = without(policy.vocabulary, data.get("not_mapped", ()))
    return Case(
        name=name,
        plan=build_plan([policy], mapped, data["as_of"], precision=precision),
        tables=fact_tables(policy.vocabulary, data, precision),
        changes={"case": data.get("effective", {})},
        expect=data["expect"],
    )


# --- facts -------------------------------------------------------------------------------


def without(vocabulary: Vocabulary, names: Any) -> Vocabulary:
    """What a workspace maps that lacks `names`; computed columns stand in no file."""
    records = {}
    for table, record in vocabulary.records.items():
        columns = {
            name: column
            for name, column in record.columns.items()
            if column.formula is None and f"{table}.{name}" not in names
        }
        records[table] = replace(record, columns=columns)
    return Vocabulary(
        {name: column for name, column in vocabulary.accounts.items() if name not in names},
        {table: record for table, record in records.items() if table not in names},
    )


def fact_tables(
    vocabulary: Vocabulary, data: Mapping[str, Any], precision: Precision
) -> FactTables:
    types = {name: column.type for name, column in vocabulary.accounts.items()}
    numbers = {account: number for number, account in enumerate(sorted(data["accounts"]))}
    accounts = [
        {
            "account_no": number,
            "account_id": account,
            **_typed_row(data["accounts"][account], types, precision),
        }
        for account, number in numbers.items()
    ]
    records: dict[str, list[dict[str, Any]]] = {}
    for table, rows in data.get("records", {}).items():
        types = {name: one.type for name, one in vocabulary.records[table].columns.items()}
        records[table] = [
            {"account_no": numbers[row.pop("account")], **_typed_row(row, types, precision)}
            for row in map(dict, rows)
        ]
    return FactTables(accounts, records)


def _typed_row(
    row: Mapping[str, Any], types: Mapping[str, ValueType], precision: Precision
) -> dict[str, Any]:
    return {name: typed(value, types[name], precision) for name, value in row.items()}


def typed(value: Any, value_type: ValueType, precision: Precision) -> Any:
    """A value of a case file as the facts stage would type it."""
    if value is None:
        return None
    if value_type == "money":
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-precision.money))
    if value_type in ("number", "ratio", "score", "nps"):
        return float(value)
    if value_type == "datetime" and not isinstance(value, datetime):
        return datetime.combine(value, datetime.min.time())
    return value


# --- what came out -----------------------------------------------------------------------


def facts_of(evaluation: Evaluation) -> dict[str, Mapping[str, Any]]:
    return {str(row["account_id"]): row for row in evaluation.facts}


def hits_of(evaluation: Evaluation) -> dict[str, list[str]]:
    """Account → ``kind rule level`` of every hit, sorted; accounts without hits are left out."""
    found: dict[str, list[str]] = {}
    for hit in evaluation.hits:
        text = f"{hit.key.kind} {hit.key.rule} {hit.level}".strip()
        found.setdefault(hit.key.account_id, []).append(text)
    return {account: sorted(texts) for account, texts in found.items()}


def unknowns_of(unknowns: tuple[RuleKey, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in unknowns:
        found.setdefault(key.account_id, []).append(f"{key.kind} {key.rule}")
    return {account: sorted(texts) for account, texts in found.items()}


def nonempty(expected: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {account: sorted(texts) for account, texts in expected.items() if texts}
