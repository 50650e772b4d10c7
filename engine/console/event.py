"""Answers to events for people: who, what was raised, why, and who is asked to do what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from engine.audit.policy_names import NO_NAMES, Names
from engine.audit.privacy import STAFF, mark
from engine.console.log_lines import kind_title, seen_text, side_text
from engine.console.problem_words.problem_text import problem_text
from engine.console.sentences import sentence
from engine.console.terminal import LEVEL_STYLES, visible
from engine.day.events import Rejected
from engine.model import CLASSES, Classification
from engine.reports.terms import TERMS

NO_PACKS: Mapping[str, Names] = {}
_TOLD_AS_ACTIONS = frozenset({"action_emitted"})
_STATUS_STYLES = {"rejected": "bold red", "queued": "yellow"}
USUAL: Classification = "confidential"
"""Of a reader of whom nothing is said."""
PRIORITIES = ("low", "normal", "high", "urgent")
_PRIORITY_STYLES = {"urgent": "bold red", "high": "red"}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "event": "event",
        "nothing": "nothing changes",
        "queued": "queued: the store is busy; it will be decided as soon as that is free",
        "rejected": "rejected",
        "line": "line {line}",
        "hint": "hint",
        "note": "note",
        "seen": "seen",
        "before": "answered before",
        "owner": "{owner} ({role})",
        "nobody": "nobody holds it",
        "due": "by {due}",
        "colon": ": ",
        "one": "{events:,} event: {counts}",
        "many": "{events:,} events: {counts}",
        "decided_count": "{count:,} decided",
        "queued_count": "{count:,} queued",
        "rejected_count": "{count:,} rejected",
        "repeated_count": "{count:,} answered before",
        "changes_count": "{count:,} changes",
        "actions_count": "{count:,} actions",
        "changes_one": "1 change",
        "actions_one": "1 action",
        "comma": ", ",
        "drained": "taken first, as they had been queued: {count:,}",
        "later": "What is queued is kept safely: the next `kam event`, `kam run` or the service "
        "decides it.",
        "asked": "This was a question: nothing has been stored.",
        **{one: TERMS[one][1] for one in PRIORITIES},
    },
    "zh": {
        "event": "事件",
        "nothing": "无变化",
        "queued": "已排队：库正忙，空闲后即行裁定",
        "rejected": "已拒绝",
        "line": "第 {line} 行",
        "hint": "提示",
        "note": "说明",
        "seen": "依据",
        "before": "此前已答复",
        "owner": "{owner}（{role}）",
        "nobody": "无人担任",
        "due": "{due} 前完成",
        "colon": "：",
        "one": "{events:,} 个事件：{counts}",
        "many": "{events:,} 个事件：{counts}",
        "decided_count": "已裁定 {count:,}",
        "queued_count": "排队 {count:,}",
        "rejected_count": "拒绝 {count:,}",
        "repeated_count": "此前已答复 {count:,}",
        "changes_count": "变化 {count:,} 项",
        "actions_count": "行动 {count:,} 项",
        "comma": "，",
        "drained": "已先行处理排队的 {count:,} 个事件",
        "later": "排队的事件已妥善保存：下一次 `kam event`、`kam run` 或服务会裁定。",
        "asked": "仅为询问，未写入任何内容。",
        **{one: TERMS[one][0] for one in PRIORITIES},
    },
}  # fmt: skip


@dataclass
class Tally:
    """How many events came to what. Those that are `repeated` had been decided before, and
    changed nothing this time."""

    decided: int = 0
    repeated: int = 0
    queued: int = 0
    rejected: int = 0
    changes: int = 0
    actions: int = 0

    def add(self, document: Mapping[str, Any], *, is_first: bool = True) -> None:
        if not is_first:
            self.repeated += 1
            return
        status = document["status"]
        self.decided += status == "decided"
        self.queued += status == "queued"
        self.rejected += status == "rejected"
        self.changes += len(document.get("changes", ()))
        self.actions += len(document.get("actions", ()))

    @property
    def events(self) -> int:
        return self.decided + self.repeated + self.queued + self.rejected


def summary(tally: Tally, lang: str, *, is_question: bool = False) -> str:
    """The last line, and what follows of it.

    >>> summary(Tally(decided=2, rejected=1, changes=4, actions=1), "en")
    '3 events: 2 decided, 1 rejected, 4 changes, 1 action'
    """
    words = WORDS[lang]
    counts = [
        words.get(f"{name}_one" if count == 1 else "", words[f"{name}_count"]).format(count=count)
        for name in ("decided", "repeated", "queued", "rejected", "changes", "actions")
        if (count := getattr(tally, name)) or name == "decided"
    ]
    form = words["one" if tally.events == 1 else "many"]
    lines = [form.format(events=tally.events, counts=words["comma"].join(counts))]
    lines += [words["later"]] * bool(tally.queued) + [words["asked"]] * is_question
    return "\n".join(lines)


def drained(count: int, rejected: Sequence[Rejected], lang: str) -> str:
    """What became of events that had waited: their senders are not there to be told."""
    words = WORDS[lang]
    lines = [words["drained"].format(count=count)]
    for one in rejected:
        message = visible(problem_text(one.problem.message, lang))
        told = " ".join([visible(one.event or ""), one.problem.code, message])
        lines.append(f"  {words['rejected']}{words['colon']}{told.strip()}")
    return "\n".join(lines)


def answer_text(
    document: Mapping[str, Any],
    lang: str,
    *,
    is_first: bool = True,
    level: Classification = USUAL,
    packs: Mapping[str, Names] = NO_PACKS,
) -> Text:
    """One answer, as `schemas/answer.schema.json` describes it; without a break at its end.

    Not `is_first`: the event had been answered before, and nothing of this is new. `level` is
    that of the reader for whom the document was made; `packs` are the names that each pack has.
    """
    words = WORDS[lang]
    status = document["status"]
    if status == "rejected":
        return Text("\n").join(_rejected(document, lang))
    lines = [_heading(document)]
    if not is_first:
        lines[0].append(f"  {words['before']}", style="not bold yellow")
    if status == "queued":
        lines.append(Text(f"  {words['queued']}", style=_STATUS_STYLES["queued"]))
    else:
        lines += _decided(document, lang, level, packs)
    for note in document.get("notes", ()):
        said = f"  {words['note']}{words['colon']}{visible(sentence(note['message'], lang))}"
        lines.append(Text(said, style="dim"))
    return Text("\n").join(lines)


def _heading(document: Mapping[str, Any]) -> Text:
    heading = Text(visible(document["account"]), style="bold")
    heading.append(f"  {visible(document['event'])}", style="not bold")
    if document.get("run"):
        heading.append(f"  {document['run']}", style="not bold dim")
    return heading


def _rejected(document: Mapping[str, Any], lang: str) -> Iterator[Text]:
    problem, words = document["problem"], WORDS[lang]
    message = visible(problem_text(problem["message"], lang))
    line = document.get("line")
    places = [] if line is None else [words["line"].format(line=line)]
    places += [] if document["event"] is None else [visible(document["event"])]
    text = Text("  ".join([words["rejected"], *places]), style=_STATUS_STYLES["rejected"])
    text.append(f"  {problem['code']}{words['colon']}{message}", "not bold")
    yield text
    if problem["hint"]:
        hint = visible(problem_text(problem["hint"], lang))
        yield Text(f"  {words['hint']}{words['colon']}{hint}", style="green")


def _decided(
    document: Mapping[str, Any], lang: str, level: Classification, packs: Mapping[str, Names]
) -> Iterator[Text]:
    changes = [one for one in document["changes"] if one["kind"] not in _TOLD_AS_ACTIONS]
    if not changes and not document["actions"]:
        yield Text(f"  {WORDS[lang]['nothing']}", style="dim")
    for change in changes:
        yield from _change(change, lang, packs.get(change["pack"], NO_NAMES))
    for action in document["actions"]:
        yield _action(action, lang, level, packs.get(action["pack"], NO_NAMES))


def _change(change: Mapping[str, Any], lang: str, names: Names) -> Iterator[Text]:
    """As the log shows the line: sides and values by their titles."""
    words, kind = WORDS[lang], change["kind"]
    text = Text("  ")
    text.append(kind_title(kind, lang))
    if change[f"title_{lang}"]:
        text.append(f"{words['colon']}{visible(change[f'title_{lang}'])}")
    states = [one for one in (change["from"], change["to"]) if one is not None]
    for number, state in enumerate(states):
        text.append(" → " if number else "  ")
        text.append(visible(side_text(kind, state, names, lang)), style=LEVEL_STYLES.get(state, ""))
    places = [change["pack"]]
    if change["file"]:
        places.append(f"{change['file']}:{change['line']}")
    told = " ".join(visible(place) for place in places if place)
    text.append(f"  {told}", style="dim")
    yield text
    if seen := seen_text(kind, change.get("evidence") or {}, change["to"], names, lang):
        yield Text(f"    {words['seen']}{words['colon']}{visible(seen)}", style="dim")


def _action(action: Mapping[str, Any], lang: str, level: Classification, names: Names) -> Text:
    words = WORDS[lang]
    priority = action["priority"]
    text = Text("  → ")
    text.append(words[priority], style=_PRIORITY_STYLES.get(priority, ""))
    text.append(f"  {visible(action[f'title_{lang}'])}  ")
    owner = words["nobody"] if action["owner"] is None else visible(action["owner"])
    if CLASSES.index(level) < CLASSES.index(STAFF):
        owner = mark(STAFF)
    role = visible(names.role(action["owner_role"], lang))
    text.append(words["owner"].format(owner=owner, role=role), style="bold")
    if action["due_on"]:
        text.append(f"  {words['due'].format(due=action['due_on'])}")
    return text


def answers_json(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The parts of one JSON list, as they come."""
    separator = "[\n"
    for one in documents:
        yield f"{separator}{json.dumps(one, ensure_ascii=False, allow_nan=False)}"
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"
