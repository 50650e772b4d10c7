"""What a night would have said of an account, beside what it said."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from engine.console.differences import add_items, add_scores, add_tests, given_text, word
from engine.console.outline import Outline
from engine.console.speaker import Language, Speaker
from engine.console.terminal import visible
from engine.inquiry.what_if import WhatIf


def render_what_if(found: WhatIf, language: Language = "en") -> Tree:
    """The differences against what was decided, as a tree."""
    after = found.after
    titles = {tier.id: tier.title for tier in after.tiers}
    speaker = Speaker(language, after.currency, titles)
    root = Outline(_heading(found, speaker))
    _add_given(root, found, speaker)
    if (found.before.candidate, found.before.in_population) != (
        after.candidate,
        after.in_population,
    ):
        _add_candidate(root, found, speaker)
    elif not (found.rules or found.scores):
        root.add(Text(word("same_if", language), style="green"))
    add_tests(root, found.tests, speaker)
    add_scores(root, found.scores, speaker)
    add_items(root, found.rules, speaker, "rules")
    root.add(Text(word("population_note", language), style="dim"))
    return root


def _heading(found: WhatIf, speaker: Speaker) -> Text:
    after = found.after
    heading = Text(visible(after.account_id), style="bold")
    if after.name is not None:
        heading.append(f" {visible(after.name)}")
    heading.append(f"  {speaker.title(after.title)} {after.version}", style="cyan")
    return heading.append(f"  {found.run}", style="dim")


def _add_given(root: Tree, found: WhatIf, speaker: Speaker) -> None:
    branch = root.add(Text(word("given", speaker.language), style="bold"))
    for one in found.given:
        title, kind = speaker.title(one.after.title), one.after.type
        text = Text(given_text(title, one.before.value, one.after.value, kind, speaker))
        if one.is_computed:
            text.append(f"  ({word('fixed_note', speaker.language)})", style="yellow")
        branch.add(text)


def _add_candidate(root: Tree, found: WhatIf, speaker: Speaker) -> None:
    language = speaker.language
    tiers = [
        word("outside", language)
        if not one.in_population
        else speaker.tiers.get(one.candidate or "", word("no_tier", language))
        for one in (found.before, found.after)
    ]
    text = Text(f"{word('candidate', language)}: ")
    branch = root.add(text.append(" → ".join(tiers), style="bold"))
    if found.tier_moves_at_once:
        tier = speaker.tiers.get(found.after.tier or "", word("no_tier", language))
        branch.add(Text(f"{word('at_once', language)} {tier}", style="yellow"))
