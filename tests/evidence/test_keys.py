"""The signing key: where it is found, and where it must not be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.evidence.keys import new_key, signing_key, write_key_file
from engine.evidence.notes import Signer, Verifier, open_note, sign

ORIGIN = "example.com/kam"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def key_file(tmp_path: Path, workspace: Path) -> Path:
    path = tmp_path / "signing key"
    write_key_file(path, new_key(ORIGIN).signer, workspace)
    return path


def refused(code: str, environment: dict[str, str], forbidden: Path) -> KamError:
    with pytest.raises(KamError, match=f"^{code}: ") as caught:
        signing_key(environment, forbidden)
    return caught.value


def test_new_key_signs_what_its_verifier_opens() -> None:
    secret, public = new_key(ORIGIN)
    note = sign("text\n", Signer.parse(secret))
    assert open_note(note, [Verifier.parse(public)]) == ("text\n", (ORIGIN,))
    assert new_key(ORIGIN).signer != secret


@pytest.mark.parametrize("origin", ["", "a b", "a+b"])
def test_new_key_needs_a_name_that_notes_can_hold(origin: str) -> None:
    with pytest.raises(KamError, match="key-name-malformed"):
        new_key(origin)


def test_without_a_variable_there_is_no_key(workspace: Path) -> None:
    assert signing_key({}, workspace) is None


def test_key_is_taken_from_the_environment(workspace: Path) -> None:
    secret = new_key(ORIGIN).signer
    assert signing_key({"KAM_SIGNING_KEY": f"{secret}\n"}, workspace) == Signer.parse(secret)


@pytest.mark.parametrize("origin", [ORIGIN, "\u5927\u5ba2\u6237"])
def test_key_is_taken_from_the_file_that_was_written(
    tmp_path: Path, workspace: Path, origin: str
) -> None:
    secret, path = new_key(origin).signer, tmp_path / "key"
    write_key_file(path, secret, workspace)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8") == f"{secret}\n"
    assert signing_key({"KAM_SIGNING_KEY_FILE": str(path)}, workspace) == Signer.parse(secret)


def test_two_keys_are_refused(workspace: Path, key_file: Path) -> None:
    secret = new_key(ORIGIN).signer
    both = {"KAM_SIGNING_KEY": secret, "KAM_SIGNING_KEY_FILE": str(key_file)}
    assert secret not in str(refused("signing-key-twice", both, workspace))


@pytest.mark.parametrize("name", ["KAM_SIGNING_KEY", "KAM_SIGNING_KEY_FILE"])
@pytest.mark.parametrize("value", ["", " \n"])
def test_empty_variable_is_not_taken_for_no_key(workspace: Path, name: str, value: str) -> None:
    assert name in str(refused("signing-key-missing", {name: value}, workspace))


def test_malformed_key_is_refused_without_being_repeated(workspace: Path, key_file: Path) -> None:
    secret = new_key(ORIGIN).signer
    bent = secret[:-8] + "AAAAAAA="
    error = refused("signing-key-malformed", {"KAM_SIGNING_KEY": bent}, workspace)
    assert secret.split("+", 4)[4][:16] not in str(error)
    for content in (bent.encode(), b"\xff\xfe", b""):
        key_file.write_bytes(content)
        named = {"KAM_SIGNING_KEY_FILE": str(key_file)}
        error = refused("signing-key-malformed", named, workspace)
        assert secret.split("+", 4)[4][:16] not in str(error)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_key_file_that_others_can_open_is_refused(
    workspace: Path, key_file: Path, mode: int
) -> None:
    key_file.chmod(mode)
    error = refused("signing-key-exposed", {"KAM_SIGNING_KEY_FILE": str(key_file)}, workspace)
    assert f"chmod 600 '{key_file}'" in str(error)
    assert f"{mode:04o}" in str(error)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_key_file_that_only_its_owner_can_open_is_taken(
    workspace: Path, key_file: Path, mode: int
) -> None:
    key_file.chmod(mode)
    assert signing_key({"KAM_SIGNING_KEY_FILE": str(key_file)}, workspace) is not None


def test_key_file_in_the_workspace_is_refused(
    tmp_path: Path, workspace: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = workspace / "secrets" / "key"
    inside.parent.mkdir()
    key_file.rename(inside)
    linked, folder = tmp_path / "linked", tmp_path / "folder"
    linked.symlink_to(inside)
    folder.symlink_to(workspace, target_is_directory=True)
    monkeypatch.chdir(workspace)
    dotted = workspace.parent / "other" / ".." / "workspace" / "secrets" / "key"
    for path in (inside, linked, folder / "secrets" / "key", Path("secrets/key"), dotted):
        for forbidden in (workspace, folder):
            refused("signing-key-in-workspace", {"KAM_SIGNING_KEY_FILE": str(path)}, forbidden)


def test_folder_whose_name_begins_like_the_workspace_is_another(
    tmp_path: Path, workspace: Path
) -> None:
    path = tmp_path / "workspace-keys"
    write_key_file(path, new_key(ORIGIN).signer, workspace)
    assert signing_key({"KAM_SIGNING_KEY_FILE": str(path)}, workspace) is not None


def test_file_that_cannot_be_read_is_named(tmp_path: Path, workspace: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path / "absent", tmp_path, pipe):
        error = refused("signing-key-missing", {"KAM_SIGNING_KEY_FILE": str(path)}, workspace)
        assert str(path) in str(error)


def test_key_file_is_never_overwritten(workspace: Path, key_file: Path, tmp_path: Path) -> None:
    before = key_file.read_bytes()
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "absent")
    for path in (key_file, dangling):
        with pytest.raises(KamError, match="key-file-exists"):
            write_key_file(path, new_key(ORIGIN).signer, workspace)
    assert key_file.read_bytes() == before
    assert not (tmp_path / "absent").exists()


def test_key_file_is_not_written_into_the_workspace(workspace: Path) -> None:
    with pytest.raises(KamError, match="signing-key-in-workspace"):
        write_key_file(workspace / "key", new_key(ORIGIN).signer, workspace)
    assert [*workspace.iterdir()] == []


def test_key_file_in_no_folder_is_not_written(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(KamError, match="key-file-not-written"):
        write_key_file(tmp_path / "absent" / "key", new_key(ORIGIN).signer, workspace)
