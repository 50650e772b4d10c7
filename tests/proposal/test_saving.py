"""`kam plan --save` and `--html` write over what kam plan wrote, and over nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.proposal.book import LOWER_PURCHASE, Book


@pytest.mark.parametrize("name", ["kam.yaml", "data/accounts.csv", "policies/levels/pack.yaml"])
def test_plan_is_not_saved_over_a_file_of_the_workspace(book: Book, name: str) -> None:
    before = (book.root / name).read_bytes()
    result = book.kam("plan", "--save", str(book.root / name))
    assert result.exit_code == 1
    assert "file-exists" in result.stderr and "--save" in result.stderr
    assert (book.root / name).read_bytes() == before


def test_altered_plan_is_somebody_elses_file(book: Book) -> None:
    file = book.save()
    document = json.loads(file.read_bytes())
    file.write_text(json.dumps({**document, "engine": "mine"}), encoding="utf-8")
    before = file.read_bytes()
    result = book.kam("plan", "--save", str(file))
    assert (result.exit_code, "file-exists" in result.stderr) == (1, True)
    assert file.read_bytes() == before


@pytest.mark.slow
def test_plan_that_nobody_signed_is_replaced_by_the_next(book: Book) -> None:
    file = book.save()
    before = json.loads(file.read_bytes())["plan"]
    book.edit(LOWER_PURCHASE)
    assert book.save() == file
    assert json.loads(file.read_bytes())["plan"] != before


@pytest.mark.slow
def test_saving_a_signed_plan_again_keeps_its_signatures(book: Book) -> None:
    book.ask_for("sales", "finance")
    file = book.save()
    book.approve(file, "sales")
    signed = file.read_bytes()
    book.save()
    assert file.read_bytes() == signed
    book.approve(file, "finance", "周敏")
    assert len(json.loads(file.read_bytes())["approvals"]) == 2


@pytest.mark.slow
def test_another_plan_does_not_replace_one_that_was_signed(book: Book) -> None:
    book.ask_for("sales")
    file = book.save()
    book.approve(file, "sales")
    signed = file.read_bytes()
    book.edit(LOWER_PURCHASE)
    result = book.kam("plan", "--save", str(file))
    assert result.exit_code == 1
    assert "file-exists" in result.stderr and "sales has signed" in result.stderr
    assert file.read_bytes() == signed


@pytest.mark.parametrize("option", ["--save", "--html"])
def test_folder_that_is_not_there_is_named_before_anything_is_decided(
    book: Book, tmp_path: Path, option: str
) -> None:
    result = book.kam("plan", option, str(tmp_path / "no" / "plan"))
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    assert "cannot-write" in told and f"the folder {tmp_path / 'no'} does not exist" in told
    assert "make the folder first" in told and ".part" not in told
    assert result.stdout == ""
