"""Digests: every action is in one of the parts, and no part is larger than the channel takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.digest import digests, single
from engine.actions.messages import Message
from engine.actions.sinks.chat import CHANNELS, json_size, utf8_size
from engine.audit.outbox import Queued

TEXTS = st.text(alphabet="ab 客户，\n\U0001f600", min_size=1, max_size=400)


def message(number: int, text: str, **more: Any) -> Message:
    body = {
        "workspace": "demo",
        "account": "A1",
        "owner_role": "office",
        "role_zh": "大客户办公室",
        "role_en": "Key account office",
        "owner": None,
        "priority": "normal",
        "title_zh": "回访",
        "title_en": "Call back",
        "text_zh": text,
        "text_en": text,
        "due_on": None,
        "status": "open",
        **more,
    }
    queued = Queued(number, f"k{number}", "action", more.get("run_no", 1), "A1", number, None, 0)
    return Message(queued, body)


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=30),
    roles=st.lists(st.sampled_from(["office", "sponsor"]), min_size=30, max_size=30),
    limit=st.integers(300, 2000),
    lang=st.sampled_from(["zh", "en"]),
    size=st.sampled_from([utf8_size, json_size]),
)
def test_every_message_is_in_one_part_and_no_part_is_too_long(
    texts: list[str], roles: list[str], limit: int, lang: str, size: Any
) -> None:
    messages = [
        message(number, text, owner_role=role)
        for number, (text, role) in enumerate(zip(texts, roles, strict=False))
    ]
    parts = list(digests(messages, lang, limit, size))
    carried = [one.key for part in parts for one in part.messages]
    assert sorted(carried) == sorted(one.key for one in messages)
    for part in parts:
        assert size(part.text) <= limit
        assert len(part.text.splitlines()) == 1 + len(part.messages)
        assert len({one.body["owner_role"] for one in part.messages}) == 1


@given(TEXTS, st.integers(100, 500))
def test_single_text_fits(text: str, limit: int) -> None:
    assert utf8_size(single(message(1, text), "zh", limit, utf8_size).text) <= limit


def test_parts_are_numbered() -> None:
    parts = list(digests([message(n, "x" * 100) for n in range(9)], "en", 600, utf8_size))
    assert [part.text.splitlines()[0] for part in parts] == [
        "kam demo, Key account office: 9 to do (1/3)",
        "kam demo, Key account office: 9 to do (2/3)",
        "kam demo, Key account office: 9 to do (3/3)",
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_heading_calls_the_role_as_the_policy_does(lang: str) -> None:
    part = single(message(1, "visit"), lang, 2000, utf8_size)
    (heading,) = [part.text.splitlines()[0] for part in digests([message(1, "a")], lang, 600, len)]
    assert {"zh": "kam demo，大客户办公室：1", "en": "kam demo, Key account office: 1"}[
        lang
    ] in heading
    assert {"zh": "（大客户办公室）", "en": "(Key account office)"}[lang] in part.text


def test_a_role_with_a_long_name_leaves_room_for_what_there_is_to_do() -> None:
    long = message(1, "visit", role_zh="某" * 500)
    (part,) = digests([long], "zh", 300, len)
    assert part.text.splitlines()[0].startswith("kam demo，某某")
    assert "回访：visit" in part.text


def test_most_urgent_comes_first_and_earlier_nights_before_later_ones() -> None:
    messages = [
        message(1, "a", priority="low"),
        message(2, "b", priority="urgent"),
        message(3, "c", priority="urgent", run_no=2),
    ]
    first, second = digests(messages, "en", 2000, utf8_size)
    assert [one.key for one in first.messages] == ["k2", "k1"]
    assert [one.key for one in second.messages] == ["k3"]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "[done by now] [high] Call back: visit (王建国, by 2026-07-03)"),
        ("zh", "[已完成] [高] 回访：visit（王建国，2026-07-03 前）"),
    ],
)
def test_line_says_who_and_until_when(lang: str, line: str) -> None:
    one = message(1, "visit", owner="王建国", due_on="2026-07-03", priority="high", status="done")
    assert single(one, lang, 2000, utf8_size).text == line


def test_channels_measure_as_they_count() -> None:
    assert (utf8_size("客户"), json_size("客户")) == (6, 12)
    assert {kind: channel.limit for kind, channel in CHANNELS.items()} == {
        "dingtalk": 19_000, "feishu": 19_000, "wecom": 2_000, "mail": 30_000,
    }  # fmt: skip
