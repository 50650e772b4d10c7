"""`kam verify`, `kam prove` and `kam keys`, from the key to the proof that somebody else checks."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from kam import main
from tests.books.shared import shared
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


class Signed(NamedTuple):
    """A workspace after a signed night, and the public half of its key."""

    book: Book
    key: str


@pytest.fixture
def signed(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Signed:
    """A copy of one's own."""
    made = shared(tmp_path_factory, "signed-night", _make)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("KAM_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    book = Book(tmp_path / "workspace", files={})
    return Signed(book, kam("keys", "show", "-w", book.root).stdout.strip())


def _make(folder: Path) -> None:
    book, file = Book(folder / "workspace"), folder / "signing.key"
    kam("keys", "new", ORIGIN, "--out", file, "-w", book.root)
    book.append("kam.yaml", f"evidence: {{origin: {ORIGIN}}}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAM_SIGNING_KEY_FILE", str(file))
        kam("run", book.root, "--as-of", NIGHT)


def test_a_signed_night_is_verified_with_the_public_key_alone(book: Book, key: str) -> None:
    assert "signed by example.com/kam" in kam("run", book.root, "--as-of", NIGHT).stdout
    said = kam("verify", book.root, "--key", key).stdout
    assert said.startswith("Sound: 1 runs, 4 decisions,")
    assert "is signed by example.com/kam" in said
    chinese = kam("verify", book.root, "--key", key, "--lang", "zh", "--show-checkpoint").stdout
    assert "完好：1 次运行" in chinese
    assert f"\n{ORIGIN}\n1\n" in chinese


def test_the_key_may_stand_in_a_file_or_in_kam_yaml(signed: Signed, tmp_path: Path) -> None:
    book, key = signed
    file = tmp_path / "public.key"
    file.write_text(f"{key}\n", encoding="utf-8")
    assert "is signed by" in kam("verify", book.root, "--key", file).stdout
    book.replace("kam.yaml", f"{{origin: {ORIGIN}}}", f"{{origin: {ORIGIN}, keys: ['{key}']}}")
    assert "is signed by" in kam("verify", book.root).stdout


def test_what_is_wrong_is_printed_and_the_exit_code_says_so(signed: Signed) -> None:
    book, key = signed
    file = book.root / "store" / "runs" / f"{NIGHT}.1" / "facts.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    said = kam("verify", book.root, "--key", key, code=1).stdout
    assert "file-altered  2026-06-30.1: facts.parquet" in said
    assert "NOT SOUND: 1 findings" in said
    document = json.loads(kam("verify", book.root, "--format", "json", code=1).stdout)
    assert document["is_sound"] is False
    assert [one["code"] for one in document["findings"]] == ["file-altered"]


def test_a_proof_is_checked_without_the_store(signed: Signed, tmp_path: Path) -> None:
    book, key = signed
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


def test_proofs_of_consistency_and_of_a_whole_run_hold(signed: Signed, tmp_path: Path) -> None:
    book, key = signed
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
    signed: Signed, tmp_path: Path
) -> None:
    book, key = signed
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


# --- keys and files that are named -------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xff\xfe\x00"])
def test_a_file_without_a_key_is_not_taken_for_no_key_at_all(
    signed: Signed, tmp_path: Path, content: bytes
) -> None:
    book, key = signed
    file = tmp_path / "empty.pub"
    file.write_bytes(content)
    book.replace("kam.yaml", f"{{origin: {ORIGIN}}}", f"{{origin: {ORIGIN}, keys: ['{key}']}}")
    said = kam("verify", book.root, "--key", file, code=1).stderr
    assert f"verifier-key-missing: the file {file} holds no public key" in said
    assert "verifier-key-missing" in kam("verify", book.root, "--key", "", code=1).stderr
    assert (
        "verifier-key-missing"
        in kam("verify", book.root, "--key", key, "--key", file, code=1).stderr
    )


