"""What the store says, read only: `kam accounts`, `actions`, `warnings`, `log` and more."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from engine.commands import people
from engine.commands.night import IsoDate
from engine.commands.options import (
    Command,
    language_option,
    reader_of,
    reader_option,
    workspace_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.audit.privacy import Reader
    from engine.audit.store import Store
    from engine.console.tables import ColumnView
    from engine.reports.listing import Listing

    View = Callable[[], Sequence[ColumnView]]

TABLE_LIMIT = 50
FORMATS = ("table", "json", "jsonl", "csv")
LEVELS = ("red", "orange", "yellow", "blue")
LAYERS = ("frontline", "data", "management")
WARNING_STATES = ("firing", "pending", "cooling")
ACTION_STATUSES = ("open", "overdue", "snoozed", "done", "expired", "all")
OBLIGATION_KINDS = ("cadence", "response", "deadline", "team")
OBLIGATION_STATES = ("overdue", "due", "exceeded", "open", "met", "late")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Age(click.ParamType[timedelta]):
    """A length of time as ``90m``, ``36h`` or ``2d``."""

    name = "AGE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not (match := re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", str(value))):
            self.fail(f"{value!r} is not a length of time; write it as 90m, 36h or 2d", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


def listing_options(command: Command) -> Command:
    """--workspace, --format, --limit and --lang, which every listing has."""
    limit = click.option(
        "--limit",
        type=click.IntRange(min=0),
        show_default=f"{TABLE_LIMIT} for a table",
        help="At most so many rows; 0 for all of them.",
    )
    form = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="A table for people, or every row for a program; csv opens in Excel.",
    )
    return workspace_option(form(limit(language_option(command))))


@click.command()
@click.argument("text", required=False)
@click.option("--account", help="Only this account, in every pack, whatever its population.")
@click.option("--tier", help="Only accounts of this tier: its id, or its title.")
@click.option("--pack", help="Only the decisions of this policy pack.")
@click.option("--level", type=click.Choice(LEVELS), help="Only with an open warning of the level.")
@click.option("--warned", is_flag=True, help="Only accounts with an open warning.")
@click.option("--moved", is_flag=True, help="Only accounts whose tier the run moved.")
@click.option("--everyone", is_flag=True, help="Also accounts outside a pack's population.")
@click.option("--run", "run_id", help="The run to list (default: the last one).")
@reader_option
@listing_options
def accounts(
    workspace: Path,
    form: str,
    limit: int | None,
    lang: str,
    reader: str | None,
    run_id: str | None,
    **wanted: Any,
) -> None:
    """List accounts and their tiers.

    A row per account and policy pack, the best tiers first; TEXT looks for a part of the
    name or of the account's id.
    """
    from engine.reports.accounts import AccountFilter
    from engine.reports.accounts import accounts as listed

    with _reading(workspace, reader) as (store, sees):
        listing = listed(
            store, AccountFilter(**wanted), run_id=run_id, limit=_limit(form, limit), reader=sees
        )
        listing = _checked(listing, store, wanted)
        _write(listing, lambda: _account_columns(store, run_id), form, lang)


def _account_columns(store: Store, run_id: str | None) -> Sequence[ColumnView]:
    from engine.audit.policy_names import PolicyNames
    from engine.console.tables import account_columns
    from engine.reports.listing import chosen_run

    return account_columns(PolicyNames(store.connection).of_run(chosen_run(store, run_id).run_no))


@click.group(invoke_without_command=True)
@click.option("--account", help="Only actions about this account.")
@click.option("--pack", help="Only actions of this policy pack.")
@click.option("--rule", help="Only actions that this rule asked for.")
@click.option("--owner", help="Only actions of this person.")
@click.option("--role", help="Only actions of this role.")
@click.option(
    "--status",
    type=click.Choice(ACTION_STATUSES),
    show_default="open and overdue",
    help="Only actions of this status.",
)
@click.option(
    "--priority",
    type=click.Choice(("urgent", "high", "normal", "low")),
    help="Only actions of this priority.",
)
@click.option("--run", "run_id", help="Only actions that this run emitted.")
@reader_option
@listing_options
@click.pass_context
def actions(
    ctx: click.Context,
    /,
    workspace: Path,
    form: str,
    limit: int | None,
    lang: str,
    reader: str | None,
    **wanted: Any,
) -> None:
    """List actions and their owners.

    The most urgent first, then by due date. An action is overdue if its due date lies
    before the as-of date of the last run. The subcommands say what has become of one.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_filters(ctx)
        return
    from engine.console.values import bare_value
    from engine.reports.actions import ActionFilter
    from engine.reports.actions import actions as listed

    with _reading(workspace, reader) as (store, sees):
        listing = listed(
            store, ActionFilter(**wanted), bare_value, limit=_limit(form, limit), reader=sees
        )
        _write(_checked(listing, store, wanted), "ACTIONS", form, lang)


