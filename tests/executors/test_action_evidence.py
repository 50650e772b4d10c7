"""What the text of an action names becomes evidence of the rule that asks for it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.plan.build import build_plan
from tests.executors.case_files import load_policy

POLICY = """\
tiers:
  levels: {{gold: {{title: {{zh: x, en: x}}, when: {{growth: {{gte: 20%}}}}}}}}
  default: {{id: standard, title: {{zh: x, en: x}}}}
measures:
  meetings: {{type: integer, count: issues, window: 365 days}}
warnings:
  falling:
    title: {{zh: x, en: x}}
    levels: {{red: {{when: {{growth: {{lt: 0%}}}}}}}}
    action: call
actions:
  call:
    title: {{zh: x, en: x}}
    owner: office
    text: {{zh: "{text}", en: "{text}"}}
"""


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("{meetings}", ("growth", "meetings")),
        ("{warning} {milestone} {level} {tier} {account_id}", ("growth",)),
        ("{{meetings}} {} {Meetings} {meetings", ("growth",)),
        ("meetings} \uff5bmeetings\uff5d {{}}", ("growth",)),
    ],
)
def test_only_names_in_braces_are_evidence(text: str, evidence: tuple[str, ...]) -> None:
    policy = load_policy(POLICY.format(text=text))
    plan = build_plan([policy], policy.vocabulary, date(2026, 6, 30))
    (rule,) = plan.packs[0].rules
    assert tuple(name.removeprefix("case__") for name in rule.evidence) == evidence
