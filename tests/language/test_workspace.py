"""kam.yaml, with what it leaves out and what it may not say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.language.texts import KeptTexts
from engine.language.workspace import DecimalPlaces, Guards, Workspace, load_workspace

SHORT = """\
workspace: demo
timezone: Asia/Shanghai
currency: CNY
facts: ./facts.yaml
policies: [policies/rules, "packaged:engineering"]
"""


def load(text: str) -> Workspace:
    return load_workspace("/srv/demo", KeptTexts({"kam.yaml": text.encode()}))


def codes(text: str) -> list[str]:
    with pytest.raises(KamError) as caught:
        load(text)
    return [problem.code for problem in caught.value.problems]


def test_workspace_has_defaults() -> None:
    workspace = load(SHORT)
    assert workspace.root == Path("/srv/demo")
    assert (workspace.name, workspace.timezone, workspace.currency) == (
        "demo", "Asia/Shanghai", "CNY",
    )  # fmt: skip
    assert (workspace.facts, workspace.store) == ("facts.yaml", "store")
    assert workspace.policies == ("policies/rules", "packaged:engineering")
    assert workspace.precision == DecimalPlaces(2, 6)
    assert workspace.guards == Guards(None, None, None)
    assert workspace.store_folder == Path("/srv/demo/store")
    assert [file.path for file in workspace.files] == ["kam.yaml"]
    assert str(workspace.location) == "kam.yaml:1:1"


def test_guards_are_exact_shares() -> None:
    guards = load(
        SHORT + "guards:\n  quarantined: {at_most: 0.5%}\n"
        "  accounts: {at_least: 90% of previous}\n  tier_changes: {at_most: 100%}\n"
    ).guards
    assert guards == Guards(Decimal("0.005"), Decimal("0.9"), Decimal(1))


@pytest.mark.parametrize(
    ("money", "derived", "problems"),
    [(0, 2, 0), (4, 8, 0), (-1, 6, 1), (5, 6, 1), (2, 1, 1), (2, 9, 1), (5, 9, 2)],
)
def test_precision_has_bounds(money: int, derived: int, problems: int) -> None:
    text = SHORT + f"precision: {{money: {money}, derived: {derived}}}\n"
    if problems:
        assert codes(text) == ["out-of-range"] * problems
    else:
        assert load(text).precision == DecimalPlaces(money, derived)


@pytest.mark.parametrize("share", ["101%", "5.00000%", "-5%", "5", "five percent"])
def test_guard_is_a_share_of_at_most_everything(share: str) -> None:
    expected = "wrong-type" if share == "5" else "wrong-form"
    assert codes(SHORT + f"guards: {{quarantined: {{at_most: {share}}}}}\n") == [expected]


@pytest.mark.parametrize("path", ["../rules", "/rules", "a/../../rules", "~/rules", "."])
def test_packs_lie_in_the_workspace(path: str) -> None:
    assert codes(SHORT.replace("policies/rules", path)) == ["path-outside"]


def test_store_may_lie_elsewhere() -> None:
    assert load(SHORT + "store: /var/lib/kam\n").store_folder == Path("/var/lib/kam")


@pytest.mark.parametrize("zone", ["Asia/Shanghia", "..", "/etc/localtime", "Asia/", "CST8", "北京"])
def test_timezone_must_exist(zone: str) -> None:
    assert codes(SHORT.replace("Asia/Shanghai", zone)) == ["unknown-timezone"]


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Asia/Beijing", "did you mean 'Asia/Shanghai'?"),
        ("asia/peking", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Guangzhou", "did you mean 'Asia/Shanghai'?"),
        ("Shenzhen", "did you mean 'Asia/Shanghai'?"),
        ("北京", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Shanghia", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Harbn", "did you mean 'Asia/Harbin'?"),
        ("..", "for example Asia/Shanghai"),
    ],
)
def test_timezone_of_a_chinese_city_is_that_of_shanghai(zone: str, hint: str) -> None:
    with pytest.raises(KamError) as caught:
        load(SHORT.replace("Asia/Shanghai", zone))
    (problem,) = caught.value.problems
    assert (str(problem.location), problem.hint) == ("kam.yaml:2:11", hint)


def test_folder_without_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KamError, match="kam init") as caught:
        load_workspace(tmp_path)
    assert caught.value.problems[0].code == "missing-workspace"


def test_workspace_is_found_by_folder_or_file(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text(SHORT)
    assert load_workspace(tmp_path) == load_workspace(tmp_path / "kam.yaml")
