"""A run keeps what it measured beyond the account, so that a report can read it later."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from engine.audit.manifest import MANIFEST_FILE
from engine.resources import schemas_folder
from tests.night.book import FIRST, NIGHT, Book


def test_manifest_keeps_the_measures_of_portfolio_and_managers(told: Book) -> None:
    file = told.root / "store" / "runs" / f"{NIGHT}.1" / MANIFEST_FILE
    manifest = json.loads(file.read_bytes())
    schema = json.loads((schemas_folder() / "manifest.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(manifest)
    assert manifest["scopes"]["small"] == {
        "portfolio": {"portfolio": {"top_share": 0.5641}},
        "customer_manager": {
            "张三": {"accounts_of_manager": 1.0, "bought_of_manager": 1_100_000.0},
            "李四": {"accounts_of_manager": 2.0, "bought_of_manager": 850_010.5},
        },
    }


def test_manifest_of_a_pack_without_scopes_keeps_none(begun: Book) -> None:
    file = begun.root / "store" / "runs" / FIRST / MANIFEST_FILE
    assert json.loads(file.read_bytes())["scopes"] == {}
