"""`kam test`: what it prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from kam import main

GOOD = "tests: [{name: good, account: {status: active, size: 5}, expect: {tier: silver}}]\n"
BAD = "tests: [{name: bad, account: {status: active, size: 4}, expect: {candidate: silver}}]\n"


def kam_test(pack: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["test", str(pack), *options])


@pytest.fixture
def tested(pack: Path) -> Path:
    (pack / "good.test.yaml").write_text(GOOD, encoding="utf-8")
    (pack / "bad.test.yaml").write_text(BAD, encoding="utf-8")
    return pack


def test_failed_test_is_printed_with_its_place_and_reason(tested: Path) -> None:
    result = kam_test(tested)
    assert result.exit_code == 1
    first, second, third, fourth, *_ = result.stdout.splitlines()
    assert first.endswith("small_rules/bad.test.yaml:1: FAILED: bad")
    assert second == "    candidate: expected silver, got plain"
    assert third.strip().startswith("size is 4, not >= 5 (")
    assert fourth == "small_rules: 2 tests, 1 failed"
    assert "never true: tier gold" in result.stdout or "tier gold" in result.stdout


def test_tests_that_pass_exit_with_zero(tested: Path) -> None:
    result = kam_test(tested, "-k", "good")
    assert (result.exit_code, result.stdout) == (0, "small_rules: 1 test, 0 failed\n")


def test_too_little_coverage_exits_with_one(tested: Path) -> None:
    (tested / "bad.test.yaml").unlink()
    assert kam_test(tested, "--coverage-at-least", "0%").exit_code == 0
    result = kam_test(tested, "--coverage-at-least", "100%")
    assert result.exit_code == 1
    assert "of the rules are tested both ways" in result.stderr


@pytest.mark.parametrize("written", ["x", "101%", "-1"])
def test_coverage_must_be_a_percentage(tested: Path, written: str) -> None:
    assert kam_test(tested, "--coverage-at-least", written).exit_code == 2


def test_part_of_the_tests_has_no_coverage(tested: Path) -> None:
    assert kam_test(tested, "-k", "good", "--coverage-at-least", "1%").exit_code == 2


def test_json_lists_failures_and_what_is_missing(tested: Path) -> None:
    (pack,) = json.loads(kam_test(tested, "--format", "json").stdout)["packs"]
    assert (pack["pack"], pack["tests"]) == ("small_rules", 2)
    (failed,) = pack["failed"]
    assert failed["name"] == "bad"
    assert failed["differences"][0]["reasons"][0]["text"] == "size is 4, not >= 5"
    assert pack["coverage"]["rules"] == 11
    assert {"warning small red"} <= {one["what"] for one in pack["coverage"]["rules_missing"]}


def test_junit_has_a_case_for_every_test(tested: Path) -> None:
    suite = ElementTree.fromstring(kam_test(tested, "--format", "junit").stdout)[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert {case.get("name"): len(case) for case in suite} == {"good": 0, "bad": 1}


def test_pack_without_tests_says_so(pack: Path) -> None:
    result = kam_test(pack)
    assert result.exit_code == 1
    assert result.stdout.startswith("small_rules: 0 tests, 0 failed\n")
    assert "no-tests: there is no test beside small_rules" in result.stderr
    assert "NAME.test.yaml" in result.stderr


def test_name_that_no_test_has_is_no_success(tested: Path) -> None:
    result = kam_test(tested, "-k", "nosuch")
    assert result.exit_code == 1
    assert "no test of small_rules has 'nosuch' in its name" in result.stderr


def test_results_are_in_chinese_where_that_is_the_language(tested: Path) -> None:
    first, second, third, fourth, fifth, *_ = kam_test(tested, "--lang", "zh").stdout.splitlines()
    assert first.endswith("small_rules/bad.test.yaml:1\uff1a未通过\uff1abad")
    assert second == "    candidate\uff1a应为 silver\uff0c实为 plain"
    assert third.strip().startswith("size 为 4\uff0c不满足 >= 5 (")
    assert fourth == "small_rules\uff1a2 项测试\uff0c1 项未通过"
    assert fifth.startswith("  真假两面均已测试的规则\uff1a")
