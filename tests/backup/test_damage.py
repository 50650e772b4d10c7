"""Whatever happens to a backup, what is restored from it is what was backed up, or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from engine.audit.schema.migrations import MIGRATIONS
from engine.audit.store import open_store
from engine.backup.archive import unpack
from engine.backup.restoring import check_backup, restore_backup
from engine.backup.taking import take_backup
from engine.errors import KamError
from engine.evidence.keys import new_key
from engine.evidence.notes import Verifier
from tests.verification.store import RUNS, SignedStore

Members = list[tuple[tarfile.TarInfo, bytes]]
REFUSED = {"not-a-backup", "backup-damaged"}


@pytest.fixture(autouse=True)
def without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of backups are unpacked here, and no power fails."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def refusal(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(KamError) as error:
        action()
    (found,) = error.value.problems
    assert found.hint
    return found.code, found.message


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def members(file: Path) -> Members:
    with tarfile.open(file) as tar:
        return [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]


def packed(file: Path, content: Members) -> Path:
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for member, body in content:
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return file


def with_sums(content: Members) -> Members:
    """The members of a backup with sums that fit them, as a forger would write them."""
    inside = [(one, body) for one, body in content if one.name != "SHA256SUMS"]
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {one.name}\n" for one, body in inside)
    return [*inside, (tarfile.TarInfo("SHA256SUMS"), sums.encode())]


def test_cut_backup_is_refused_wherever_it_is_cut(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    end = len(whole.rstrip(b"\0")) - 1
    cuts = {0, 1, 511, 512, 513, 1023, end, *random.Random(1).sample(range(end), 40)}
    cut = tmp_path / "cut.tar"
    for size in sorted(cuts):
        cut.write_bytes(whole[:size])
        code, message = refusal(lambda: restore_backup(cut, tmp_path / "store"))
        assert code in REFUSED, size
        assert str(cut) in message
        assert [item.name for item in tmp_path.iterdir()] == ["cut.tar"], size


def test_flipped_byte_is_found_or_means_nothing(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    unpack(backup, tmp_path / "good", lambda header: None)
    good = files(tmp_path / "good")
    chosen = random.Random(2)
    headers = [one.offset + chosen.randrange(512) for one, _ in members(backup)]
    places = [*headers, *chosen.sample(range(len(whole)), 40)]
    refused, codes = 0, set[str]()
    for number, place in enumerate(places):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chosen.randrange(8)
        (tmp_path / "flipped.tar").write_bytes(flipped)
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            unpack(tmp_path / "flipped.tar", folder, lambda header: None)
        except KamError as error:
            codes.add(error.problems[0].code)
            refused += 1
        else:
            assert files(folder) == good, place
    assert codes <= REFUSED
    assert refused > len(places) / 2  # the others are in the padding between members


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "../outside.txt", "runs/../../outside.txt", "runs/2026-06-30.1/../a.txt"),
        *("kam.db-wal", "kam.lock", "kam.yaml", "runs/2026-06-30.1/", "runs", "a\nb", "kam.db"),
    ],
)
def test_member_that_no_store_has_is_refused(backup: Path, tmp_path: Path, name: str) -> None:
    content = members(backup)
    forged = with_sums([*content[:-1], (tarfile.TarInfo(name), b"forged")])
    file = packed(tmp_path / "forged.tar", forged)
    code, message = refusal(lambda: restore_backup(file, tmp_path / "in" / "store"))
    assert code == "backup-damaged"
    assert repr(name) in message
    assert {item.name for item in tmp_path.rglob("*")} == {"in", "forged.tar"}


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE],
)
def test_link_or_device_in_place_of_a_file_is_refused(
    backup: Path, tmp_path: Path, kind: bytes
) -> None:
    content = [one for one in members(backup) if not one[0].name.endswith("manifest.json")]
    special = tarfile.TarInfo(f"runs/{RUNS[0]}/manifest.json")
    special.type, special.linkname = kind, "/etc/passwd"
    file = packed(tmp_path / "forged.tar", [*content[:-1], (special, b""), content[-1]])
    code, message = refusal(lambda: restore_backup(file, tmp_path / "store"))
    assert code == "backup-damaged"
    assert "is not a plain file" in message


def test_member_that_was_taken_out_or_doubled_is_refused(backup: Path, tmp_path: Path) -> None:
    content = members(backup)
    for number in (*range(1, len(content) - 1, 5), len(content) - 1):
        file = packed(tmp_path / "less.tar", content[:number] + content[number + 1 :])
        assert refusal(partial(check_backup, file))[0] == "backup-damaged", number
    file = packed(tmp_path / "twice.tar", [*content[:-1], content[1], content[-1]])
    assert refusal(lambda: check_backup(file))[0] == "backup-damaged"
    file = packed(tmp_path / "more.tar", [*content, content[1]])
    assert refusal(lambda: check_backup(file))[0] == "backup-damaged"


def test_forged_backup_with_fitting_sums_does_not_verify(
    signed: SignedStore, backup: Path, tmp_path: Path
) -> None:
    """The sums only find accidents; who meant it is found by the evidence in the store."""
    signed.execute("UPDATE decision_log SET to_value = 'gold' WHERE seq = 3")
    content = members(backup)
    content[1] = (content[1][0], (signed.folder / "kam.db").read_bytes())
    file = packed(tmp_path / "forged.tar", with_sums(content))
    code, message = refusal(lambda: restore_backup(file, tmp_path / "again"))
    assert code == "backup-unsound"
    assert "line 3" in message
    assert not (tmp_path / "again").exists()
    restored = restore_backup(file, tmp_path / "again", unsound=True)
    assert {found.code for found in restored.verdict.findings} >= {"log-altered"}


def test_backup_of_another_log_is_refused(backup: Path, tmp_path: Path) -> None:
    other = Verifier.parse(new_key("example.com/kam").verifier)
    code, _ = refusal(lambda: restore_backup(backup, tmp_path / "store", [other]))
    assert code == "backup-unsound"


@pytest.mark.parametrize("content", [b"", b"text, not a tar" * 100, b"\0" * 10240])
def test_other_file_is_not_taken_for_a_backup(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    code, message = refusal(lambda: restore_backup(file, tmp_path / "store"))
    assert code == "not-a-backup"
    assert str(file) in message


def test_other_tar_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    file = packed(tmp_path / "other.tar", [(tarfile.TarInfo("notes.txt"), b"notes")])
    assert refusal(lambda: check_backup(file))[0] == "not-a-backup"
    file = packed(tmp_path / "other.tar", [(tarfile.TarInfo("backup.json"), b"{}")])
    assert refusal(lambda: check_backup(file))[0] == "not-a-backup"


def test_missing_backup_says_so(tmp_path: Path) -> None:
    code, message = refusal(lambda: restore_backup(tmp_path / "none.tar", tmp_path / "store"))
    assert code == "backup-unreadable"
    assert str(tmp_path / "none.tar") in message


def test_backup_of_a_newer_form_says_so_whatever_else_is_in_it(
    backup: Path, tmp_path: Path
) -> None:
    content = members(backup)
    header = json.loads(content[0][1]) | {"backup": 2, "engine_version": "99.0"}
    content[0] = (content[0][0], json.dumps(header).encode())
    content[2] = (tarfile.TarInfo("runs.parquet"), b"")
    file = packed(tmp_path / "newer.tar", content)
    code, message = refusal(lambda: restore_backup(file, tmp_path / "store"))
    assert code == "backup-newer"
    assert "99.0" in message


def test_backup_of_a_newer_store_says_so(signed: SignedStore, backup: Path, tmp_path: Path) -> None:
    with open_store(signed.folder) as store:
        store.database.table(MIGRATIONS.migrations_table).insert(
            {"migration_set": "kam", "name": "m999_later", "applied_at": "2030-01-01"}
        )
    assert refusal(lambda: take_backup(signed.folder, tmp_path / "b.tar"))[0] == "store-newer"
    content = members(backup)
    content[1] = (content[1][0], (signed.folder / "kam.db").read_bytes())
    file = packed(tmp_path / "newer.tar", with_sums(content))
    code, message = refusal(lambda: restore_backup(file, tmp_path / "again"))
    assert code == "backup-newer"
    assert "m999_later" in message


@pytest.mark.parametrize(("statement", "code"), [
    ("INSERT INTO expired_files VALUES (1, '../../../../victim.txt', '2026-01-01')",
     "expiry-altered"),
    ("CREATE TRIGGER tidy AFTER INSERT ON decision_log BEGIN SELECT 1; END", "schema-inserted"),
    ("UPDATE runs SET counts = 'x' WHERE run_no = 2", "run-altered"),
])  # fmt: skip
def test_altered_store_is_not_restored_unless_somebody_insists(
    backup: Path, signed: SignedStore, tmp_path: Path, statement: str, code: str
) -> None:
    """The backup was taken before; somebody has put another kam.db into it."""
    content = members(backup)
    signed.execute_script(statement)
    content[1] = (content[1][0], (signed.folder / "kam.db").read_bytes())
    file = packed(tmp_path / "altered.tar", with_sums(content))
    refused, message = refusal(lambda: restore_backup(file, tmp_path / "again"))
    assert refused == "backup-unsound"
    assert code in message
    assert not (tmp_path / "again").exists()
    restored = restore_backup(file, tmp_path / "again", unsound=True)
    assert code in {one.code for one in restored.verdict.findings}
