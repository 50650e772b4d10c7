"""manifest.json: equal runs have equal manifests, and every hash is of the bytes."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from engine.audit.manifest import Manifest, canonical_json, sha256_of_file, write_manifest
from engine.audit.store import open_store
from engine.errors import KamError
from engine.resources import schemas_folder
from tests.audit.sample import DAY, record_run, sample_policy


def test_manifest_is_valid_and_its_hashes_are_of_the_files(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record_run(store)
        run = store.last_run()
    assert run is not None
    content = (run.path / "manifest.json").read_bytes()
    manifest = json.loads(content)
    schema = json.loads((schemas_folder() / "manifest.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(manifest)
    assert run.manifest_sha256 == hashlib.sha256(content).hexdigest()
    for name, said in manifest["files"].items():
        data = (run.path / name).read_bytes()
        assert said == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert manifest["policies"][0]["hash"] == sample_policy().policy_hash


def test_manifest_of_the_same_run_is_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        with open_store(tmp_path / name) as store:
            record_run(store)
            run = store.last_run()
            assert run is not None
            hashes.append(sha256_of_file(run.path / "manifest.json"))
    assert hashes[0] == hashes[1]


def test_manifest_needs_the_data_files(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.lock(), store.begin("2026-06-30.1") as folder:
        with pytest.raises(KamError) as error:
            write_manifest(folder.path, Manifest("r", DAY, "1", "p", "f", None, [], [], {}, {}))
        assert error.value.problems[0].code == "store-io-error"
        assert not list(folder.path.iterdir())


def test_canonical_json_sorts_keeps_digits_and_refuses_nan() -> None:
    assert canonical_json({"z": "中", "a": [True, None]}) == '{"a":[true,null],"z":"中"}'
    assert canonical_json(Decimal("123456789012345")) == "123456789012345.0"
    assert canonical_json(Decimal("1234567890123456")) == '"1234567890123456"'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))
    with pytest.raises(TypeError):
        canonical_json(object())
