"""Texts are read from below a root, and from nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.language.texts import SIZE_LIMIT, DiskTexts, KeptTexts, normalised


def code_of(action: object, *arguments: str) -> str:
    assert callable(action)
    with pytest.raises(KamError) as caught:
        action(*arguments)
    return caught.value.problems[0].code


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    (folder / "pack").mkdir(parents=True)
    (folder / "pack" / "a.yaml").write_bytes(b"a: 1")
    (tmp_path / "secret.yaml").write_bytes(b"secret: 1")
    return folder


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("a.yaml", "a.yaml"),
        ("./a//b.yaml", "a/b.yaml"),
        ("a/../b.yaml", "b.yaml"),
        ("", "."),
        ("..", None),
        ("../a", None),
        ("a/../../b", None),
        ("/etc/passwd", None),
        ("~/a", None),
        ("a\\..\\b", None),
        ("C:/a", None),
        ("a\0b", None),
    ],
)
def test_path_is_normalised_or_outside(path: str, clean: str | None) -> None:
    assert normalised(path) == clean


def test_disk_reads_and_lists_below_its_root(root: Path) -> None:
    texts = DiskTexts(root)
    assert texts.read("pack/a.yaml") == b"a: 1"
    assert texts.read("pack/../pack/a.yaml") == b"a: 1"
    assert texts.list("pack") == ("a.yaml",)
    assert texts.list(".") == ()


@pytest.mark.parametrize("path", ["../secret.yaml", "pack/../../secret.yaml", "/etc/passwd"])
def test_disk_refuses_paths_out_of_its_root(root: Path, path: str) -> None:
    assert code_of(DiskTexts(root).read, path) == "path-outside"


def test_disk_refuses_links_out_of_its_root(root: Path) -> None:
    (root / "pack" / "link.yaml").symlink_to(root.parent / "secret.yaml")
    (root / "out").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop")
    texts = DiskTexts(root)
    assert code_of(texts.read, "pack/link.yaml") == "path-outside"
    assert code_of(texts.read, "out/secret.yaml") == "path-outside"
    assert code_of(texts.list, "out") == "path-outside"
    assert code_of(texts.read, "loop") in ("unreadable-file", "missing-file")


def test_disk_follows_links_within_its_root(root: Path) -> None:
    (root / "pack" / "b.yaml").symlink_to(root / "pack" / "a.yaml")
    assert DiskTexts(root).read("pack/b.yaml") == b"a: 1"


def test_disk_names_what_cannot_be_read(root: Path) -> None:
    texts = DiskTexts(root)
    assert code_of(texts.read, "pack/none.yaml") == "missing-file"
    assert code_of(texts.read, "pack") == "not-a-file"
    assert code_of(texts.list, "none") == "missing-folder"
    assert code_of(texts.list, "pack/a.yaml") == "missing-folder"


def test_disk_does_not_wait_for_a_pipe(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    assert code_of(DiskTexts(root).read, "pipe.yaml") == "not-a-file"


def test_disk_bounds_the_size_of_a_file(root: Path) -> None:
    (root / "big.yaml").write_bytes(b"#" * SIZE_LIMIT)
    assert len(DiskTexts(root).read("big.yaml")) == SIZE_LIMIT
    (root / "big.yaml").write_bytes(b"#" * (SIZE_LIMIT + 1))
    assert code_of(DiskTexts(root).read, "big.yaml") == "file-too-big"


def test_locations_are_relative_to_the_current_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    assert DiskTexts(root).shown("pack/a.yaml") == "policies/pack/a.yaml"
    assert DiskTexts(root).shown("pack/../common/a.yaml") == "policies/common/a.yaml"
    monkeypatch.chdir(root / "pack")
    assert DiskTexts(root).shown("pack/a.yaml") == "a.yaml"
    assert DiskTexts(root).shown("common/a.yaml") == (root / "common/a.yaml").as_posix()
    assert DiskTexts(root, "kept:").shown("pack/a.yaml") == "kept:pack/a.yaml"


def test_kept_copies_read_like_a_disk() -> None:
    texts = KeptTexts({"pack/a.yaml": b"a: 1", "pack/deep/b.yaml": b"", "c.yaml": b""})
    assert texts.read("pack/../pack/a.yaml") == b"a: 1"
    assert texts.list("pack") == ("a.yaml",)
    assert texts.list(".") == ("c.yaml",)
    assert code_of(texts.read, "pack/b.yaml") == "missing-file"
    assert code_of(texts.list, "none") == "missing-folder"
