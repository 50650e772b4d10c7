"""An explanation for people (a rich tree, Chinese or English) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from rich.text import Text
from rich.tree import Tree

from engine.console.explanation_words import WORDS
from engine.console.terminal import LEVEL_STYLES, visible
from engine.console.values import show_change, show_value
from engine.errors import Location
from engine.explain.tree import (
    ConditionNode,
    Distance,
    Explanation,
    Fact,
    Gap,
    LevelNode,
    MissingFact,
    PartNode,
    RuleNode,
    ScoreNode,
    Standing,
    TestNode,
    TierNode,
    Truth,
)
from engine.model import Title

Language = Literal["en", "zh"]

_SYMBOLS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}

TIER_COLUMN = "tier"


class _Speaker:
    """Words, titles and values in one language."""

    def __init__(self, language: Language, explanation: Explanation) -> None:
        self.language = language
        self.currency = explanation.currency
        self.tiers = {tier.id: self.title(tier.title) for tier in explanation.tiers}

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
        """As written; tiers by their titles, other measures with their values."""
        if test.operator in ("missing", "present"):
            return ""
        if test.subject.column == TIER_COLUMN:
            return ", ".join(self.tiers.get(one, one) for one in test.written.split(", "))
        if not test.others:
            return test.written
        named = [
            f"{self.title(one.title)} {self.value(one.value, one.type)}" for one in test.others
        ]
        return ", ".join(named)


def render(explanation: Explanation, language: Language = "en") -> Tree:
    """The whole explanation as a tree to print on a console."""
    speaker = _Speaker(language, explanation)
    root = Tree(_heading(explanation, speaker))
    if not explanation.in_population:
        outside = root.add(Text(speaker.word("outside"), style="yellow"))
        if explanation.population is not None:
            _add_condition(outside, explanation.population, speaker)
        return root
    _add_tiers(root, explanation, speaker)
    if explanation.distance is not None:
        _add_distance(root, explanation.distance, speaker)
    _add_scores(root, explanation.scores, speaker)
    _add_entitlements(root, explanation, speaker)
    for kind in ("entitlement", "milestone", "warning"):
        _add_rules(root, kind, explanation.rules, speaker)
    return root


def _heading(explanation: Explanation, speaker: _Speaker) -> Text:
    heading = Text(visible(explanation.account_id), style="bold")
    if explanation.name is not None:
        heading.append(f" {visible(explanation.name)}")
    pack = f"  {speaker.title(explanation.title)} {explanation.version}"
    heading.append(pack, style="cyan")
    heading.append(f"  {speaker.word('as_of')} {explanation.as_of}", style="dim")
    return heading


def _symbol(truth: Truth) -> Text:
    symbol, style = _SYMBOLS[truth]
    return Text(f"{symbol} ", style=style)


def _place(location: Location) -> Text:
    return Text(f"  {location.file}:{location.line}", style="dim")


# --- tiers -------------------------------------------------------------------------------


def _add_tiers(root: Tree, explanation: Explanation, speaker: _Speaker) -> None:
    if not explanation.tiers:
        return
    branch = root.add(Text(speaker.word("tiers"), style="bold"))
    if explanation.exclusion is not None:
        _add_exclusion(branch, explanation.exclusion, speaker)
    for tier in explanation.tiers:
        node = branch.add(_tier_label(tier, speaker))
        if tier.condition is not None:
            _add_condition(node, tier.condition, speaker)


def _add_exclusion(branch: Tree, exclusion: ConditionNode, speaker: _Speaker) -> None:
    """The one condition that is good news where it does not hold, so it says what it does."""
    excluded = exclusion.truth is True
    label = Text("! " if excluded else "– ", style="red" if excluded else "dim")
    label.append(speaker.word("excluded" if excluded else "not_excluded"))
    _add_condition(branch.add(label), exclusion, speaker)


def _tier_label(tier: TierNode, speaker: _Speaker) -> Text:
    label = _symbol(tier.truth)
    label.append(speaker.title(tier.title), style="bold" if tier.is_effective else "")
    remarks = [speaker.word("default")] if tier.condition is None else []
    remarks += [speaker.word("effective")] if tier.is_effective else []
    remarks += [speaker.word("candidate")] if tier.is_candidate else []
    if remarks:
        label.append(f"  [{', '.join(remarks)}]", style="cyan")
    return label.append_text(_place(tier.location))


def _add_distance(root: Tree, distance: Distance, speaker: _Speaker) -> None:
    label = Text(f"{speaker.word('next')}: {speaker.title(distance.title)}", style="bold")
    branch = root.add(label)
    if not distance.gaps:
        branch.add(Text(speaker.word("holds"), style="green"))
    for gap in distance.gaps:
        branch.add(_gap_label(gap, speaker))


def _gap_label(gap: Gap, speaker: _Speaker) -> Text:
    label = _symbol(gap.test.truth).append_text(_test_text(gap.test, speaker))
    if gap.avoid:
        label.append(f"; {speaker.word('avoid')}", style="yellow")
    label.append(f"; {_need(gap, speaker)}", style="yellow")
    for missing in gap.test.missing:
        label.append(f"; {_missing_text(missing, speaker)}", style="yellow")
    return label


def _need(gap: Gap, speaker: _Speaker) -> str:
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


# --- conditions --------------------------------------------------------------------------


def _add_condition(parent: Tree, node: ConditionNode, speaker: _Speaker) -> None:
    label = _symbol(node.truth)
    if isinstance(node, TestNode):
        label.append_text(_test_text(node, speaker))
        for missing in node.missing:
            label.append(f"  ({_missing_text(missing, speaker)})", style="yellow")
        parent.add(label.append_text(_place(node.location)))
        return
    group = parent.add(label.append(speaker.word(node.kind)))
    for part in node.parts:
        _add_condition(group, part, speaker)


def _test_text(test: TestNode, speaker: _Speaker) -> Text:
    subject = test.subject
    text = Text(f"{speaker.title(subject.title)} ")
    text.append(speaker.seen(test), style="bold")
    text.append(f" {speaker.title(test.symbol)} {speaker.threshold(test)}".rstrip())
    if test.standing is not None:
        text.append(f" ({_standing_text(test.standing, subject, speaker)})")
    return text


def _standing_text(standing: Standing, subject: Fact, speaker: _Speaker) -> str:
    parts = []
    if standing.place is not None:
        parts.append(f"{speaker.word('place')} {standing.place}")
    if standing.population is not None:
        parts.append(f"{standing.admitted}/{standing.population} {speaker.word('admitted')}")
    parts.append(f"{speaker.word('cutoff')} {speaker.value(standing.cutoff, subject.type)}")
    return ", ".join(parts)


def _missing_text(missing: MissingFact, speaker: _Speaker) -> str:
    title = speaker.title(missing.fact.title)
    if missing.record is not None:
        return f"{title}: {speaker.word(missing.reason)} {missing.record}"
    return f"{title}: {speaker.word(missing.reason)}"


# --- scores, rules, entitlements ---------------------------------------------------------


def _add_scores(root: Tree, scores: Iterable[ScoreNode], speaker: _Speaker) -> None:
    listed = list(scores)
    branch = root.add(Text(speaker.word("scores"), style="bold")) if listed else root
    for score in listed:
        label = Text(f"{speaker.title(score.score.title)} ")
        label.append(speaker.value(score.score.value, "score"), style="bold")
        coverage = speaker.value(score.coverage, "ratio")
        label.append(f"  {speaker.word('coverage')} {coverage}", style="dim")
        node = branch.add(label)
        for part in score.parts:
            node.add(_part_text(part, speaker))


def _part_text(part: PartNode, speaker: _Speaker) -> Text:
    path = " › ".join(speaker.title(title) for title in part.path)
    text = Text(f"{path}: {speaker.title(part.input.title)} ")
    text.append(speaker.value(part.input.value, part.input.type), style="bold")
    points = speaker.word("no_data") if part.points is None else f"{part.points:.1f}"
    text.append(f" → {speaker.word('points')} {points}, {speaker.word('weight')} {part.weight}")
    if part.contribution is not None:
        text.append(f", {speaker.word('adds')} {part.contribution:.2f}")
    return text


def _add_rules(root: Tree, kind: str, rules: Iterable[RuleNode], speaker: _Speaker) -> None:
    listed = [rule for rule in rules if rule.kind == kind]
    branch = root.add(Text(speaker.word(kind), style="bold")) if listed else root
    for rule in listed:
        label = _symbol(rule.truth)
        label.append(speaker.title(rule.title), style="bold" if rule.truth else "")
        if rule.level:
            label.append(f" [{speaker.word(rule.level)}]", style=LEVEL_STYLES.get(rule.level, ""))
        node = branch.add(label.append_text(_place(rule.location)))
        for level in rule.levels:
            below = node.add(_level_label(level, speaker)) if level.level else node
            _add_condition(below, level.condition, speaker)


def _level_label(level: LevelNode, speaker: _Speaker) -> Text:
    style = LEVEL_STYLES.get(level.level, "")
    return _symbol(level.truth).append(speaker.word(level.level), style=style)


def _add_entitlements(root: Tree, explanation: Explanation, speaker: _Speaker) -> None:
    if not explanation.entitlements:
        return
    branch = root.add(Text(speaker.word("entitlements"), style="bold"))
    for one in explanation.entitlements:
        branch.add(Text(speaker.title(one.title)).append_text(_place(one.location)))


# --- JSON --------------------------------------------------------------------------------


def to_json(node: object) -> object:
    """The tree as dictionaries, lists and JSON scalars.

    Decimals become strings, so that no digit is lost; dates are ISO 8601; a place in a
    file is ``file:line:column``.
    """
    if isinstance(node, Location | Decimal):
        return str(node)
    if isinstance(node, date):
        return node.isoformat()
    if is_dataclass(node):
        kind = {"node": _KINDS[type(node).__name__]} if type(node).__name__ in _KINDS else {}
        return kind | {one.name: to_json(getattr(node, one.name)) for one in fields(node)}
    if isinstance(node, tuple):
        return [to_json(part) for part in node]
    return node


_KINDS = {"TestNode": "test", "GroupNode": "group"}
