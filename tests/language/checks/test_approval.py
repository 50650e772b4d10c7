"""The roles that must sign a policy are roles of the packs, and somebody holds them."""

from __future__ import annotations

import pytest

from engine.language.checks.approval import check_approval
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.language.workspace import load_workspace

KEY = "acme/x+0f3a2b11+AYSqx29GWjwRzzGMdzOIGZQ8SvvXYyXo5QX1Cf0WrRmC"
PACK = b"""\
pack: {id: rules, title: {zh: x, en: x}, version: "1", effective: {from: 2026-01-01}, owner: sales}
roles: {sales: {title: {zh: x, en: x}}, finance: {title: {zh: x, en: x}}}
"""


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("sales", []),
        ("finance", [("role-without-holder", "warning", 8)]),
        ("finanse", [("unknown-role", "error", 8)]),
    ],
)
def test_approving_role_is_known_and_held(role: str, found: list[tuple[str, str, int]]) -> None:
    kam = f"""\
workspace: demo
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/rules]
people: {{sales: 王建国}}
approval:
  roles: [{role}]
  keys: {{{role}: '{KEY}'}}
"""
    texts = KeptTexts({"kam.yaml": kam.encode(), "rules/pack.yaml": PACK})
    workspace = load_workspace("anywhere", texts)
    problems = check_approval(workspace, [load_pack("rules", texts)], "kam.yaml")
    assert [
        (one.code, one.severity, one.location and one.location.line) for one in problems
    ] == found