for _command in (people.done, people.snooze, people.assign):
    actions.add_command(_command)


@click.group(invoke_without_command=True)
@click.option("--account", help="Only warnings about this account, manager, or portfolio.")
@click.option("--rule", help="Only warnings of this rule.")
@click.option("--level", type=click.Choice(LEVELS), help="Only warnings of this level.")
@click.option("--layer", type=click.Choice(LAYERS), help="Only warnings of this layer.")
@click.option("--pack", help="Only warnings of this policy pack.")
@click.option("--state", type=click.Choice(WARNING_STATES), help="Only warnings in this state.")
@reader_option
@listing_options
@click.pass_context
def warnings(
    ctx: click.Context,
    /,
    workspace: Path,
    form: str,
    limit: int | None,
    lang: str,
    reader: str | None,
    **wanted: Any,
) -> None:
    """List open warnings, and acknowledge or silence one.

    As of the last run: what fires first, the worst first; then what will fire if it lasts,
    and what cools down. What people have said since shows at once.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_filters(ctx)
        return
    from engine.reports.warnings import WarningFilter
    from engine.reports.warnings import warnings as listed

    with _reading(workspace, reader) as (store, sees):
        listing = listed(store, WarningFilter(**wanted), limit=_limit(form, limit), reader=sees)
        _write(_checked(listing, store, wanted, "warning"), "WARNINGS", form, lang)


for _command in (people.ack, people.silence):
    warnings.add_command(_command)


@click.command()
@click.option("--account", help="Only what is owed to this account.")
@click.option("--rule", help="Only what is owed by this entitlement.")
@click.option("--pack", help="Only what is owed by this policy pack.")
@click.option("--kind", type=click.Choice(OBLIGATION_KINDS), help="Only obligations of this kind.")
@click.option(
    "--state",
    type=click.Choice(OBLIGATION_STATES),
    show_default="due and overdue",
    help="Only obligations in this state.",
)
@click.option("--all", "everything", is_flag=True, help="Obligations in every state.")
@reader_option
@listing_options
def obligations(
    workspace: Path, form: str, limit: int | None, lang: str, reader: str | None, **wanted: Any
) -> None:
    """List what is owed to accounts and until when.

    As of the last run: the overdue first, then by due date.
    """
    if wanted["everything"] and wanted["state"] is not None:
        raise click.UsageError("--all lists every state, and --state one of them: give one only")
    from engine.reports.obligations import ObligationFilter
    from engine.reports.obligations import obligations as listed

    with _reading(workspace, reader) as (store, sees):
        listing = listed(store, ObligationFilter(**wanted), limit=_limit(form, limit), reader=sees)
        listing = _checked(listing, store, wanted, "entitlement")
        _write(listing, lambda: _obligation_columns(store), form, lang)


def _obligation_columns(store: Store) -> Sequence[ColumnView]:
    from engine.audit.policy_names import PolicyNames
    from engine.console.tables import obligation_columns

    return obligation_columns(PolicyNames(store.connection).of_last())


@click.command()
@click.option("--account", help="Only lines about this account.")
@click.option("--kind", "kinds", multiple=True, help="Only lines of this kind; may be repeated.")
@click.option("--run", "run_id", help="Only lines of this run.")
@click.option("--pack", help="Only lines of this policy pack.")
@click.option("--rule", help="Only lines that name this rule.")
@click.option("--since", type=IsoDate(), help="Only runs as of this date or later.")
@reader_option
@listing_options
def log(
    workspace: Path,
    form: str,
    limit: int | None,
    lang: str,
    reader: str | None,
    kinds: tuple[str, ...],
    **wanted: Any,
) -> None:
    """List the lines of the decision log.

    One line per change, the latest first, with its reason: the rule with file and line,
    the values seen and the thresholds.
    """
    from engine.reports.log import LogFilter
    from engine.reports.log import log as listed

    _check_kinds(kinds)
    with _reading(workspace, reader) as (store, sees):
        listing = listed(
            store, LogFilter(kinds=kinds, **wanted), limit=_limit(form, limit), reader=sees
        )
        _write(_checked(listing, store, wanted), lambda: _log_columns(store), form, lang)


def _log_columns(store: Store) -> Sequence[ColumnView]:
    from engine.audit.policy_names import PolicyNames
    from engine.console.log_lines import log_columns

    return log_columns(PolicyNames(store.connection))


@click.command()
@listing_options
def runs(workspace: Path, form: str, limit: int | None, lang: str) -> None:
    """List the runs that are in the store.

    The last one first. A run that was refused or died leaves nothing, and is not here.
    """
    from engine.reports.runs import runs as listed

    with _store(workspace) as store:
        _write(listed(store, limit=_limit(form, limit)), "RUNS", form, lang)


@click.command()
@click.option(
    "--max-age",
    type=Age(),
    default="1d",
    show_default=True,
    help="How old the last run may be: 90m, 36h, 2d.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="A sentence for people, or JSON for a program.",
)
@workspace_option
@language_option
@click.pass_context
def status(ctx: click.Context, workspace: Path, max_age: timedelta, form: str, lang: str) -> None:
    """Say when the last good run was.

    Exits with 0 if it finished within --max-age, and with 1 if it is older, if there is none,
    or if it is of a day that has not come: made for a monitor.
    """
    from engine.console.status import status_json, status_text
    from engine.errors import KamError
    from engine.guards import latest_day
    from engine.language.workspace import load_workspace
    from engine.reports.status import status_of

    now, latest = _now(), latest_day(load_workspace(workspace), _now())
    try:
        with _store(workspace) as store:
            last = store.last_run()
    except KamError as error:
        if [one.code for one in error.problems] != ["no-store"]:
            raise
        last = None
    found = status_of(last, now, max_age, latest)
    if form == "json":
        click.echo(status_json(found, max_age))
    else:
        click.echo(status_text(found, max_age, lang))
    ctx.exit(0 if found.good else 1)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _reading(workspace: Path, said: str | None) -> Iterator[tuple[Store, Reader]]:
    """The store, and who reads it."""
    from engine.audit.store import open_store
    from engine.language.workspace import load_workspace

    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, read_only=True) as store:
        yield store, reader_of(store, loaded, said)


@contextmanager
def _store(workspace: Path) -> Iterator[Store]:
    from engine.audit.store import open_store
    from engine.language.workspace import load_workspace

    with open_store(load_workspace(workspace).store_folder, read_only=True) as store:
        yield store


def _refuse_filters(ctx: click.Context) -> None:
    """What narrows the listing means nothing to a subcommand: say so rather than ignore it."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE and parameter.name not in ("workspace", "lang"):
            told = f"'{parameter.opts[0]}' is an option of the listing, not of "
            raise click.UsageError(f"{told}'{ctx.command_path} {ctx.invoked_subcommand}'", ctx)