def test_a_proof_replaces_no_file_but_an_earlier_proof_that_may_go(
    signed: Signed, tmp_path: Path
) -> None:
    book = signed.book
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    for asked in (("a1",), ("--checkpoint",), ("--everything", f"{NIGHT}.1")):
        for force in ((), ("--force",)):
            said = kam("prove", *asked, "--out", other, *force, "-w", book.root, code=1).stderr
            assert "file-exists" in said
        assert other.read_text(encoding="utf-8") == "mine"
        file = tmp_path / "proof.json"
        file.unlink(missing_ok=True)
        kam("prove", *asked, "--out", file, "-w", book.root)
        first = file.read_bytes()
        assert "--force" in kam("prove", *asked, "--out", file, "-w", book.root, code=1).stderr
        kam("prove", *asked, "--out", file, "--force", "-w", book.root)
        assert file.read_bytes() == first
    assert sorted(one.name for one in tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize("name", ["kam.db", "proof.json", f"runs/{NIGHT}.1/facts.parquet"])
def test_nothing_is_written_into_a_store_whatever_is_said(
    signed: Signed, decided: Book, tmp_path: Path, name: str
) -> None:
    book = signed.book
    target = book.store / name
    before = target.read_bytes() if target.exists() else None
    link = tmp_path / "link"
    link.symlink_to(target.parent)
    for out in (target, link / target.name):
        for command in (("prove", "a1"), ("report",)):
            said = kam(*command, "--out", out, "--force", "-w", book.root, code=1).stderr
            assert "lies in the store" in said
        other = decided.copy(tmp_path / f"other of {out.parent.name}")
        other.append("kam.yaml", f"evidence: {{origin: {ORIGIN}}}\n")
        said = kam("backup", out, "--force", "-w", other.root, code=1).stderr
        assert "lies in the store" in said
    assert (target.read_bytes() if target.exists() else None) == before


# --- proofs of stores without a key ------------------------------------------------------


def test_a_proof_without_a_signature_shows_that_it_agrees_with_itself(
    begun: Book, tmp_path: Path
) -> None:
    kam("run", begun.root, "--as-of", NIGHT + timedelta(days=1))
    runs = (f"{NIGHT}.1", f"{NIGHT + timedelta(days=1)}.1")
    stranger = kam("keys", "new", ORIGIN, "--out", tmp_path / "other.key").stdout.strip()
    for asked in (("a1",), ("--consistency", *runs), ("--everything", runs[0])):
        file = tmp_path / f"{asked[0].strip('-')}.json"
        told = kam("prove", *asked, "--out", file, "-w", begun.root).stderr
        assert "the checkpoint is not signed" in told
        said = kam("verify", "--proof", file).stdout
        assert "The file agrees with itself" in said and "not signed" in said
        assert "The proof holds" not in said
        document = json.loads(kam("verify", "--proof", file, "--format", "json").stdout)
        assert document["signed_by"] == [] and document["unsigned"]
        assert "proof-unsigned" in kam("verify", "--proof", file, "--key", stranger, code=1).stderr
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace('"index": 1', '"index": 0').replace("\\n1\\n", "\\n9\\n"), "utf-8"
        )
        if file.read_text(encoding="utf-8") != text:
            kam("verify", "--proof", file, code=1)


def test_a_signed_log_is_shown_to_go_on_from_lines_that_were_not_signed(
    begun: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "signing.key"
    public = kam("keys", "new", "workspace", "--out", secret).stdout.strip()
    monkeypatch.setenv("KAM_SIGNING_KEY_FILE", str(secret))
    origin = kam("prove", "--checkpoint", "-w", begun.root).stdout.splitlines()[0]
    secret.unlink()
    public = kam("keys", "new", origin, "--out", secret).stdout.strip()
    kam("run", begun.root, "--as-of", NIGHT + timedelta(days=1))
    file = tmp_path / "consistency.json"
    runs = (f"{NIGHT}.1", f"{NIGHT + timedelta(days=1)}.1")
    kam("prove", "--consistency", *runs, "--out", file, "-w", begun.root)
    said = kam("verify", "--proof", file, "--key", public).stdout
    assert f"The proof holds: consistency, signed by {origin}." in said
    assert "old checkpoint is not signed" in said
    stranger = kam("keys", "new", origin, "--out", tmp_path / "other.key").stdout.strip()
    refused = kam("verify", "--proof", file, "--key", stranger, code=1).stderr
    assert "signature" in refused
    assert "key-needed" in kam("verify", "--proof", file, code=1).stderr


# --- where a key may lie -----------------------------------------------------------------


@pytest.mark.parametrize("place", ["y.key", "store/y.key", "policies/small/y.key"])
def test_a_key_is_written_into_no_workspace_and_no_store(
    begun: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    link = tmp_path / "link"
    link.symlink_to((begun.root / place).parent)
    for out in (begun.root / place, link / "y.key"):
        said = kam("keys", "new", ORIGIN, "--out", out, code=1).stderr
        assert "signing-key-in-workspace" in said
    (begun.root / "kam.yaml").unlink()
    if place.startswith("store"):
        said = kam("keys", "new", ORIGIN, "--out", begun.root / place, code=1).stderr
        assert f"lies in the store {begun.store}" in said
    assert not (begun.root / place).exists()


def test_a_folder_without_a_workspace_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kam("keys", "new", ORIGIN, "--out", tmp_path / "signing.key")
    assert stat.S_IMODE((tmp_path / "signing.key").stat().st_mode) == 0o600
