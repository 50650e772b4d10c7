"""`kam demo` and `kam init`: new workspaces."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

BOOK_ENDS = "2026-06-30"
"""A fixed day, not today: the same command writes the same bytes tomorrow."""

MOST_ACCOUNTS = 9_000_000  # ids have seven digits

EARLIEST, LATEST = 2000, 2100


def _day(context: click.Context, parameter: click.Parameter, value: datetime) -> date:
    del context, parameter
    if not EARLIEST <= value.year <= LATEST:
        raise click.BadParameter(f"choose a day between {EARLIEST} and {LATEST}")
    return value.date()


new_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@new_folder
@click.option(
    "--accounts",
    type=click.IntRange(1, MOST_ACCOUNTS),
    default=300,
    show_default=True,
    help="How many accounts.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, another book.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=BOOK_ENDS,
    show_default=True,
    metavar="DATE",
    callback=_day,
    help="The day on which the book ends.",
)
def demo(folder: Path, accounts: int, seed: int, as_of: date) -> None:
    """Write a workspace with invented accounts.

    An engineering company's book: three years of orders, invoices, contacts, issues,
    deliveries, surveys, assignments, signals and documents, with two policy packs that
    find something to say about it. DIR must be new or empty.
    """
    from engine.demo.book import Book
    from engine.demo.build import write_demo

    with _progress() as progress:
        tables = write_demo(folder, Book(accounts, seed, as_of), progress)
    click.echo(f"{folder}: {accounts:,} accounts as of {as_of}, seed {seed}")
    for table in tables:
        click.echo(f"  {table.path.relative_to(folder)!s:<28}{table.rows:>12,} rows")
    _show_next(folder)


@click.command()
@new_folder
@click.option(
    "--pack",
    "packs",
    metavar="NAME",
    multiple=True,
    required=True,
    help="A policy pack that comes with kam; may be repeated.",
)
def init(folder: Path, packs: tuple[str, ...]) -> None:
    """Make a workspace for a policy pack.

    Copies the pack, maps its whole vocabulary to CSV files with a few example rows, and so
    runs at once. DIR must be new or empty.
    """
    from engine.demo.build import write_init

    written = write_init(folder, packs)
    click.echo(f"{folder}: a workspace for {', '.join(dict.fromkeys(packs))}")
    for path in written:
        click.echo(f"  {path.relative_to(folder)}")
    _show_next(folder)


def _show_next(folder: Path) -> None:
    here = folder.resolve() == Path.cwd()
    click.echo("Next: kam run" if here else f"Next: kam run {folder}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A status line on a terminal; nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda table: None
        return
    from rich.console import Console

    with Console(stderr=True).status("kam") as status:
        yield lambda table: status.update(f"writing {table} …")
