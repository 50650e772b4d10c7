"""Functions of the engine are timed from outside, and left as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hooks import timed
from benchmarks.parts import EVIDENCE
from engine.audit import day_files, manifest
from engine.audit.store import Store

HASHES = {"files": "engine.audit.manifest:sha256_of_file"}


def test_a_function_is_timed_wherever_it_has_been_imported(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(20_000_000))
    original = manifest.sha256_of_file
    with timed(HASHES) as seconds:
        first = manifest.sha256_of_file(file)
        once = seconds["files"]
        assert day_files.sha256_of_file(file) == first
    assert 0 < once < seconds["files"]
    assert manifest.sha256_of_file is day_files.sha256_of_file is original


def test_what_a_function_raises_is_raised_and_timed(tmp_path: Path) -> None:
    with timed(HASHES) as seconds, pytest.raises(FileNotFoundError):
        manifest.sha256_of_file(tmp_path / "none")
    assert seconds["files"] > 0


def test_every_place_that_the_evidence_is_timed_at_exists() -> None:
    commit = Store.commit
    with timed(EVIDENCE) as seconds:
        assert Store.commit is not commit
    assert Store.commit is commit
    assert set(seconds) == set(EVIDENCE)
