"""Several messages as one text for people, in parts that a channel can take.

Plain text: a customer's name may hold anything, also what a channel would read as a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.actions.messages import Message

Size = Callable[[str], int]
"""A text → what of a channel's limit it takes, in bytes."""

_PRIORITIES = {
    "zh": {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"},
    "en": {"urgent": "urgent", "high": "high", "normal": "normal", "low": "low"},
}
_URGENCY = ("urgent", "high", "normal", "low")
_ENDED = {
    "zh": {"done": "已完成", "expired": "已失效"},
    "en": {"done": "done by now", "expired": "expired by now"},
}
_HEADING = {
    "zh": "kam {workspace}，{role}：{count} 项行动{part}",
    "en": "kam {workspace}, {role}: {count} to do{part}",
}
_PART = {"zh": "（{number}/{parts}）", "en": " ({number}/{parts})"}
_LINE = {
    "zh": "{mark}[{priority}] {title}：{text}（{owner}{due}）",
    "en": "{mark}[{priority}] {title}: {text} ({owner}{due})",
}
_DUE = {"zh": "，{due_on} 前", "en": ", by {due_on}"}
_CUT = " …"
_ROLE_LIMIT = 40
"""Characters of the name of a role; a policy sets it no limit."""


@dataclass(frozen=True)
class Part:
    """One text, and the messages that it carries."""

    messages: tuple[Message, ...]
    text: str


def digests(messages: Sequence[Message], lang: str, limit: int, size: Size) -> Iterator[Part]:
    """One digest for each role that owns actions, in as many parts as the limit asks for.

    Actions of an earlier run come first, so that those about one account keep their order from
    night to night; the actions of one run are said at one moment, role by role, the most urgent
    first.
    """
    for _, group in groupby(sorted(messages, key=_place), key=_group):
        yield from _parts(tuple(group), lang, limit, size)


def single(message: Message, lang: str, limit: int, size: Size) -> Part:
    """The text of one message."""
    return Part((message,), _cut(_line(message, lang), limit, size))


def _group(message: Message) -> tuple[int, str]:
    return message.queued.run_no, str(message.body["owner_role"])


def _place(message: Message) -> tuple[int, str, int]:
    return *_group(message), _URGENCY.index(message.body["priority"])


def _parts(group: tuple[Message, ...], lang: str, limit: int, size: Size) -> Iterator[Part]:
    widest = _heading(group, lang, len(group), len(group)) + "\n"
    chunks = list(_chunks(group, lang, limit - size(widest), size))
    for number, chunk in enumerate(chunks, 1):
        lines = [_heading(group, lang, number, len(chunks)), *(line for _, line in chunk)]
        yield Part(tuple(message for message, _ in chunk), "\n".join(lines))


def _chunks(
    group: Iterable[Message], lang: str, room: int, size: Size
) -> Iterator[list[tuple[Message, str]]]:
    chunk: list[tuple[Message, str]] = []
    taken = 0
    for message in group:
        line = _cut(_line(message, lang), room - size("\n"), size)
        more = size(line + "\n")
        if chunk and taken + more > room:
            yield chunk
            chunk, taken = [], 0
        chunk.append((message, line))
        taken += more
    if chunk:
        yield chunk


def _heading(group: Sequence[Message], lang: str, number: int, parts: int) -> str:
    body = group[0].body
    part = _PART[lang].format(number=number, parts=parts) if parts > 1 else ""
    role = _role(body, lang)
    return _HEADING[lang].format(
        workspace=body["workspace"], role=role, count=len(group), part=part
    )


def _role(body: Mapping[str, Any], lang: str) -> str:
    return _cut(body[f"role_{lang}"], _ROLE_LIMIT, len)


def _line(message: Message, lang: str) -> str:
    body = message.body
    ended = _ENDED[lang].get(str(body["status"]))
    due = "" if body["due_on"] is None else _DUE[lang].format(due_on=body["due_on"])
    line = _LINE[lang].format(
        mark=f"[{ended}] " if ended else "",
        priority=_PRIORITIES[lang][str(body["priority"])],
        title=body[f"title_{lang}"],
        text=body[f"text_{lang}"],
        owner=body["owner"] or _role(body, lang),
        due=due,
    )
    return " ".join(line.split())  # names of customers may hold line ends


def _cut(text: str, room: int, size: Size) -> str:
    """The text, or as much of its beginning as there is room for."""
    if size(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle] + _CUT) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low] + _CUT
