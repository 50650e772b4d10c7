"""`kam run`, `kam explain`, `kam compile`: the night and what it decided."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from engine.commands.options import (
    language_option,
    nearest_workspace,
    workspace_argument,
    workspace_option,
)


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
@language_option
def run(workspace: Path, as_of: date | None, catch_up: bool, lang: str) -> None:
    """Decide about every account.

    Evaluates the policies of WORKSPACE against its facts, writes the run and its log into
    the store, and prints a summary. Running the same night again changes nothing.
    """
    from engine.console.summary import night_line, print_summary
    from engine.console.terminal import output
    from engine.runner import run_night, run_nights

    with _progress() as progress:
        if catch_up:
            for report in run_nights(workspace, as_of, progress):
                click.echo(night_line(report, lang))
        else:
            report = run_night(workspace, as_of, progress)
    print_summary(output(), report, lang)
    where = "" if nearest_workspace() == report.workspace.root else f" -w {workspace}"
    click.echo(_NEXT[lang].format(where=where), err=True)


_NEXT = {
    "en": "Next: `kam accounts{where}` lists the accounts, `kam explain ACCOUNT{where}` says why.",
    "zh": "下一步：`kam accounts{where}` 列出客户，`kam explain 客户编号{where}` 说明原因。",
}


@click.command()
@click.argument("account")
@workspace_option
@click.option("--pack", help="Only this pack's decision (default: every pack's).")
@click.option("--run", "run_id", help="The run to explain (default: the last one).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "json"]),
    default="tree",
    show_default=True,
    help="A tree for people, or JSON for a program.",
)
@language_option
def explain(
    account: str, workspace: Path, pack: str | None, run_id: str | None, form: str, lang: str
) -> None:
    """Explain a decision, rule by rule.

    Prints every condition with the value that was seen, the threshold, whether it was
    true, false or unknown, and the line of the rule; and how far ACCOUNT is from the next
    tier up. Reads the policy and the facts as the run kept them.
    """
    import json

    from engine.console.explanation import render, to_json
    from engine.console.terminal import output
    from engine.recall import recall

    recalled = recall(workspace, account, pack, run_id)
    if not recalled.faithful:
        click.echo(
            f"kam: version {recalled.decided_by} decided this; the version that runs here reads "
            "the same policy differently, and may explain it differently",
            err=True,
        )
    if form == "json":
        listed = [to_json(one) for one in recalled.explanations]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    console = output()
    for one in recalled.explanations:
        console.print(render(one, "zh" if lang == "zh" else "en"))


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
def _progress() -> Iterator[Callable[[str], None]]:
    """A status line on a terminal, plain lines otherwise; always on standard error."""
    if not sys.stderr.isatty():
        yield lambda step: click.echo(f"kam: {step}", err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status("kam") as status:
        yield lambda step: status.update(f"{step} …")
