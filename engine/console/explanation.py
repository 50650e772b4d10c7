"""An explanation for people (a rich tree, Chinese or English) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from rich.tree import Tree

from engine.console.outline import Outline
from engine.console.speaker import (
    Language,
    Speaker,
    comparison_text,
    gap_text,
    missing_text,
    part_text,
    place_text,
    speaker_of,
    symbol,
)
from engine.console.terminal import LEVEL_STYLES, visible
from engine.explain.tree import (
    ConditionNode,
    Distance,
    Explanation,
    LevelNode,
    RuleNode,
    ScoreNode,
    TestNode,
    TierNode,
)


def render(explanation: Explanation, language: Language = "en") -> Tree:
    """The whole explanation as a tree to print on a console."""
    speaker = speaker_of(explanation, language)
    root = Outline(_heading(explanation, speaker))
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


def _heading(explanation: Explanation, speaker: Speaker) -> Text:
    heading = Text(visible(explanation.account_id), style="bold")
    if explanation.name is not None:
        heading.append(f" {visible(explanation.name)}")
    pack = f"  {speaker.title(explanation.title)} {explanation.version}"
    heading.append(pack, style="cyan")
    heading.append(f"  {speaker.word('as_of')} {explanation.as_of}", style="dim")
    return heading


# --- tiers -------------------------------------------------------------------------------


def _add_tiers(root: Tree, explanation: Explanation, speaker: Speaker) -> None:
    if not explanation.tiers:
        return
    branch = root.add(Text(speaker.word("tiers"), style="bold"))
    if explanation.exclusion is not None:
        _add_exclusion(branch, explanation.exclusion, speaker)
    for tier in explanation.tiers:
        node = branch.add(_tier_label(tier, speaker))
        if tier.condition is not None:
            _add_condition(node, tier.condition, speaker)


def _add_exclusion(branch: Tree, exclusion: ConditionNode, speaker: Speaker) -> None:
    """The one condition that is good news where it does not hold, so it says what it does."""
    excluded = exclusion.truth is True
    label = Text("! " if excluded else "– ", style="red" if excluded else "dim")
    label.append(speaker.word("excluded" if excluded else "not_excluded"))
    _add_condition(branch.add(label), exclusion, speaker)


def _tier_label(tier: TierNode, speaker: Speaker) -> Text:
    label = symbol(tier.truth)
    label.append(speaker.title(tier.title), style="bold" if tier.is_effective else "")
    remarks = [speaker.word("default")] if tier.condition is None else []
    remarks += [speaker.word("effective")] if tier.is_effective else []
    remarks += [speaker.word("candidate")] if tier.is_candidate else []
    if remarks:
        label.append(f"  [{', '.join(remarks)}]", style="cyan")
    return label.append_text(place_text(tier.location))


def _add_distance(root: Tree, distance: Distance, speaker: Speaker) -> None:
    label = Text(f"{speaker.word('next')}: {speaker.title(distance.title)}", style="bold")
    branch = root.add(label)
    if not distance.gaps:
        branch.add(Text(speaker.word("holds"), style="green"))
    for gap in distance.gaps:
        branch.add(gap_text(gap, speaker))


# --- conditions --------------------------------------------------------------------------


def _add_condition(parent: Tree, node: ConditionNode, speaker: Speaker) -> None:
    label = symbol(node.truth)
    if isinstance(node, TestNode):
        label.append_text(comparison_text(node, speaker))
        for missing in node.missing:
            label.append(f"  ({missing_text(missing, speaker)})", style="yellow")
        parent.add(label.append_text(place_text(node.location)))
        return
    group = parent.add(label.append(speaker.word(node.kind)))
    for part in node.parts:
        _add_condition(group, part, speaker)


# --- scores, rules, entitlements ---------------------------------------------------------


def _add_scores(root: Tree, scores: Iterable[ScoreNode], speaker: Speaker) -> None:
    listed = list(scores)
    branch = root.add(Text(speaker.word("scores"), style="bold")) if listed else root
    for score in listed:
        label = Text(f"{speaker.title(score.score.title)} ")
        label.append(speaker.value(score.score.value, "score"), style="bold")
        coverage = speaker.value(score.coverage, "ratio")
        label.append(f"  {speaker.word('coverage')} {coverage}", style="dim")
        node = branch.add(label)
        for part in score.parts:
            node.add(part_text(part, speaker))


def _add_rules(root: Tree, kind: str, rules: Iterable[RuleNode], speaker: Speaker) -> None:
    listed = [rule for rule in rules if rule.kind == kind]
    branch = root.add(Text(speaker.word(kind), style="bold")) if listed else root
    for rule in listed:
        label = symbol(rule.truth)
        label.append(speaker.title(rule.title), style="bold" if rule.truth else "")
        if rule.level:
            label.append(f" [{speaker.word(rule.level)}]", style=LEVEL_STYLES.get(rule.level, ""))
        node = branch.add(label.append_text(place_text(rule.location)))
        for level in rule.levels:
            below = node.add(_level_label(level, speaker)) if level.level else node
            _add_condition(below, level.condition, speaker)


def _level_label(level: LevelNode, speaker: Speaker) -> Text:
    style = LEVEL_STYLES.get(level.level, "")
    return symbol(level.truth).append(speaker.word(level.level), style=style)


def _add_entitlements(root: Tree, explanation: Explanation, speaker: Speaker) -> None:
    if not explanation.entitlements:
        return
    branch = root.add(Text(speaker.word("entitlements"), style="bold"))
    for one in explanation.entitlements:
        branch.add(Text(speaker.title(one.title)).append_text(place_text(one.location)))
