"""manifest.json: equal runs have equal manifests, and every hash is of the bytes."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from engine.audit.data_files import read_manifest
from engine.audit.kept_files import kept_files, texts_of
from engine.audit.manifest import Manifest, canonical_json, sha256_of_file, write_manifest
from engine.audit.store import open_store
from engine.errors import KamError
from engine.resources import schemas_folder
from tests.audit.sample import DAY, WORKSPACE, record_run, sample_policy


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


def test_manifest_names_the_texts_that_the_store_keeps(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record_run(store)
        run = store.last_run()
        assert run is not None
        manifest = read_manifest(run)
        kept = texts_of(store.connection, run.run_no, manifest)
        files = kept_files(store.connection, run.run_no)
    assert manifest["texts"] == [
        {"role": "workspace", "path": "kam.yaml", "sha256": WORKSPACE.sha256}
    ]
    assert kept.written.read("kam.yaml") == WORKSPACE.content
    assert kept.calendar is None
    assert files == (WORKSPACE,)


def test_text_is_kept_once_for_all_runs(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record_run(store)
        record_run(store)
        rows = store.database.execute(
            "SELECT run_no, count(*) OVER (), content FROM run_files JOIN policy_files "
            "USING (sha256) ORDER BY run_no"
        ).fetchall()
        texts = store.database.table("policy_files").count
    assert rows == [(1, 2, WORKSPACE.content), (2, 2, WORKSPACE.content)]
    assert texts == len(sample_policy().files) + 1


def test_manifest_of_version_0_2_holds_the_texts_itself(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record_run(store)
        older = {"manifest": 1, "run": "2026-06-30.1", "workspace": {"kam.yaml": "workspace: old"}}
        kept = texts_of(store.connection, 1, older)
    assert kept.written.read("kam.yaml") == b"workspace: old"


def test_text_that_the_manifest_names_and_the_store_does_not_hold_is_said(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record_run(store)
        said = {"role": "catalog", "path": "facts.yaml", "sha256": "0" * 64}
        with pytest.raises(KamError) as error:
            texts_of(store.connection, 1, {"manifest": 2, "run": "r", "texts": [said]})
    assert error.value.problems[0].code == "kept-file-changed"
    assert "facts.yaml" in error.value.problems[0].message


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
