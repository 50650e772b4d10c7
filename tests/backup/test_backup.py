"""A backup is the store as a run left it, whatever goes on meanwhile; or it is not there."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import textwrap
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit.schema.steps import STEPS
from engine.audit.store import open_store
from engine.backup import taking
from engine.backup.restoring import restore_backup
from engine.backup.taking import Backup, take_backup
from engine.errors import KamError
from engine.verification.verify import verify_store
from tests.night.book import NIGHT, Book
from tests.repository.files import ROOT
from tests.verification.store import RUNS, SignedStore


def problem_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(KamError) as error:
        action()
    (found,) = error.value.problems
    assert found.hint
    return found.code, found.message


def content(folder: Path) -> dict[str, object]:
    """Everything that a store keeps: every row of kam.db, and the bytes of every run's files.

    The records of the last night are a copy for the day, which the next run makes again.
    """
    found: dict[str, object] = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "runs").rglob("*"))
        if path.is_file() and path.parent.name != "records"
    }
    with open_store(folder, read_only=True) as store:
        found["kam.db"] = list(store.connection.iterdump())
    return found


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_restored_store_is_the_one_that_was_backed_up(
    signed: SignedStore, backup: Path, tmp_path: Path
) -> None:
    restored = restore_backup(backup, tmp_path / "again" / "store", [signed.verifier])
    assert restored.verdict.is_sound
    assert restored.verdict.runs == RUNS
    assert restored.verdict.signed_by == ("example.com/kam",)
    assert content(tmp_path / "again" / "store") == content(signed.folder)
    assert names(tmp_path / "again") == ["store"]


def older(folder: Path) -> None:
    """Takes the last step back by which the store was made."""
    with sqlite3.connect(folder / "kam.db") as connection:
        connection.execute("DROP TABLE policy_roles")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (STEPS[-1],))
    connection.close()


def test_backup_of_an_older_store_is_up_to_date_and_the_store_stays_as_it_is(
    signed: SignedStore, tmp_path: Path
) -> None:
    older(signed.folder)
    before = (signed.folder / "kam.db").read_bytes()
    take_backup(signed.folder, tmp_path / "one.tar")
    assert (signed.folder / "kam.db").read_bytes() == before
    assert problem_of(lambda: open_store(signed.folder, read_only=True))[0] == "store-outdated"
    with tarfile.open(tmp_path / "one.tar") as archive:
        archive.extract("kam.db", tmp_path / "copy", filter="data")
    with open_store(tmp_path / "copy", read_only=True) as copy:
        assert [run.run_id for run in copy.runs()] == [*RUNS[::-1]]


def test_older_store_that_was_altered_is_not_brought_up_to_date(
    signed: SignedStore, tmp_path: Path
) -> None:
    older(signed.folder)
    with sqlite3.connect(signed.folder / "kam.db") as connection:
        connection.execute("DROP TRIGGER decision_log_no_delete")
        connection.execute(
            "CREATE TRIGGER decision_log_no_delete AFTER INSERT ON decision_log BEGIN "
            "DELETE FROM decision_log; END"
        )
    connection.close()
    code, message = problem_of(lambda: take_backup(signed.folder, tmp_path / "one.tar"))
    assert code == "store-altered"
    assert str(signed.folder) in message
    assert not (tmp_path / "one.tar").exists()


@pytest.mark.slow
def test_nights_go_on_from_a_restored_store(tmp_path: Path) -> None:
    book = Book(tmp_path / "workspace")
    book.run()
    take_backup(book.root / "store", tmp_path / "one.tar")
    book.append("data/complaints.csv", "a2,2026-06-03\na2,2026-06-04\n")
    first = book.run(NIGHT + timedelta(days=1))
    tiers, log = book.tiers(first.run_id), book.log(first.run_id)
    restored = restore_backup(tmp_path / "one.tar", book.root / "store", replacing=True)
    assert restored.aside is not None
    assert verify_store(restored.aside).runs == ("2026-06-30.1", first.run_id)
    again = book.run(NIGHT + timedelta(days=1))
    assert (again.run_id, again.repeated) == (first.run_id, False)
    assert (book.tiers(again.run_id), book.log(again.run_id)) == (tiers, log)
    assert verify_store(book.root / "store").is_sound


def test_backup_is_read_without_kam(backup: Path) -> None:
    with tarfile.open(backup) as tar:
        members = tar.getnames()
        header = json.load(tar.extractfile("backup.json"))  # type: ignore[arg-type]
    assert members[:2] == ["backup.json", "kam.db"]
    assert members[-1] == "SHA256SUMS"
    assert (header["backup"], header["runs"], header["last_run"]) == (1, 3, RUNS[-1])
    inside = members[2:-1]
    assert sorted(inside, key=lambda name: RUNS.index(name.split("/")[1])) == inside


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sums_are_those_of_sha256sum(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar:
        tar.extractall(tmp_path, filter="data")
    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True
    )


def test_backup_is_for_those_who_may_read_the_store(signed: SignedStore, tmp_path: Path) -> None:
    (signed.folder / "kam.db").chmod(0o640)
    take_backup(signed.folder, tmp_path / "one.tar")
    assert (tmp_path / "one.tar").stat().st_mode & 0o777 == 0o640


# --- while runs go on ----------------------------------------------------------------------

NIGHTS = """
    import sys
    from datetime import timedelta
    from pathlib import Path
    from engine.runner import run_night
    from tests.night.book import NIGHT
    root, stop = Path(sys.argv[1]), Path(sys.argv[2])
    day = 1
    while not stop.exists():
        with (root / "data/complaints.csv").open("a") as file:
            file.write(f"a{day % 3 + 1},2026-06-{day % 28 + 1:02}\\n" * (day % 4))
        run_night(root, NIGHT + timedelta(days=day))
        print(day, flush=True)
        day += 1
