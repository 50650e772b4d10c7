"""What a policy has written, as a reader of Chinese reads it."""

from __future__ import annotations

import pytest

from engine.console.speaker import Language, Speaker
from engine.errors import Location
from engine.explain.tree import Fact, TestNode
from engine.model import Title


@pytest.mark.parametrize(
    ("written", "chinese"),
    [
        ("$silent_days = 180 days", "$silent_days = 180天"),
        ("1 day", "1天"),
        ("24 hours", "24小时"),
        ("3 workdays", "3个工作日"),
        ("$days, 20%", "$days, 20%"),
        ("90days", "90days"),
        ("7 daystar", "7 daystar"),
    ],
)
def test_lengths_of_time_in_a_threshold_are_in_the_readers_language(
    written: str, chinese: str
) -> None:
    shown: dict[Language, str] = {
        language: Speaker(language, "CNY", {}).threshold(comparison(written))
        for language in ("zh", "en")
    }
    assert shown == {"zh": chinese, "en": written}


def comparison(written: str) -> TestNode:
    title = Title(zh="距上次接触天数", en="Days since the last contact")
    return TestNode(
        truth=True,
        subject=Fact("days_since_contact", title, "days", 200),
        operator="gt",
        symbol=Title(zh=">", en=">"),
        written=written,
        thresholds=(180,),
        others=(),
        standing=None,
        missing=(),
        location=Location("warnings.yaml"),
    )
