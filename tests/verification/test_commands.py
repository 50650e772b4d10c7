"""`kam verify`, `kam prove` and `kam keys`, from the key to the proof that somebody else checks."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kam import main
from tests.night.book import NIGHT, Book

ORIGIN = "example.com/kam"


def kam(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == code, result.output + result.stderr
    return result


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "workspace")


@pytest.fixture
def key(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new key, which signs from now on; its public half."""
    file = tmp_path / "signing.key"
    public = kam("keys", "new", ORIGIN, "--out", file, "-w", book.root).stdout.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv("KAM_SIGNING_KEY_FILE", str(file))
    book.append("kam.yaml", f"evidence: {{origin: {ORIGIN}}}\n")
    assert kam("keys", "show", "-w", book.root).stdout.strip() == public
    return public


def test_a_signed_night_is_verified_with_the_public_key_alone(book: Book, key: str) -> None:
    assert "signed by example.com/kam" in kam("run", book.root, "--as-of", NIGHT).stdout
    said = kam("verify", book.root, "--key", key).stdout
    assert said.startswith("Sound: 1 runs, 4 decisions,")
    assert "is signed by example.com/kam" in said
    chinese = kam("verify", book.root, "--key", key, "--lang", "zh", "--show-checkpoint").stdout
    assert "完好：1 次运行" in chinese
    assert f"\n{ORIGIN}\n1\n" in chinese


def test_the_key_may_stand_in_a_file_or_in_kam_yaml(book: Book, key: str, tmp_path: Path) -> None:
    kam("run", book.root, "--as-of", NIGHT)
    file = tmp_path / "public.key"
    file.write_text(f"{key}\n", encoding="utf-8")
    assert "is signed by" in kam("verify", book.root, "--key", file).stdout
    book.replace("kam.yaml", f"{{origin: {ORIGIN}}}", f"{{origin: {ORIGIN}, keys: ['{key}']}}")
    assert "is signed by" in kam("verify", book.root).stdout


def test_what_is_wrong_is_printed_and_the_exit_code_says_so(book: Book, key: str) -> None:
    kam("run", book.root, "--as-of", NIGHT)
    file = book.root / "store" / "runs" / f"{NIGHT}.1" / "facts.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    said = kam("verify", book.root, "--key", key, code=1).stdout
    assert "file-altered  2026-06-30.1: facts.parquet" in said
    assert "NOT SOUND: 1 findings" in said
    document = json.loads(kam("verify", book.root, "--format", "json", code=1).stdout)
    assert document["is_sound"] is False
    assert [one["code"] for one in document["findings"]] == ["file-altered"]


def test_a_proof_is_checked_without_the_store(book: Book, key: str, tmp_path: Path) -> None:
    kam("run", book.root, "--as-of", NIGHT)
    file = tmp_path / "proof.json"
    kam("prove", "a1", f"{NIGHT}.1", "--out", file, "-w", book.root)
    for path in sorted((book.root / "store").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    said = kam("verify", "--proof", file, "--key", key).stdout
    assert "a1 warning_opened" in said
    assert "长江重工" in said
    assert "The proof holds: inclusion, signed by example.com/kam." in said
    document = json.loads(kam("verify", "--proof", file, "--key", key, "--format", "json").stdout)
    assert {one["leaf"]["account"] for one in document["entries"]} == {"a1"}
    assert "key-needed" in kam("verify", "--proof", file, code=1).stderr


def test_proofs_of_consistency_and_of_a_whole_run_hold(
    book: Book, key: str, tmp_path: Path
) -> None:
    kam("run", book.root, "--as-of", NIGHT)
    kam("run", book.root, "--as-of", NIGHT + timedelta(days=1))
    runs = (f"{NIGHT}.1", f"{NIGHT + timedelta(days=1)}.1")
    for name, asked in (
        ("consistency", ("--consistency", *runs)),
        ("run", ("--everything", runs[0], "--masked")),
    ):
        file = tmp_path / f"{name}.json"
        kam("prove", *asked, "--out", file, "-w", book.root)
        said = kam("verify", "--proof", file, "--key", key).stdout
        assert f"The proof holds: {name}, signed by" in said


@pytest.mark.slow
def test_a_checkpoint_that_was_kept_shows_that_the_end_is_gone(
    book: Book, key: str, tmp_path: Path
) -> None:
    kam("run", book.root, "--as-of", NIGHT)
    early = tmp_path / "early.note"
    kam("prove", "--checkpoint", "--out", early, "-w", book.root)
    kam("run", book.root, "--as-of", NIGHT + timedelta(days=1))
    late = tmp_path / "late.note"
    late.write_text(kam("prove", "--checkpoint", "-w", book.root).stdout, encoding="utf-8")
    for witness in (early, late):
        kam("verify", book.root, "--key", key, "--checkpoint", witness)


@pytest.mark.parametrize(
    ("setting", "variables", "code"),
    [
        ("evidence: {signed: true}", {}, "signing-key-needed"),
        ("evidence: {origin: other.example/kam}", {"KAM_SIGNING_KEY_FILE": "key"},
         "signing-key-other-origin"),
        ("evidence: {origin: example.com/kam}", {"KAM_SIGNING_KEY": "nonsense"},
         "signing-key-malformed"),
        ("evidence: {origin: example.com/kam}", {"KAM_SIGNING_KEY_FILE": "absent"},
         "signing-key-missing"),
        ("evidence: {origin: two words}", {}, "schema"),
    ],
)  # fmt: skip
def test_a_night_that_cannot_be_signed_as_asked_is_refused_and_writes_nothing(
    book: Book,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    variables: dict[str, str],
    code: str,
) -> None:
    kam("keys", "new", ORIGIN, "--out", tmp_path / "key", "-w", book.root)
    book.append("kam.yaml", f"{setting}\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value) if name.endswith("FILE") else value)
    said = kam("run", book.root, "--as-of", NIGHT, code=1).stderr
    assert code in said or (code == "schema" and "kam.yaml" in said)
    assert not (book.root / "store").exists()


def test_a_key_within_the_workspace_is_refused(book: Book) -> None:
    file = book.root / "signing.key"
    said = kam("keys", "new", ORIGIN, "--out", file, "-w", book.root, code=1).stderr
    assert "signing-key-in-workspace" in said
    assert not file.exists()


def test_prove_without_an_account_says_what_it_needs(book: Book) -> None:
    assert "name an ACCOUNT" in kam("prove", "-w", book.root, code=2).stderr