"""


def back_up_during_nights(tmp_path: Path, backups: int, nights_at_least: int) -> None:
    """Takes backups while another process runs night after night, and restores each of them."""
    book = Book(tmp_path / "workspace")
    book.run()
    store, stop = book.root / "store", tmp_path / "stop"
    nights = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(NIGHTS), str(book.root), str(stop)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        assert nights.stdout is not None
        nights.stdout.readline()  # it has begun
        taken: list[Backup] = []
        while len(taken) < backups or len({one.runs for one in taken}) < nights_at_least:
            taken.append(take_backup(store, tmp_path / f"{len(taken)}.tar"))
            time.sleep(0.05)
        assert nights.poll() is None
    finally:
        stop.touch()
        nights.communicate(timeout=60)
    assert nights.returncode == 0
    with open_store(store, read_only=True) as opened:
        rows = opened.database.execute("SELECT run_no, note FROM checkpoints ORDER BY run_no")
        notes = {int(number): note for number, note in rows}
    for one in taken:
        place = tmp_path / f"{one.file.name}.store"
        verdict = restore_backup(one.file, place).verdict
        # Sound says that nothing is there beyond the last checkpoint, and nothing missing.
        assert verdict.findings == ()
        assert (len(verdict.runs), verdict.checkpoint) == (one.runs, notes[one.runs])


@pytest.mark.slow
def test_backup_during_nights_is_the_state_after_one_of_them(tmp_path: Path) -> None:
    back_up_during_nights(tmp_path, backups=4, nights_at_least=1)


@pytest.mark.slow
def test_many_backups_during_nights_are_states_after_one_of_them(tmp_path: Path) -> None:
    back_up_during_nights(tmp_path, backups=25, nights_at_least=5)


def test_file_that_expires_after_the_database_was_copied_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Book(tmp_path / "workspace")
    for days in range(2):
        book.run(NIGHT + timedelta(days=days))
    book.append("kam.yaml", "privacy: {retention: {internal: 1 day}}\n")
    real, calls = taking._copy_database, list[Path]()

    def copy_and_expire(folder: Path, file: Path, part: Path) -> None:
        real(folder, file, part)
        calls.append(part)
        if len(calls) == 1:
            book.run(NIGHT + timedelta(days=3))

    monkeypatch.setattr(taking, "_copy_database", copy_and_expire)
    take_backup(book.store, tmp_path / "one.tar")
    assert len(calls) == 2
    verdict = restore_backup(tmp_path / "one.tar", tmp_path / "again").verdict
    assert verdict.is_sound
    assert not (tmp_path / "again" / "runs" / RUNS[0] / "facts.parquet").exists()


# --- stores and places that are not as expected --------------------------------------------


def test_store_with_a_damaged_file_is_not_backed_up(signed: SignedStore, tmp_path: Path) -> None:
    damaged = signed.run_folder(1) / "decisions.parquet"
    flipped = bytearray(damaged.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    damaged.write_bytes(flipped)
    code, message = problem_of(lambda: take_backup(signed.folder, tmp_path / "one.tar"))
    assert code == "unreadable-run-file"
    assert str(damaged) in message
    damaged.unlink()
    code, message = problem_of(lambda: take_backup(signed.folder, tmp_path / "one.tar"))
    assert code == "missing-run-file"
    assert str(damaged) in message
    assert names(tmp_path) == ["store"]


def test_missing_store_is_not_backed_up(tmp_path: Path) -> None:
    code, _ = problem_of(lambda: take_backup(tmp_path / "none", tmp_path / "one.tar"))
    assert code == "no-store"
    assert names(tmp_path) == []


def test_backup_is_not_written_over_another_unless_asked(
    signed: SignedStore, tmp_path: Path
) -> None:
    file = tmp_path / "one.tar"
    file.write_text("another")
    code, _ = problem_of(lambda: take_backup(signed.folder, file))
    assert (code, file.read_text()) == ("backup-exists", "another")
    assert take_backup(signed.folder, file, replacing=True).size == file.stat().st_size > 100_000
    assert names(tmp_path) == ["one.tar", "store"]


@pytest.mark.parametrize("place", ["store/one.tar", "store/runs/one.tar", "link/one.tar"])
def test_backup_within_the_store_is_refused(
    signed: SignedStore, tmp_path: Path, place: str
) -> None:
    (tmp_path / "link").symlink_to(signed.folder)
    code, _ = problem_of(lambda: take_backup(signed.folder, tmp_path / place))
    assert code == "backup-within-store"


def test_backup_into_a_folder_that_is_not_there_says_so(
    signed: SignedStore, tmp_path: Path
) -> None:
    file = tmp_path / "none" / "one.tar"
    code, message = problem_of(lambda: take_backup(signed.folder, file))
    assert code == "backup-not-written"
    assert str(file) in message


LIMITED = """
    import resource, sys
    from pathlib import Path
    from engine.backup.restoring import restore_backup
    from engine.backup.taking import Backup, take_backup
    from engine.errors import KamError
    what, limit = sys.argv[1], int(sys.argv[4])
    source, target = Path(sys.argv[2]), Path(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        (take_backup if what == "take" else restore_backup)(source, target)
    except KamError as error:
        print(*(one.code for one in error.problems))
"""


def limited(what: str, source: Path, target: Path, limit: int) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), what, source, target, str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.slow
def test_full_disk_leaves_no_backup(signed: SignedStore, tmp_path: Path) -> None:
    before = content(signed.folder)
    database = (signed.folder / "kam.db").stat().st_size
    for limit in (4096, database + 4096):  # while the database is copied; while it is packed
        code, stderr = limited("take", signed.folder, tmp_path / "one.tar", limit)
        assert code in {"backup-full", "backup-not-written"}, stderr
        assert names(tmp_path) == ["store"]
    assert content(signed.folder) == before


def test_full_disk_leaves_no_half_restored_store(backup: Path, tmp_path: Path) -> None:
    code, stderr = limited("restore", backup, tmp_path / "store", 100_000)
    assert code == "backup-full", stderr
    assert names(tmp_path) == []


def test_store_is_moved_aside_only_if_asked_and_not_while_a_run_holds_it(
    signed: SignedStore, backup: Path, tmp_path: Path
) -> None:
    before = content(signed.folder)
    assert problem_of(lambda: restore_backup(backup, signed.folder))[0] == "store-exists"
    with open_store(signed.folder) as store, store.lock():
        code, _ = problem_of(lambda: restore_backup(backup, signed.folder, replacing=True))
        assert code == "store-busy"
    assert names(tmp_path) == ["store"]
    restored = restore_backup(backup, signed.folder, replacing=True)
    assert restored.aside is not None
    assert content(restored.aside) == before
    assert names(tmp_path) == ["store", restored.aside.name]


def test_store_is_restored_into_an_empty_folder_and_through_a_link(
    backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    restore_backup(backup, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert verify_store(tmp_path / "empty").is_sound
    code, _ = problem_of(lambda: restore_backup(backup, tmp_path / "link"))
    assert code == "store-exists"
