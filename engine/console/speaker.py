"""The parts of an explanation as people read them, in Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from rich.text import Text

from engine.console.explanation_words import WORDS
from engine.console.terminal import visible
from engine.console.values import show_change, show_value
from engine.errors import Location
from engine.explain.tree import (
    Explanation,
    Fact,
    Gap,
    MissingFact,
    PartNode,
    Standing,
    TestNode,
    Truth,
)
from engine.model import Title

Language = Literal["en", "zh"]

_SYMBOLS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}

TIER_COLUMN = "tier"

_LENGTHS_ZH = {"day": "天", "hour": "小时", "workday": "个工作日"}
_LENGTH = re.compile(rf"\b([0-9]+) ({'|'.join(_LENGTHS_ZH)})s?\b")


class Speaker:
    """Words, titles and values in one language."""

    def __init__(self, language: Language, currency: str, tiers: Mapping[str, Title]) -> None:
        self.language = language
        self.currency = currency
        self.tiers = {tier: self.title(title) for tier, title in tiers.items()}

    def word(self, key: str) -> str:
        chinese, english = WORDS[key]
        return chinese if self.language == "zh" else english

    def title(self, title: Title) -> str:
        return title.zh if self.language == "zh" else title.en

    def value(self, value: object, value_type: str, *, exact: bool = False) -> str:
        shown = show_value(value, value_type, self.currency, self.language, exact=exact)
        return self.word("missing_value") if shown is None else visible(shown)

    def seen(self, test: TestNode) -> str:
        """The value of a test, with all decimals if it would else read as the threshold."""
        subject = test.subject
        if subject.column == TIER_COLUMN:
            return self.tiers.get(str(subject.value), str(subject.value))
        short = self.value(subject.value, subject.type)
        alike = [
            threshold
            for threshold in test.thresholds
            if self.value(threshold, subject.type) == short and threshold != subject.value
        ]
        return self.value(subject.value, subject.type, exact=bool(alike))

    def threshold(self, test: TestNode) -> str:
        """As written, lengths of time in the reader's language; tiers by their titles, other
        measures with their values."""
        if test.operator in ("missing", "present"):
            return ""
        if test.subject.column == TIER_COLUMN:
            return ", ".join(self.tiers.get(one, one) for one in test.written.split(", "))
        if not test.others:
            return self._lengths(test.written)
        named = [
            f"{self.title(one.title)} {self.value(one.value, one.type)}" for one in test.others
        ]
        return ", ".join(named)

    def _lengths(self, written: str) -> str:
        """A text of the policy with its ``180 days`` as the reader would write them."""
        if self.language == "en":
            return written
        return _LENGTH.sub(lambda found: f"{found[1]}{_LENGTHS_ZH[found[2]]}", written)


def symbol(truth: Truth) -> Text:
    symbol, style = _SYMBOLS[truth]
    return Text(f"{symbol} ", style=style)


def place_text(location: Location) -> Text:
    return Text(f"  {location.file}:{location.line}", style="dim")


def gap_text(gap: Gap, speaker: Speaker) -> Text:
    label = symbol(gap.test.truth).append_text(comparison_text(gap.test, speaker))
    if gap.avoid:
        label.append(f"; {speaker.word('avoid')}", style="yellow")
    label.append(f"; {_need(gap, speaker)}", style="yellow")
    for missing in gap.test.missing:
        label.append(f"; {missing_text(missing, speaker)}", style="yellow")
    return label


def _need(gap: Gap, speaker: Speaker) -> str:
    if gap.amount is None:
        return speaker.word(gap.need)
    if gap.test.standing is not None and gap.amount == 0:
        return speaker.word("tie")
    if gap.strict and gap.amount == 0:
        return speaker.word("above" if gap.need == "raise" else "below")
    value_type = gap.test.subject.type
    amount = show_change(gap.amount, value_type, speaker.currency, speaker.language)
    text = f"{speaker.word(gap.need)} {amount}"
    return text if gap.relative is None else f"{text} ({gap.relative:.1%})"


def comparison_text(test: TestNode, speaker: Speaker, before: str | None = None) -> Text:
    """What was seen and what was asked for; `before` is what had been seen earlier."""
    subject = test.subject
    text = Text(f"{speaker.title(subject.title)} ")
    if before is not None:
        text.append(f"{before} → ")
    text.append(speaker.seen(test), style="bold")
    text.append(f" {speaker.title(test.symbol)} {speaker.threshold(test)}".rstrip())
    if test.standing is not None:
        text.append(f" ({_standing_text(test.standing, subject, speaker)})")
    return text


def _standing_text(standing: Standing, subject: Fact, speaker: Speaker) -> str:
    parts = []
    if standing.place is not None:
        parts.append(f"{speaker.word('place')} {standing.place}")
    if standing.population is not None:
        parts.append(f"{standing.admitted}/{standing.population} {speaker.word('admitted')}")
    parts.append(f"{speaker.word('cutoff')} {speaker.value(standing.cutoff, subject.type)}")
    return ", ".join(parts)


def missing_text(missing: MissingFact, speaker: Speaker) -> str:
    title = speaker.title(missing.fact.title)
    if missing.record is not None:
        return f"{title}: {speaker.word(missing.reason)} {missing.record}"
    return f"{title}: {speaker.word(missing.reason)}"


def part_text(part: PartNode, speaker: Speaker) -> Text:
    path = " › ".join(speaker.title(title) for title in part.path)
    text = Text(f"{path}: {speaker.title(part.input.title)} ")
    text.append(speaker.value(part.input.value, part.input.type), style="bold")
    points = speaker.word("no_data") if part.points is None else f"{part.points:.1f}"
    text.append(f" → {speaker.word('points')} {points}, {speaker.word('weight')} {part.weight}")
    if part.contribution is not None:
        text.append(f", {speaker.word('adds')} {part.contribution:.2f}")
    return text


def speaker_of(explanation: Explanation, language: Language) -> Speaker:
    """Speaks of one explanation, with the titles of its tiers."""
    tiers = {tier.id: tier.title for tier in explanation.tiers}
    return Speaker(language, explanation.currency, tiers)