def _limit(form: str, limit: int | None) -> int | None:
    if limit is None:
        return TABLE_LIMIT if form == "table" else None
    return limit or None


def _checked(
    listing: Listing, store: Store, wanted: Mapping[str, Any], rules: str = "rule"
) -> Listing:
    """An empty listing only if what its filters name exists."""
    from engine.reports.known import or_unknown

    return or_unknown(listing, store, wanted, rules)


def _write(listing: Listing, view: str | View, form: str, lang: str) -> None:
    """In a form; as a table, by the columns of that name or those that `view` makes."""
    if form == "table":
        _print_table(listing, view, lang)
        return
    from engine.console.formats import write_listing

    write_listing(listing, form, sys.stdout.buffer)


def _print_table(listing: Listing, view: str | View, lang: str) -> None:
    from rich.console import Console

    from engine.console import tables

    columns: Sequence[ColumnView] = getattr(tables, view) if isinstance(view, str) else view()
    tables.print_table(listing, columns, lang, Console())


def _check_kinds(kinds: Sequence[str]) -> None:
    from engine.audit.kinds import KIND_NAMES, LOG_KINDS

    if unknown := [kind for kind in kinds if kind not in KIND_NAMES]:
        known = ", ".join(entry.kind for entry in LOG_KINDS)
        raise click.BadParameter(f"{unknown[0]!r} is not one of {known}", param_hint="'--kind'")
