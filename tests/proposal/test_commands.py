"""`kam plan` and `kam approve` as people call them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kam import main
from tests.proposal.book import LOWER_PURCHASE, NEXT_NIGHT, PACK, Book


@pytest.mark.slow
def test_exit_code_says_whether_anything_changes(book: Book) -> None:
    same = book.kam("plan")
    assert (same.exit_code, "Nothing changes." in same.stdout) == (0, True)
    book.edit(LOWER_PURCHASE)
    other = book.kam("plan")
    assert other.exit_code == 2
    book.edit(("gte: $gold_purchase", "gte: $golden"))
    assert book.kam("plan").exit_code == 1


def test_wrong_call_does_not_look_like_a_change(book: Book) -> None:
    assert book.kam("plan", "--no-such-option").exit_code == 1


@pytest.mark.slow
def test_text_says_who_moves_by_which_line(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    shown = book.kam("plan").stdout
    assert re.search(r"1  policies/levels/pack\.yaml:\d+  parameters gold_purchase, changed", shown)
    assert re.search(r"a3 +泰山水泥 +Silver → Gold +Silver → Gold +edit 1", shown)
    assert re.search(r"Customer manager +42\.50 +49\.00 +\+6\.50", shown)
    assert re.search(r"Fund +1 → 2 +needs approval by Finance", shown)


@pytest.mark.slow
def test_limit_cuts_lists_and_says_so(book: Book) -> None:
    book.edit(("silver_purchase: {value: 50万", "silver_purchase: {value: 95万"))
    assert "3 more" in book.kam("plan", "--limit", "1").stdout
    assert " more" not in book.kam("plan", "--limit", "0").stdout


@pytest.mark.slow
def test_json_holds_every_account(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    result = book.kam("plan", "--format", "json", "--limit", "1")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    (pack,) = document["result"]["packs"]
    assert pack["moves"] == [
        {"account": "a3", "tier": ["silver", "gold"], "candidate": ["silver", "gold"]}
    ]
    assert document["moved_by"] == [
        {"pack": "levels", "account": "a3", "edits": [1], "together": False}
    ]
    assert document["changes"] is True
    assert document["names"]["a3"] == "泰山水泥"


@pytest.mark.slow
def test_reader_sees_no_more_than_his_class(book: Book) -> None:
    for file in ("facts.yaml", PACK):
        book.edit(
            ("    name: text\n", "    name: {type: text, class: confidential}\n"),
            ("    purchase: money\n", "    purchase: {type: money, class: confidential}\n"),
            file=file,
        )
    book.run(NEXT_NIGHT)
    book.edit(LOWER_PURCHASE, ("[100万, 2%]]", "[100万, 3%]]"))
    shown = {level: book.kam("plan", "--reader", level) for level in ("internal", "confidential")}
    assert {one.exit_code for one in shown.values()} == {2}
    assert "泰山水泥" in shown["confidential"].stdout
    assert re.search(r"Annual rebate .* 93,000\.00 CNY", shown["confidential"].stdout)
    assert "a3" in shown["internal"].stdout
    assert "泰山水泥" not in shown["internal"].stdout
    assert "not for this reader" in shown["internal"].stdout
    assert "93,000" not in shown["internal"].stdout


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_needs_nothing_beside_itself(book: Book, language: str) -> None:
    book.edit(
        LOWER_PURCHASE,
        ("title: {zh: 金, en: Gold}", "title: {zh: '<b>金</b>', en: '<b>Gold</b>'}"),
    )
    page = book.root.parent / "plan.html"
    line = ["plan", "-w", str(book.root), "--lang", language, "--html", str(page)]
    assert CliRunner().invoke(main, line).exit_code == 2
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link|@import|url\(|<img", html)
    assert "<b>" not in html
    assert "泰山水泥" in html
    assert ('lang="zh-CN"' in html) == (language == "zh")
    assert ("返利与预算" in html) == (language == "zh")
    assert CliRunner().invoke(main, line).exit_code == 2  # its own page may be replaced


def test_page_does_not_replace_a_file_of_somebody_else(book: Book) -> None:
    page = book.root.parent / "notes.html"
    page.write_text("mine", encoding="utf-8")
    result = book.kam("plan", "--html", str(page))
    assert result.exit_code == 1
    assert "file-exists" in result.stderr
    assert page.read_text(encoding="utf-8") == "mine"


def test_approve_takes_the_key_from_a_file_outside_the_workspace(
    book: Book, tmp_path: Path
) -> None:
    book.ask_for("sales")
    file = book.save()
    inside, outside = book.root / "sales.key", tmp_path / "sales.key"
    for path in (inside, outside):
        path.write_text(book.keys["sales"], encoding="utf-8")
        path.chmod(0o600)
    refused = book.kam("approve", str(file), "--as", "sales", KAM_APPROVAL_KEY_FILE=str(inside))
    assert refused.exit_code == 1
    assert "signing-key-in-workspace" in refused.stderr
    done = book.kam("approve", str(file), "--as", "sales", KAM_APPROVAL_KEY_FILE=str(outside))
    assert done.exit_code == 0, done.output
    assert "王建国 has approved the policy" in done.stdout
    assert "Every role has signed" in done.stdout


@pytest.mark.slow
def test_pack_folder_is_planned_and_approved_from_where_it_lies(book: Book, tmp_path: Path) -> None:
    book.ask_for("sales")
    branch = book.copy(tmp_path / "branch")
    branch.edit(LOWER_PURCHASE)
    pack, file = str(branch.root / "policies" / "levels"), tmp_path / "plan.json"
    assert book.kam("plan", pack, "--save", str(file)).exit_code == 2
    secret = {"KAM_APPROVAL_KEY": book.keys["sales"]}
    refused = book.kam("approve", str(file), "--as", "sales", **secret)
    assert "plan-policy-edited" in refused.stderr
    assert book.kam("approve", str(file), pack, "--as", "sales", **secret).exit_code == 0
    book.edit(LOWER_PURCHASE)
    assert book.run(NEXT_NIGHT).counts["packs"]["levels"]["tiers"]["gold"] == 2
