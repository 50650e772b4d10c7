"""`kam run`, `kam compile`: the night, and the SQL that it runs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import (
    language_option,
    nearest_workspace,
    workspace_argument,
)

if TYPE_CHECKING:
    from engine.language.workspace import Workspace


class IsoDate(click.ParamType[date]):
    """A date as ``2026-06-30``."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as 2026-06-30", param, ctx)


@click.command()
@workspace_argument
@click.option("--as-of", type=IsoDate(), help="Decide as of this date, not today.")
@click.option(
    "--catch-up",
    is_flag=True,
    help="First run every night that was missed since the last run, oldest first.",
)
@click.option(
    "--future",
    is_flag=True,
    help="Let --as-of be a day that has not come: no earlier night can be run after it.",
)
@click.option(
    "--no-deliver", is_flag=True, help="Leave the actions in the outbox: kam deliver sends them."
)
@language_option
def run(
    workspace: Path,
    as_of: date | None,
    catch_up: bool,
    future: bool,
    no_deliver: bool,
    lang: str,
) -> None:
    """Decide about every account.

    Evaluates the policies of WORKSPACE against its facts, writes the run and its log into
    the store, prints a summary, decides the events that came meanwhile, and sends the actions
    to the sinks of kam.yaml. Running the same night again changes nothing.
    """
    from engine.commands.event import decide_waiting
    from engine.console.summary import night_line, print_summary
    from engine.console.terminal import output
    from engine.runner import run_night, run_nights

    if as_of is not None and not future:
        _refuse_future(workspace, as_of)
    with show_progress(lang) as progress:
        if catch_up:
            for report in run_nights(workspace, as_of, progress):
                click.echo(night_line(report, lang))
        else:
            report = run_night(workspace, as_of, progress)
    print_summary(output(), report, lang)
    decide_waiting(workspace, report.workspace.store_folder, lang)
    if not no_deliver:
        _deliver(report.workspace, lang)
    is_near = nearest_workspace() == report.workspace.root
    where = "" if is_near else f" -w {shlex.quote(str(workspace))}"
    if not report.repeated and any(one.rows_quarantined for one in report.sources):
        click.echo(_REJECTED[lang].format(run=report.run_id, where=where), err=True)
    click.echo(_NEXT[lang].format(where=where), err=True)


def _refuse_future(workspace: Path, as_of: date) -> None:
    from engine.guards import check_future
    from engine.language.workspace import load_workspace

    check_future(load_workspace(workspace), as_of)


def _deliver(workspace: Workspace, lang: str) -> None:
    """Sends what waits, for a while. What is not sent stays in the outbox: the night stands."""
    from engine.commands.deliver import send
    from engine.console.problems import show
    from engine.errors import KamError

    if not workspace.sinks:
        return
    try:
        send(workspace, (), "table", lang, seconds=DELIVERY_SECONDS)
    except KamError as error:
        show(error.problems, sys.stderr, language=lang)


DELIVERY_SECONDS = 120.0
"""After which `kam run` begins no further attempt to send."""

_REJECTED = {
    "en": "Rows that could not be used, with the reasons: "
    "`kam log --kind data_rejected --run {run}{where}`",
    "zh": "未能采用的行及原因：`kam log --kind data_rejected --run {run}{where}`",
}
_NEXT = {
    "en": "Next: `kam accounts{where}` lists the accounts, `kam explain ACCOUNT{where}` says why.",
    "zh": "下一步：`kam accounts{where}` 列出客户，`kam explain 客户编号{where}` 说明原因。",
}


@click.command("compile")
@workspace_argument
@click.option("--as-of", type=IsoDate(), help="Parameters and windows as of this date.")
@click.option(
    "--dialect",
    default="duckdb",
    show_default=True,
    help="A dialect that sqlglot writes, such as spark or postgres.",
)
def compile_(workspace: Path, as_of: date | None, dialect: str) -> None:
    """Print the SQL that a policy becomes.

    The statements of WORKSPACE's policies in the order in which they run, then the static
    SQL of the lifecycle. Nothing is executed.
    """
    from engine.checking import prepare
    from engine.lifecycle.night import static_sql
    from engine.plan.sql.pipeline import pipeline_text

    prepared = prepare(workspace)
    plan = prepared.plan(prepared.night(as_of))
    click.echo(pipeline_text(plan, dialect))
    for name, text in static_sql():
        click.echo(f"-- engine/lifecycle/{name}.sql\n{text}")


@contextmanager
def show_progress(lang: str) -> Iterator[Callable[[str], None]]:
    """A status line on a terminal, plain lines otherwise; always on standard error."""
    from engine.console.sentences import sentence

    if not sys.stderr.isatty():
        yield lambda step: click.echo(f"kam: {sentence(step, lang)}", err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status("kam") as status:
        yield lambda step: status.update(f"{sentence(step, lang)} …")
