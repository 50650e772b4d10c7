"""The story of an account on one page of the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.console.account_words import WORDS
from engine.console.terminal import LEVEL_STYLES, visible
from engine.console.values import show_value
from engine.explain.tree import PartNode
from engine.model import WARNING_LEVELS, Title
from engine.reports.nodes import to_json
from engine.reports.story import (
    AccountStory,
    Action,
    Move,
    Obligation,
    OpenWarning,
    Owed,
    Said,
    ScoreStory,
    Standing,
    WaitingWarning,
)

Language = Literal["en", "zh"]
Cell = str | Text

_BARS = "▁▂▃▄▅▆▇█"
_STATES = ("due", "overdue")
"""Of an obligation; the words by themselves are those of other things."""
_LATE = {"overdue": "bold red", "due": "yellow", "exceeded": "yellow"}


def story_json(story: AccountStory) -> object:
    """The story as dictionaries, lists and JSON scalars."""
    return to_json(story)


def render_story(story: AccountStory, language: Language = "en") -> Group:
    """Everything that the store tells of the account under one pack."""
    return Group(*_Page(story, language).parts())


def sparkline(values: Sequence[float | None], lowest: float = 0, highest: float = 100) -> str:
    """Values as blocks of different height; a missing one as a space.

    >>> sparkline([0, 50, None, 100])
    '▁▅ █'
    """
    steps = len(_BARS) - 1
    return "".join(
        " "
        if value is None
        else _BARS[
            round(steps * (min(max(value, lowest), highest) - lowest) / (highest - lowest) + 1e-9)
        ]
        for value in values
    )


class _Page:
    def __init__(self, story: AccountStory, language: Language) -> None:
        self.story = story
        self.language = language

    def word(self, key: str) -> str:
        known = WORDS.get(key)
        return key if known is None else known[0 if self.language == "zh" else 1]

    def title(self, title: Title | None) -> str:
        if title is None:
            return ""
        return visible(title.zh if self.language == "zh" else title.en)

    def value(self, value: object, value_type: str) -> str:
        shown = show_value(value, value_type, self.story.currency, self.language)
        return self.word("missing") if shown is None else visible(shown)

    # --- the page ------------------------------------------------------------------------

    def parts(self) -> Iterator[RenderableType]:
        story = self.story
        yield self._heading()
        if story.is_set_aside:
            yield Text(self.word("set_aside"), style="yellow")
        if story.in_population:
            yield from self._standing(story.standing)
        else:
            yield Text(self.word("outside"), style="yellow")
        yield from self._history(story.moves)
        yield from self._scores(story.scores)
        yield from self._entitlements(story.entitlements)
        yield from self._obligations(story.obligations)
        yield from self._warnings(story.warnings, story.waiting)
        yield from self._milestones()
        yield from self._actions("actions", story.actions)
        yield from self._actions("closed", story.closed)
        yield from self._said(story.said)
        yield Text("")

    def _heading(self) -> Text:
        story = self.story
        heading = Text(visible(story.account_id), style="bold")
        if story.name is not None:
            heading.append(f" {visible(story.name)}")
        heading.append(f"  {self.title(story.title)} {visible(story.version)}", style="cyan")
        heading.append(f"  {self.word('as_of')} {story.as_of}", style="dim")
        return heading

    def _standing(self, standing: Standing) -> Iterator[Text]:
        line = Text(self.title(standing.tier), style="bold green")
        if standing.since is not None:
            line.append(f"  {self.word('since')} {standing.since}", style="not bold default")
        yield line
        override = standing.override
        if override is not None:
            text = f"{self.word('override')}: {self.title(override.tier)}, "
            text += f"{self.word('by')} {visible(override.approver)}, "
            text += f"{self.word('until')} {override.until}  ({visible(override.reason)})"
            yield Text(text, style="magenta")
        for key, tier in (("computed", standing.computed), ("candidate", standing.candidate)):
            if tier is not None and tier != standing.tier:
                yield Text(f"{self.word(key)}: {self.title(tier)}", style="yellow")
        if standing.held_until is not None:
            yield Text(f"{self.word('held')} {self.word('until')} {standing.held_until}")
        if standing.held_reviews:
            yield Text(f"{self.word('held')}: {standing.held_reviews} {self.word('reviews')}")
        if standing.worse_reviews:
            allowed = standing.reviews_allowed
            count = f"{standing.worse_reviews}" + ("" if allowed is None else f"/{allowed}")
            yield Text(f"{self.word('worse')}: {count}", style="yellow")

    def _table(
        self, heading: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
    ) -> Iterator[RenderableType]:
        """A heading with a table below it; nothing at all without a row."""
        listed = list(rows)
        if not listed:
            return
        yield Text("")
        yield Text(self.word(heading), style="bold")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in columns:
            table.add_column(self.word(column), overflow="fold")
        for row in listed:
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        yield Padding(table, (0, 0, 0, 2), expand=False)

    # --- tiers and scores ----------------------------------------------------------------

    def _history(self, moves: Iterable[Move]) -> Iterator[RenderableType]:
        rows = (
            (
                str(move.on),
                self.title(move.before) or "–",
                self.title(move.after) or "–",
                self._why(move),
                Text(visible(move.place or ""), style="dim"),
            )
            for move in moves
        )
        yield from self._table("history", ("on", "from", "to", "reason", "rule"), rows)

    def _why(self, move: Move) -> str:
        if move.kind in ("tier_assigned", "tier_moved"):
            return self.word(move.reason or "")
        said = self.word(move.kind)
        # The reason of an override is what a person wrote; that of a leave is a word of ours.
        reason = "" if move.reason is None else visible(self.word(move.reason))
        return f"{said}: {reason}" if reason else said

    def _scores(self, scores: Iterable[ScoreStory]) -> Iterator[RenderableType]:
        for number, score in enumerate(scores):
            if number == 0:
                yield Text("")
                yield Text(self.word("scores"), style="bold")
            yield Padding(self._score_line(score), (0, 0, 0, 2), expand=False)
            table = Table(box=None, pad_edge=False, show_header=False)
            for part in score.now.parts:
                table.add_row(*self._part(part))
            yield Padding(table, (0, 0, 0, 4), expand=False)

    def _score_line(self, score: ScoreStory) -> Text:
        node = score.now
        line = Text(f"{self.title(node.score.title)} ")
        line.append(self.value(node.score.value, "score"), style="bold")
        coverage = self.value(node.coverage, "ratio")
        line.append(f"  {self.word('coverage')} {coverage}", style="dim")
        if len(score.nights) > 1:
            values = [value for _, value in score.nights]
            first, last = score.nights[0][0], score.nights[-1][0]
            line.append(f"  {first} ", style="dim").append(sparkline(values), style="cyan")
            line.append(f" {last}  ", style="dim")
            shown = ("–" if value is None else f"{value:.1f}" for value in values)
            line.append(" ".join(shown), style="dim")
        return line

    def _part(self, part: PartNode) -> tuple[Text, ...]:
        points = "–" if part.points is None else f"{part.points:.1f}"
        adds = "" if part.contribution is None else f"{self.word('adds')} {part.contribution:.2f}"
        return (
            Text(" › ".join(self.title(title) for title in part.path)),
            Text(self.title(part.input.title), style="dim"),
            Text(self.value(part.input.value, part.input.type), justify="right"),
            Text(f"{self.word('points')} {points}", justify="right"),
            Text(f"{self.word('weight')} {part.weight}", justify="right", style="dim"),
            Text(adds, justify="right"),
        )

    # --- what is owed --------------------------------------------------------------------

    def _entitlements(self, owed: Iterable[Owed]) -> Iterator[RenderableType]:
        rows = ((self.title(one.title), self.word(one.kind), self._terms(one)) for one in owed)
        yield from self._table("entitlements", ("entitlements", "kind", "terms"), rows)

    def _terms(self, one: Owed) -> str:
        if one.kind == "pricing":
            return f"{self.word('rate')} {self.value(one.rate, 'ratio')}"
        if one.approved_by is not None:
            until = f" {self.word('until')} {one.approved_until}" if one.approved_until else ""
            return f"{self.word('approved')} {visible(one.approved_by)}{until}"
        if one.approver is not None:
            return f"{self.word('awaiting')} {self.title(one.approver)}"
        return ""

    def _obligations(self, obligations: Iterable[Obligation]) -> Iterator[RenderableType]:
        rows = (
            (
                self._due(one),
                Text(
                    self.word(f"{one.state}_state" if one.state in _STATES else one.state),
                    style=_LATE.get(one.state, "green" if one.state == "met" else ""),
                ),
                self.title(one.title) + (f" {visible(one.part)}" if one.part else ""),
                self.word(one.kind),
                "" if one.needed is None else f"{one.done or 0}/{one.needed}",
                _day(one.last_on),
            )
            for one in obligations
        )
        columns = ("due", "state", "obligations", "kind", "done", "last")
        yield from self._table("obligations", columns, rows)

    def _due(self, one: Obligation) -> str:
        return _day(one.due_on) if one.limit_at is None else f"{one.limit_at:%Y-%m-%d %H:%M}"

    # --- warnings and milestones ---------------------------------------------------------

    def _warnings(
        self, warnings: Iterable[OpenWarning], waiting: Iterable[WaitingWarning]
    ) -> Iterator[RenderableType]:
        rows: list[Sequence[Cell]] = [
            (
                Text(self.word(one.level), style=LEVEL_STYLES.get(one.level, "")),
                self.title(one.title),
                self.word(one.layer or ""),
                str(one.since),
                ", ".join(self._remarks(one)),
            )
            for one in sorted(warnings, key=_grave_first)
        ]
        rows += [
            (
                Text(self.word(one.level or ""), style="dim"),
                Text(self.title(one.title), style="dim"),
                "",
                str(one.since),
                self.word(one.state)
                + (f" {self.word('until')} {one.until}" if one.until is not None else ""),
            )
            for one in sorted(waiting, key=_grave_first)
        ]
        columns = ("level", "warning", "layer", "since", "remarks")
        yield from self._table("warnings", columns, rows)

    def _remarks(self, one: OpenWarning) -> Iterator[str]:
        if one.acknowledged is not None:
            yield f"{self.word('acknowledged')} {one.acknowledged}"
        if one.escalated is not None:
            yield f"{self.word('escalated')} {one.escalated}"
        if one.silenced_until is not None:
            yield f"{self.word('silenced')} {one.silenced_until}"
        if one.is_inhibited:
            yield self.word("inhibited")

    def _milestones(self) -> Iterator[RenderableType]:
        rows = (
            (self.title(one.title), self.word(one.effect), str(one.since))
            for one in self.story.milestones
        )
        yield from self._table("milestones", ("milestones", "state", "since"), rows)

    # --- actions and people --------------------------------------------------------------

    def _actions(self, heading: str, actions: Iterable[Action]) -> Iterator[RenderableType]:
        rows = (
            (
                Text(one.due_on or "", style="bold red" if one.status == "overdue" else ""),
                self._status(one),
                self.title(one.title),
                self.title(one.rule),
                f"{visible(one.owner)} ({self.title(one.owner_role)})"
                if one.owner
                else self.title(one.owner_role),
                one.opened_on,
            )
            for one in actions
        )
        columns = ("due", "state", "action", "reason", "owner", "opened")
        yield from self._table(heading, columns, rows)

    def _status(self, one: Action) -> str:
        said = self.word(f"action_{one.status}")
        return f"{said} {self.word('until')} {one.snoozed_until}" if one.snoozed_until else said

    def _said(self, said: Iterable[Said]) -> Iterator[RenderableType]:
        rows = (
            (
                one.on,
                visible(one.by),
                self._what(one),
                self.title(one.about),
                visible(one.note or ""),
            )
            for one in said
        )
        yield from self._table("said", ("on", "who", "what", "about", "note"), rows)

    def _what(self, said: Said) -> str:
        if said.kind == "silence" and said.until is not None and said.until < said.on:
            return self.word("say_silence_ended")  # a day in the past ends it
        person = f" → {visible(said.person)}" if said.person else ""
        until = f" {self.word('until')} {said.until}" if said.until else ""
        return f"{self.word(f'say_{said.kind}')}{person}{until}"


def _grave_first(one: OpenWarning | WaitingWarning) -> int:
    """As `kam warnings` lists them: the worst first, each level by the day on which it began."""
    return -WARNING_LEVELS.index(one.level) if one.level in WARNING_LEVELS else 1


def _day(day: date | None) -> str:
    return "" if day is None else str(day)
