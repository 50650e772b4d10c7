"""`kam explain`, `kam near`: why a decision is what it is, and what another one would take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from engine.commands.options import (
    language_option,
    reader_level,
    reader_of,
    reader_option,
    workspace_option,
)

if TYPE_CHECKING:
    from engine.audit.store import Store
    from engine.language.workspace import Workspace
    from engine.recall import KeptNight
    from engine.reports.veil import AccountVeil


@click.command()
@click.argument("account")
@workspace_option
@click.option("--pack", help="Only this pack's decision (default: every pack's).")
@click.option("--run", "run_id", help="The run to explain (default: the last).")
@click.option(
    "--since",
    metavar="RUN",
    help="What changed since this earlier run, and why; a date stands for its last run.",
)
@click.option(
    "--set",
    "settings",
    metavar="FACT=VALUE",
    multiple=True,
    help="What if: this fact had this value (20%, 500万, 2026-01-31; nothing: missing). "
    "May be repeated.",
)
@click.option("--whole", is_flag=True, help="With --set, the whole tree as it would be.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "json"]),
    default="tree",
    show_default=True,
    help="A tree for people, or JSON for a program.",
)
@reader_option
@language_option
def explain(
    since: str | None, settings: tuple[str, ...], whole: bool, lang: str, **asked: Any
) -> None:
    """Explain a decision, rule by rule.

    Prints every condition with the value that was seen, the threshold, whether it was
    true, false or unknown, and the line of the rule; and how far ACCOUNT is from the next
    tier up. Reads the policy and the facts as the run kept them: of the last night, or of
    the last event about ACCOUNT since.

    With --since, what is decided otherwise than in that run, and whether the facts, the
    policy, the date or a person did it: old and new are put together in every way and
    evaluated again. With --set, what the night would have said had the facts been others;
    the other accounts stand as they were.
    """
    if since is not None and settings:
        raise click.UsageError("--since and --set answer different questions: use one of them")
    if whole and not settings:
        raise click.UsageError("--whole goes with --set")
    question = _Question(**asked, language="zh" if lang == "zh" else "en")
    if since is not None:
        question.since(since)
    elif settings:
        question.what_if(settings, whole)
    else:
        question.decision()


@dataclass(frozen=True)
class _Question:
    """What is asked about one account, and how it is to be answered."""

    account: str
    workspace: Path
    pack: str | None
    run_id: str | None
    reader: str | None
    form: str
    language: Literal["en", "zh"]

    def decision(self) -> None:
        from engine.console.explanation import render
        from engine.language.workspace import load_workspace
        from engine.recall import recall

        level = reader_level(load_workspace(self.workspace), self.reader)
        recalled = recall(self.workspace, self.account, self.pack, self.run_id, level)
        if not recalled.faithful:
            click.echo(
                f"kam: version {recalled.decided_by} decided this; the version that runs here "
                "reads the same policy differently, and may explain it differently",
                err=True,
            )
        if recalled.told is not None:
            told, night = recalled.told, recalled.night
            said = _TOLD[self.language].format(
                run=told.run_id, events=", ".join(told.events), night=night
            )
            click.echo(f"kam: {said}", err=True)
        self._print(recalled.explanations, lambda one: render(one, self.language))

    def since(self, run: str) -> None:
        from engine.audit.policy_names import NO_NAMES, PolicyNames
        from engine.audit.store import open_store
        from engine.console.differences import render_difference
        from engine.explain.masking import masked
        from engine.inquiry.since import compare_nights, nights_since
        from engine.language.workspace import load_workspace

        loaded = load_workspace(self.workspace)
        with open_store(loaded.store_folder, create=False, read_only=True) as store:
            nights = nights_since(self.workspace, store, self.account, run, self.run_id)
            self._tell_events_since(store, nights[1], _COMPARED)
            found = compare_nights(store, nights, self.account, self.pack)
            before, after = (self._veils(store, loaded, one) for one in nights)
            # Each night knows its own columns; of a pack that one of them lacks, the other does.
            then, now = after | before, before | after
            found = [masked(one, now[one.pack], then[one.pack]) for one in found]
            names = PolicyNames(store.connection).of_run(nights[1].run.run_no)
        self._print(
            found, lambda one: render_difference(one, self.language, names.get(one.pack, NO_NAMES))
        )

    def what_if(self, settings: tuple[str, ...], whole: bool) -> None:
        from engine.audit.store import open_store
        from engine.console.explanation import render
        from engine.console.what_if import render_what_if
        from engine.explain.masking import masked
        from engine.inquiry.what_if import what_if
        from engine.language.workspace import load_workspace
        from engine.recall import recall_night

        loaded = load_workspace(self.workspace)
        with open_store(loaded.store_folder, create=False, read_only=True) as store:
            night = recall_night(self.workspace, store, self.run_id)
            self._tell_events_since(store, night, _SUPPOSED)
            found = what_if(night, self.account, settings, self.pack)
            veils = self._veils(store, loaded, night)
            found = [masked(one, veils[one.after.pack]) for one in found]
        if whole:
            self._print([one.after for one in found], lambda one: render(one, self.language))
        else:
            self._print(found, lambda one: render_what_if(one, self.language))

    def _tell_events_since(
        self, store: Store, night: KeptNight, words: Mapping[Literal["en", "zh"], str]
    ) -> None:
        """Says that events are left out, unless the night was asked for."""
        from engine.recall import last_told

        if self.run_id is None and last_told(store, night.run, self.account) is not None:
            said = words[self.language].format(night=night.run.run_id)
            click.echo(f"kam: {said}", err=True)

    def _veils(self, store: Store, loaded: Workspace, night: KeptNight) -> dict[str, AccountVeil]:
        """What stands between the reader and the account on the night that is explained."""
        from engine.reports.veil import account_veils

        sees = reader_of(store, loaded, self.reader)
        return account_veils(sees, night.run, night.plan, self.account)

    def _print(self, found: Iterable[Any], render: Any) -> None:
        from engine.console.terminal import output
        from engine.reports.nodes import to_json

        if self.form == "json":
            listed = [to_json(one) for one in found]
            click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        console = output()
        for one in found:
            console.print(render(one))


_COMPARED: Mapping[Literal["en", "zh"], str] = {
    "en": "compared up to the night {night}; what events have decided since is not in it",
    "zh": "只比较到 {night} 当晚；此后事件的裁定不计在内",
}
_SUPPOSED: Mapping[Literal["en", "zh"], str] = {
    "en": "supposed of the night {night}; what events have decided since is not in it",
    "zh": "以 {night} 当晚的数据为前提；此后事件的裁定不计在内",
}
_TOLD = {
    "en": "as run {run} left it (event {events}); --run {night} shows the night before",
    "zh": "以运行 {run}（事件 {events}）裁定后的状态为准；前一晚见 --run {night}",
}


@click.command()
@click.option("--tier", required=True, help="The tier that accounts may be near.")
@workspace_option
@click.option("--pack", help="Only this pack (default: every pack that has such a tier).")
@click.option("--run", "run_id", help="As of the night of this run (default: the last one).")
@click.option(
    "--within",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only accounts with at most N conditions in the way.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    show_default="50 a pack for a table, else all",
    help="At most so many accounts of each pack; 0 for all of them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    show_default=True,
    help="A table for people, or every row for a program; csv opens in Excel.",
)
@reader_option
@language_option
def near(
    workspace: Path,
    run_id: str | None,
    limit: int | None,
    form: str,
    reader: str | None,
    lang: str,
    **wanted: Any,
) -> None:
    """List the accounts that are near a tier, and what each lacks.

    Of every account in a worse tier: which conditions of --tier do not hold or are unknown,
    and by how much. The nearest come first: the fewest conditions in the way, then the
    fewest that cannot be measured, then the smallest distance as a share of the threshold,
    then the account's id. Of alternatives the nearest one counts.
    """
    import sys

    from engine.audit.store import open_store
    from engine.console.formats import write_listing
    from engine.console.near import near_listing, near_table
    from engine.console.tables import print_table
    from engine.console.terminal import output
    from engine.inquiry.near import LIMIT, masked_near, near_tier
    from engine.language.workspace import load_workspace
    from engine.recall import recall_night

    if limit is None:
        limit = LIMIT if form == "table" else 0
    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, create=False, read_only=True) as store:
        night = recall_night(workspace, store, run_id)
        found = near_tier(night, **wanted, limit=limit or None)
        sees = reader_of(store, loaded, reader)
        found = [masked_near(one, night, sees) for one in found]
    if form != "table":
        write_listing(near_listing(found), form, sys.stdout.buffer)
        return
    console = output()
    language: Literal["en", "zh"] = "zh" if lang == "zh" else "en"
    for one in found:
        title = one.title.zh if language == "zh" else one.title.en
        aim = one.tier_title.zh if language == "zh" else one.tier_title.en
        console.print(f"{title}: {aim}  {one.run}", style="bold", markup=False, highlight=False)
        listing, columns = near_table(one, language)
        print_table(listing, columns, language, console)
