"""`kam replay`: nights once more, as they were or under another policy."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.night import IsoDate
from engine.commands.options import (
    language_option,
    reader_of,
    reader_option,
    workspace_option,
)

if TYPE_CHECKING:
    from engine.audit.privacy import Reader
    from engine.audit.store import Run, Store

TABLE_LIMIT = 20


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every run of the store.")
@click.option("--since", type=IsoDate(), help="Every run as of this date or later.")
@click.option("--until", type=IsoDate(), help="Every run as of this date or earlier.")
@click.option(
    "--policy",
    metavar="PATH",
    help="Decide the nights by another policy instead: the folder of a pack, packaged:NAME, or a "
    "workspace with other packs.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=TABLE_LIMIT,
    show_default=True,
    help="With --policy: at most so many accounts of a night in the text; 0 for all of them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Text for people, or JSON for a program, with every account.",
)
@workspace_option
@reader_option
@language_option
def replay(
    runs: tuple[str, ...],
    policy: str | None,
    workspace: Path,
    reader: str | None,
    **asked: Any,
) -> None:
    """Decide kept nights again, from what they kept.

    Needs neither the sources nor today's files: policies, workspace, overrides, calendar and
    facts are those that the run kept. Every decision, obligation, line of the log and action
    must come out as the run left it, byte for byte; what does not is listed account by account,
    with values as the reader may see them, and the exit code is 1.

    With --policy the nights are decided by another policy, in order, each from where the one
    before ended under that policy: who would have been where, and which warnings would have
    come earlier, later or not at all. A night that was run again counts once.
    """
    from engine.audit.store import open_store
    from engine.language.workspace import load_workspace

    if not (runs or any(asked[name] for name in ("everything", "since", "until"))):
        raise click.UsageError("name one run or more, or say --all, --since or --until")
    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, read_only=True) as store:
        chosen = _chosen(store, runs, asked["since"], asked["until"])
        question = _Question(
            workspace, store, reader_of(store, loaded, reader), asked["form"], asked["lang"]
        )
        if policy is None:
            question.replay(chosen)
        else:
            nights = chosen if runs else _last_of_each_day(chosen)
            question.backtest(nights, policy, asked["limit"] or None)


def _chosen(
    store: Store, wanted: tuple[str, ...], since: date | None, until: date | None
) -> list[Run]:
    from engine.errors import problem
    from engine.replay.past import chosen_runs

    named = wanted or tuple(run.run_id for run in store.runs())
    found = [
        run
        for run in chosen_runs(store, named)
        if (since is None or run.as_of >= since) and (until is None or run.as_of <= until)
    ]
    if not found:
        raise problem("no-run", "the store holds no such run", hint="kam runs lists them")
    return found


def _last_of_each_day(runs: list[Run]) -> list[Run]:
    return list({run.as_of: run for run in runs}.values())


@dataclass(frozen=True)
class _Question:
    """Whose nights are asked about, by whom, and how that is answered."""

    workspace: Path
    store: Store
    reader: Reader
    form: str
    lang: str

    def replay(self, runs: list[Run]) -> None:
        from rich.console import Console

        from engine.console.replay import print_replayed, print_sum, replay_json
        from engine.replay.masking import NightVeil
        from engine.replay.rerun import replay as replay_run

        console, replayed = Console(), []
        for run in runs:
            one = replay_run(
                self.workspace, self.store, run, lambda night: NightVeil.of(self.reader, night)
            )
            replayed.append(one)
            if self.form == "text":
                print_replayed(one, self.lang, console)
        if self.form == "json":
            click.echo(replay_json(replayed))
        else:
            print_sum(replayed, self.lang, console)
        if any(one.state in ("different", "unreadable") for one in replayed):
            sys.stdout.flush()
            raise click.exceptions.Exit(1)

    def backtest(self, runs: list[Run], policy: str, limit: int | None) -> None:
        from rich.console import Console

        from engine.console.replay import backtest_json, print_backtest
        from engine.replay.backtest import backtest
        from engine.replay.masking import masked_backtest
        from engine.replay.policies import other_policies

        told = backtest(self.workspace, self.store, runs, other_policies(policy))
        found = masked_backtest(told, self.reader)
        if self.form == "json":
            click.echo(backtest_json(found))
        else:
            print_backtest(found, self.lang, Console(), limit)
