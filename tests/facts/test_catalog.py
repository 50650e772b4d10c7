"""facts.yaml: what is read from it, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import KamError
from engine.facts.catalog import Catalog
from engine.facts.reading_catalog import load_catalog
from engine.language.texts import DiskTexts, KeptTexts

FACTS = """
accounts:
  source: data/accounts.csv
  key: account_id
  columns:
    name: {type: text, from: customer_name, title: {zh: 名称, en: Name}, class: confidential}
    target: {type: number, range: [0, 99.5]}
    rating: {type: ordinal, values: [D, C]}
records:
  orders:
    source: {path: book.xlsx, sheet: 订单}
    account: customer
    time: ordered_on
    columns: {amount: money, signed_on: {type: date, format: "%d/%m/%Y"}}
"""


def load(text: str) -> Catalog:
    return load_catalog("facts.yaml", KeptTexts({"facts.yaml": text.encode()}))


def test_catalog_holds_what_is_written_and_where() -> None:
    catalog = load(FACTS)
    name = catalog.accounts.columns["name"]
    assert (name.source_name, name.column.classification) == ("customer_name", "confidential")
    assert name.column.title is not None and name.column.title.zh == "名称"
    assert str(name.column.location) == "facts.yaml:6:5"
    assert [str(bound) for bound in catalog.accounts.columns["target"].column.range or ()] == [
        "0", "99.5",
    ]  # fmt: skip
    orders = catalog.records["orders"]
    assert (orders.source.kind, orders.source.sheet) == ("xlsx", "订单")
    assert orders.columns["signed_on"].format == "%d/%m/%Y"
    assert list(orders.columns) == ["amount", "signed_on", "ordered_on"]
    assert orders.columns["ordered_on"].column.type == "date"
    assert catalog.accounts.key is not None
    assert catalog.accounts.key.source_name == "account_id"
    assert catalog.files[0].content == FACTS.encode()


def test_catalog_speaks_the_terms_of_the_packs() -> None:
    vocabulary = load(FACTS).vocabulary
    assert list(vocabulary.accounts) == ["name", "target", "rating"]
    assert vocabulary.records["orders"].time == "ordered_on"
    assert vocabulary.records["orders"].columns["amount"].type == "money"


def test_source_kind_follows_the_ending() -> None:
    endings = {"csv": "csv", "CSV": "csv", "tsv": "tsv", "ndjson": "jsonl", "parquet": "parquet"}
    for ending, kind in endings.items():
        assert load(FACTS.replace("accounts.csv", f"a.{ending}")).accounts.source.kind == kind


WRONG = {
    "empty-range": ("range: [0, 99.5]", "range: [2, 1]", 7),
    "range-without-number": ("{type: text, from", "{type: text, range: [1, 2], from", 6),
    "unknown-date-format": ('"%d/%m/%Y"', '"%d/%Q/%Y"', 14),
    "key-type": ("key: account_id", "key: target", 4),
    "time-type": ("time: ordered_on", "time: amount", 13),
    "reserved-column": ("target:", "account_no:", 7),
    "repeated-from": ("target: {type: number,", "target: {type: number, from: customer_name,", 7),
    "useless-option": ("sheet: 订单", "sheet: 订单, encoding: gbk", 11),
    "missing-table": ("data/accounts.csv", "data/accounts.db", 3),
    "unknown-source-kind": ("data/accounts.csv", "data/accounts.dat", 3),
    "bad-delimiter": ("source: data/accounts.csv", "source: {path: a.csv, delimiter: '\"'}", 3),
    "account-type": (
        "rating: {type: ordinal, values: [D, C]}",
        "account_id: integer",
        12,
    ),
}


@pytest.mark.parametrize("code", WRONG)
def test_catalog_mistake_is_reported_with_its_place(code: str) -> None:
    before, after, line = WRONG[code]
    assert before in FACTS
    text = FACTS.replace(before, after)
    if code == "account-type":
        text = text.replace("columns: {amount", "columns: {customer: text, amount")
    with pytest.raises(KamError) as caught:
        load(text)
    found = [(one.code, one.location.line) for one in caught.value.problems if one.location]
    assert found == [(code, line)]


def test_catalog_mistakes_are_reported_together() -> None:
    text = FACTS
    for code in ("empty-range", "unknown-date-format", "time-type"):
        text = text.replace(*WRONG[code][:2])
    with pytest.raises(KamError) as caught:
        load(text)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("missing", ["key: account_id", "account: customer"])
def test_catalog_needs_keys_and_accounts(missing: str) -> None:
    with pytest.raises(KamError) as caught:
        load(FACTS.replace(missing, ""))
    assert missing.split(":", maxsplit=1)[0] in str(caught.value)


def test_catalog_of_the_examples_reads_from_disk(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    assert load_catalog("facts.yaml", DiskTexts(tmp_path)).accounts.name == "accounts"
