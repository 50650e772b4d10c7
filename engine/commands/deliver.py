"""`kam deliver`: what runs have put into the outbox goes to its sinks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.options import language_option, workspace_argument

if TYPE_CHECKING:
    from engine.language.workspace import Workspace


@click.command()
@workspace_argument
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send and write nothing.")
@click.option("--sink", "sinks", multiple=True, help="Only to this sink; may be given again.")
@click.option("--wait", is_flag=True, help="Go on until everything has arrived or is dead.")
@click.option("--dead", is_flag=True, help="List the dead letters, and send nothing.")
@click.option(
    "--retry",
    metavar="KEY",
    help="First send the dead letter of this key back to the queue, or 'all' of them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="A table for people, or JSON for a program.",
)
@language_option
@click.pass_context
def deliver(
    ctx: click.Context, /, workspace: Path, sinks: tuple[str, ...], form: str, lang: str,
    wait: bool, **asked: Any,
) -> None:  # fmt: skip
    """Send what waits in the outbox.

    Sends the actions of WORKSPACE's runs to its sinks, in order, and writes a receipt for
    every attempt; `kam run` does the same at its end. What fails is tried again later, by the
    next call or with --wait. Exits with 0 if nothing is left to send, and with 1 if something
    waits for another attempt, has become a dead letter, or cannot be sent.
    """
    from engine.language.workspace import load_workspace

    if sum(map(bool, asked.values())) > 1:
        raise click.UsageError("--dry-run, --dead and --retry exclude each other", ctx)
    if wait and (asked["dry_run"] or asked["dead"]):
        raise click.UsageError("--wait is about sending, and nothing would be sent", ctx)
    loaded = load_workspace(workspace)
    _check_sinks(loaded, sinks)
    if asked["dead"]:
        _list_dead(loaded, sinks, form, lang)
        return
    if asked["dry_run"]:
        _preview(loaded, sinks, form, lang)
        return
    if asked["retry"]:
        _requeue(loaded, sinks, asked["retry"])
    ctx.exit(0 if send(loaded, sinks, form, lang, wait=wait) else 1)


def send(
    workspace: Workspace,
    sinks: Sequence[str],
    form: str,
    lang: str,
    *,
    wait: bool = False,
    seconds: float | None = None,
) -> bool:
    """Delivers and prints what came of it; whether all has arrived."""
    import os

    from engine.actions.delivery import Extent
    from engine.actions.delivery import deliver as delivered
    from engine.console.deliveries import print_report, report_json
    from engine.console.terminal import output
    from engine.console.values import bare_value

    report = delivered(workspace, os.environ, bare_value, Extent(sinks, wait, seconds))
    if form == "json":
        _print_json(report_json(report))
    else:
        print_report(report, workspace.timezone, lang, output())
    return report.good


def _preview(workspace: Workspace, sinks: Sequence[str], form: str, lang: str) -> None:
    from engine.actions.preview import preview
    from engine.console.deliveries import preview_json, print_preview
    from engine.console.terminal import output
    from engine.console.values import bare_value

    found = preview(workspace, bare_value, datetime.now(UTC), sinks)
    if form == "json":
        _print_json(preview_json(found))
    else:
        print_preview(found, lang, output())


def _list_dead(workspace: Workspace, sinks: Sequence[str], form: str, lang: str) -> None:
    from engine.audit.failures import store_errors
    from engine.audit.outbox import dead_letters
    from engine.audit.store import open_store
    from engine.console.deliveries import dead_rows, print_dead
    from engine.console.terminal import output

    folder = workspace.store_folder
    with open_store(folder, read_only=True) as store, store_errors(folder):
        rows = dead_rows(dead_letters(store.connection, sinks))
        if form == "json":
            _print_json(list(rows))
        else:
            print_dead(rows, lang, output())


def _requeue(workspace: Workspace, sinks: Sequence[str], key: str) -> None:
    from engine.audit.failures import store_errors
    from engine.audit.outbox import dead_letters, requeue
    from engine.audit.store import open_store
    from engine.audit.transactions import transaction
    from engine.errors import problem

    folder = workspace.store_folder
    with open_store(folder, create=False) as store, store_errors(folder):
        connection = store.connection
        with transaction(connection):
            dead = {one["idempotency_key"] for one in dead_letters(connection, sinks)}
            if key != "all" and key not in dead:
                message = f"there is no dead letter '{key}'"
                raise problem("unknown-key", message, hint="`kam deliver --dead` lists them")
            count = requeue(connection, dead if key == "all" else [key], datetime.now(UTC))
    click.echo(f"kam: {count} back in the queue", err=True)


def _check_sinks(workspace: Workspace, sinks: Sequence[str]) -> None:
    known = [sink.name for sink in workspace.sinks]
    if unknown := [name for name in sinks if name not in known]:
        named = f"it names {', '.join(known)}" if known else "it names none"
        raise click.BadParameter(
            f"kam.yaml names no sink {unknown[0]!r}; {named}", param_hint="'--sink'"
        )


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
