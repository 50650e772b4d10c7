"""Two decisions about an account, side by side: of two nights, or as it was and would be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rich.text import Text
from rich.tree import Tree

from engine.audit.policy_names import NO_NAMES, Names
from engine.console.difference_words import REASONS, STATES, WORDS
from engine.console.log_lines import change_text, kind_title, reason_text
from engine.console.outline import Outline
from engine.console.speaker import Language, Speaker, comparison_text, place_text, symbol
from engine.console.terminal import visible
from engine.console.values import show_value
from engine.explain.difference import (
    Causes,
    Difference,
    Factor,
    ItemChange,
    Moment,
    NightRef,
    PolicyChange,
    Reason,
    ScoreChange,
    TestChange,
    TierChange,
)
from engine.explain.tree import PartNode, ScoreNode, TestNode

_FACTORS = {"facts": "facts", "policy": "policy_factor", "time": "time", "tier": "tier_factor"}


def word(key: str, language: Language) -> str:
    chinese, english = WORDS[key]
    return chinese if language == "zh" else english


def render_difference(
    found: Difference, language: Language = "en", names: Names = NO_NAMES
) -> Tree:
    """What a later night decided otherwise, and why, as a tree; `names` are those of its pack."""
    speaker = Speaker(language, found.currency, found.tier_titles)
    root = Outline(_heading(found, speaker))
    for night in (found.before, found.after):
        if remark := _remark(night, language):
            root.add(Text(f"{night.run}: {remark}", style="yellow"))
    if found.is_empty:
        root.add(Text(word("same", language), style="green"))
    _add_tiers(root, found, speaker)
    add_tests(root, found.tests, speaker)
    add_scores(root, found.scores, speaker)
    add_items(root, found.items, speaker, "items")
    _add_policy(root, found.policy, speaker)
    _add_log(root, found.log, speaker, names)
    return root


def _heading(found: Difference, speaker: Speaker) -> Text:
    heading = Text(visible(found.account_id), style="bold")
    if found.name is not None:
        heading.append(f" {visible(found.name)}")
    versions = dict.fromkeys(one.version for one in (found.before, found.after) if one.version)
    heading.append(f"  {speaker.title(found.title)} {' → '.join(versions)}", style="cyan")
    return heading.append(f"  {found.before.run} → {found.after.run}", style="dim")


def _remark(night: NightRef, language: Language) -> str:
    if night.is_set_aside:
        return word("set_aside", language)
    if night.in_population is None:
        return word("unknown_night", language)
    return "" if night.in_population else word("outside", language)


# --- tiers and causes --------------------------------------------------------------------


def _add_tiers(root: Tree, found: Difference, speaker: Speaker) -> None:
    if not (found.tiers or found.tier_reasons):
        return
    branch = root.add(Text(word("tiers", speaker.language), style="bold"))
    for change in found.tiers:
        node = branch.add(_tier_text(change, speaker))
        if change.which == "candidate":
            add_causes(node, found.tier_causes, speaker)
    for reason in found.tier_reasons:
        branch.add(_reason_text(reason, speaker))


def _tier_text(change: TierChange, speaker: Speaker) -> Text:
    text = Text(f"{word(change.which, speaker.language)}: ")
    before, after = _tier(change.before, speaker), _tier(change.after, speaker)
    return text.append(f"{before} → {after}", style="bold")


def _tier(tier: str | None, speaker: Speaker) -> str:
    return word("no_tier", speaker.language) if tier is None else speaker.tiers.get(tier, tier)


def add_causes(parent: Tree, causes: Causes | None, speaker: Speaker) -> None:
    """Which factors were enough, and what each by itself would have come to."""
    if causes is None:
        return
    language = speaker.language
    for factors in causes.sufficient:
        named = word("and", language).join(_factor(one, language) for one in factors)
        key = "alone" if len(factors) == 1 else "together"
        parent.add(Text(word(key, language).format(factors=named), style="yellow"))
    enough = {factors[0] for factors in causes.sufficient if len(factors) == 1}
    for factor, outcome in causes.alone.items():
        if factor not in enough:
            lead = word("by_itself", language).format(factor=_factor(factor, language))
            parent.add(Text(f"{lead}: {state_text(outcome, speaker)}", style="dim"))
    if causes.undetermined:
        names = ", ".join(causes.undetermined)
        parent.add(Text(word("undetermined", language).format(names=names), style="yellow"))


def _factor(factor: Factor, language: Language) -> str:
    return word(_FACTORS[factor], language)


def state_text(state: str | None, speaker: Speaker) -> str:
    """A tier, or a state of the lifecycle such as ``firing red``, as people read it."""
    if state is None:
        return word("none", speaker.language)
    if state in speaker.tiers:
        return speaker.tiers[state]
    return " ".join(_state_word(one, speaker.language) for one in state.split(" "))


def _state_word(state: str, language: Language) -> str:
    return STATES.get(state, state) if language == "zh" else state


def _reason_text(reason: Reason, speaker: Speaker) -> Text:
    chinese, english = REASONS[reason.word]
    template = chinese if speaker.language == "zh" else english
    about = {name: _about(value, speaker) for name, value in reason.about.items()}
    text = Text(template.format(**about))
    if reason.approver is not None:
        text.append(f" ({visible(reason.approver)})")
    if reason.note is not None:
        text.append(f" {visible(reason.note)}", style="italic")
    return text if reason.location is None else text.append_text(place_text(reason.location))


def _about(value: object, speaker: Speaker) -> str:
    if value is None:
        return "?"
    if isinstance(value, date):
        return value.isoformat()
    return speaker.tiers.get(str(value), str(value))


# --- conditions --------------------------------------------------------------------------


def add_tests(root: Tree, tests: Iterable[TestChange], speaker: Speaker) -> None:
    """Every comparison that saw or asked for something else, with both outcomes."""
    listed = list(tests)
    if not listed:
        return
    branch = root.add(Text(word("tests", speaker.language), style="bold"))
    groups: dict[tuple[str, str, str], Tree] = {}
    for test in listed:
        key = (test.kind, test.rule, test.level)
        if key not in groups:
            groups[key] = branch.add(_owner(test, speaker))
        _add_test(groups[key], test, speaker)


def _owner(test: TestChange, speaker: Speaker) -> Text:
    text = Text(speaker.title(test.title))
    return text.append(f" [{speaker.word(test.level)}]") if test.level else text


def _add_test(parent: Tree, change: TestChange, speaker: Speaker) -> None:
    one, other = change.before, change.after
    language = speaker.language
    if one is None or other is None:
        lone, key = (other, "added") if other is not None else (one, "removed")
        assert lone is not None
        label = symbol(lone.truth).append_text(comparison_text(lone, speaker))
        parent.add(_placed(label.append(f"  ({word(key, language)})", style="yellow"), lone))
        return
    differs = one.subject.value != other.subject.value
    label = Text().append_text(symbol(one.truth)).append("→ ").append_text(symbol(other.truth))
    label.append_text(comparison_text(other, speaker, speaker.seen(one) if differs else None))
    parent.add(_placed(label, other))
    if change.is_rewritten:
        then = Text(f"{word('then', language)}: ", style="yellow")
        then.append(f"{speaker.title(one.symbol)} {speaker.threshold(one)}".rstrip())
        parent.add(_placed(then, one))
    elif one.standing is not None and other.standing is not None:
        cutoffs = [
            speaker.value(standing.cutoff, one.subject.type)
            for standing in (one.standing, other.standing)
        ]
        if cutoffs[0] != cutoffs[1]:
            parent.add(Text(f"{speaker.word('cutoff')} {' → '.join(cutoffs)}", style="dim"))


def _placed(label: Text, test: TestNode) -> Text:
    return label.append_text(place_text(test.location))


# --- scores, items, policy, log ----------------------------------------------------------


def add_scores(root: Tree, scores: Iterable[ScoreChange], speaker: Speaker) -> None:
    """Scores that differ, with the parts that do."""
    listed = list(scores)
    branch = root.add(Text(word("scores", speaker.language), style="bold")) if listed else root
    for change in listed:
        before, after = (_score(one, speaker) for one in (change.before, change.after))
        text = Text(f"{speaker.title(change.title)} ")
        node = branch.add(text.append(f"{before} → {after}", style="bold"))
        add_causes(node, change.causes, speaker)
        for one, other in change.parts:
            node.add(_part_text(one, other, speaker))


def _score(score: ScoreNode | None, speaker: Speaker) -> str:
    return speaker.value(None if score is None else score.score.value, "score", exact=True)


def _part_text(one: PartNode | None, other: PartNode | None, speaker: Speaker) -> Text:
    part = other or one
    assert part is not None
    path = " › ".join(speaker.title(title) for title in part.path)
    values = [_input(each, speaker) for each in (one, other)]
    points = [_points(each, speaker) for each in (one, other)]
    seen = values[1] if values[0] == values[1] else " → ".join(values)
    text = Text(f"{path}: {speaker.title(part.input.title)} {seen}")
    return text.append(f" → {speaker.word('points')} {' → '.join(points)}")


def _input(part: PartNode | None, speaker: Speaker) -> str:
    return "–" if part is None else speaker.value(part.input.value, part.input.type)


def _points(part: PartNode | None, speaker: Speaker) -> str:
    if part is None or part.points is None:
        return speaker.word("no_data")
    return f"{part.points:.1f}"


def add_items(root: Tree, items: Iterable[ItemChange], speaker: Speaker, heading: str) -> None:
    """Warnings, milestones, entitlements and obligations that stand differently."""
    listed = list(items)
    language = speaker.language
    branch = root.add(Text(word(heading, language), style="bold")) if listed else root
    for item in listed:
        text = Text(f"{word(item.kind, language)} {speaker.title(item.title)}: ")
        states = f"{state_text(item.before, speaker)} → {state_text(item.after, speaker)}"
        text.append(states, style="bold")
        if item.location is not None:
            text.append_text(place_text(item.location))
        node = branch.add(text)
        add_causes(node, item.causes, speaker)
        for reason in item.reasons:
            node.add(_reason_text(reason, speaker))


def _add_policy(root: Tree, changes: Iterable[PolicyChange], speaker: Speaker) -> None:
    listed = list(changes)
    branch = root.add(Text(word("policy", speaker.language), style="bold")) if listed else root
    for change in listed:
        branch.add(_policy_text(change, speaker))


def _policy_text(change: PolicyChange, speaker: Speaker) -> Text:
    language = speaker.language
    text = Text(f"{word(change.kind, language)} {change.id}".rstrip())
    if change.title is not None:
        text.append(f" {speaker.title(change.title)}")
    if change.location_then is None or change.location_now is None:
        text.append(f" {word('added' if change.location_then is None else 'removed', language)}")
    elif change.then is None and change.now is None:
        text.append(f" {word('edited', language)}")
    else:
        text.append(f": {change.then or '–'} → {change.now or '–'}", style="bold")
    if change.by_date:
        text.append(f" ({word('by_date', language)})", style="yellow")
    if change.location_then is not None and change.location_then != change.location_now:
        text.append(f"  {word('then', language)}", style="dim")
        text.append_text(place_text(change.location_then))
    if change.location_now is not None:
        text.append_text(place_text(change.location_now))
    return text


def _add_log(root: Tree, moments: Iterable[Moment], speaker: Speaker, names: Names) -> None:
    listed = [one for one in moments if one.kind not in ("action_emitted", "action_expired")]
    branch = root.add(Text(word("log", speaker.language), style="bold")) if listed else root
    for one in listed:
        text = Text(f"{one.on} {kind_title(one.kind, speaker.language)}")
        if one.rule is not None:
            text.append(f" {names.rule(one.rule, speaker.language)}")
        if change := change_text(one.kind, one.before, one.after, names, speaker.language):
            text.append(f" {visible(change)}")
        if one.reason:
            text.append(f" ({visible(reason_text(one.reason, speaker.language))})")
        branch.add(text.append(f"  {one.place}" if one.place else "", style="dim"))


def given_text(title: str, before: object, after: object, value_type: str, speaker: Speaker) -> str:
    """A supposed value beside the one that was kept."""
    shown = [
        show_value(value, value_type, speaker.currency, speaker.language)
        or speaker.word("missing_value")
        for value in (before, after)
    ]
    return f"{title} {' → '.join(visible(one) for one in shown)}"
