"""The script of docs/proofs.md, run as a third party would: with the file and the key alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.evidence.notes import Verifier
from tests.evidence import proven
from tests.evidence.test_proofs import TAMPERED, Change, changed
from tests.repository.files import ROOT

PAGE = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
STEPS = {
    "note-malformed": "not enough values",  # a bare text: there is no signature to split off
    "note-signature-wrong": "InvalidSignature",
    "note-without-trusted-signature": "NOT PROVEN: 1: ",
    "checkpoint-malformed": "not enough values",
    "proof-run-not-in-store": "NOT PROVEN: (2: |the )",
    "proof-run-tree-differs": "NOT PROVEN: 3: ",
    "proof-entry-not-in-run": "NOT PROVEN: (4: |the )",
    "proof-opening-differs": "NOT PROVEN: 5: ",
    "proof-opening-unknown": "KeyError: 'secret'",
}

Run = Callable[[dict[str, Any]], subprocess.CompletedProcess[str]]


def blocks(mark: str) -> list[str]:
    return re.findall(rf"^```{mark}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (script,) = blocks("python")
    (tmp_path / "check.py").write_text(script, encoding="utf-8")

    def call(document: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "proof.json").write_text(json.dumps(document), encoding="utf-8")
        # -I: nothing of this checkout can be imported.
        command = [sys.executable, "-I", "-X", "utf8", "check.py", "proof.json"]
        return subprocess.run(
            [*command, str(proven.SIGNER.verifier)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return call


@pytest.mark.parametrize("index", [0, proven.LINES - 1])
def test_script_proves_what_holds(run: Run, index: int) -> None:
    done = run(proven.inclusion([index], ["internal", "personal"]))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"proven: {proven.LEAVES[index].decode()}",
        *(f"proven: {name} {one.text}" for name, one in proven.OPENINGS[index].items()),
        f"run {proven.RUN} of {proven.ORIGIN}",
    ]


@pytest.mark.parametrize(("code", "change"), TAMPERED.values(), ids=TAMPERED)
def test_script_refuses_what_kam_refuses(run: Run, code: str, change: Change) -> None:
    done = run(changed(proven.inclusion(), change))
    assert done.returncode != 0
    assert re.search(STEPS[code], done.stderr), done.stderr
    assert f"run {proven.RUN}" not in done.stdout


def test_page_shows_a_file_of_the_right_form() -> None:
    (text,) = blocks("json")
    shortened = json.loads(text)
    full = proven.inclusion([2])
    opened = full["entries"][0]["opened"]
    opened["values"] = opened.pop("internal")
    assert shapes(shortened) == shapes(full)


def shapes(value: Any) -> Any:
    """Keys and types, without the values and the number of hashes."""
    if isinstance(value, dict):
        return {key: shapes(one) for key, one in value.items()}
    return [shapes(value[0])] if isinstance(value, list) else type(value)


def test_page_shows_a_key_of_the_right_form() -> None:
    (line,) = [one for one in blocks("text") if one.startswith("example.com/kam+")]
    assert Verifier.parse(line.strip()).name == proven.ORIGIN
