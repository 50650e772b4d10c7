"""The results of policy tests for programs: JSON values, and JUnit's XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from engine.policy_tests.comparing import Difference
from engine.policy_tests.coverage import Coverage, Seen
from engine.policy_tests.running import PackResult, TestResult


def as_values(results: Sequence[PackResult], with_coverage: bool) -> dict[str, Any]:
    """Plain lists and mappings, as JSON writes them."""
    return {
        "packs": [
            {
                "pack": one.policy.id,
                "version": one.policy.version,
                "tests": len(one.results),
                "failed": [_failed(test) for test in one.failed],
                **({"coverage": _coverage(one.coverage)} if with_coverage else {}),
            }
            for one in results
        ]
    }


def _failed(result: TestResult) -> dict[str, Any]:
    place = result.test.location
    return {
        "name": result.test.name,
        "file": place.file,
        "line": place.line,
        "differences": [
            {
                "text": one.text,
                "night": one.on and one.on.isoformat(),
                "file": one.location.file,
                "line": one.location.line,
                "reasons": [
                    {"text": reason.text, "file": reason.location.file,
                     "line": reason.location.line}
                    for reason in one.reasons
                ],
            }
            for one in result.differences
        ],
    }  # fmt: skip


def _coverage(coverage: Coverage) -> dict[str, Any]:
    def missing(seen: Sequence[Seen]) -> list[dict[str, Any]]:
        return [
            {
                "what": one.label,
                "lacks": one.lacks,
                "file": one.location.file,
                "line": one.location.line,
            }
            for one in seen
        ]

    return {
        "rules": len(coverage.rules),
        "rules_covered": len(coverage.rules) - len(coverage.missing_rules),
        "rules_missing": missing(coverage.missing_rules),
        "conditions": len(coverage.conditions),
        "conditions_covered": len(coverage.conditions) - len(coverage.missing_conditions),
        "conditions_missing": missing(coverage.missing_conditions),
    }


def as_junit(results: Sequence[PackResult]) -> str:
    """The XML that build servers read: a suite per pack, a case per test."""
    root = ElementTree.Element("testsuites")
    for one in results:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=one.policy.id,
            tests=str(len(one.results)),
            failures=str(len(one.failed)),
            errors="0",
            skipped="0",
        )
        for result in one.results:
            _case(suite, one.policy.id, result)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ElementTree.Element, pack: str, result: TestResult) -> None:
    place = result.test.location
    attributes = {
        "classname": pack, "name": result.test.name, "file": place.file, "line": str(place.line),
    }  # fmt: skip
    case = ElementTree.SubElement(suite, "testcase", attributes)
    if result.differences:
        message = result.differences[0].text
        failure = ElementTree.SubElement(case, "failure", message=message)
        failure.text = "\n".join(line for one in result.differences for line in lines(one))


def lines(difference: Difference) -> list[str]:
    """A difference in words: what, then each reason on a line of its own."""
    night = "" if difference.on is None else f"{difference.on}: "
    return [f"{night}{difference.text}", *(f"  {one}" for one in difference.reasons)]
