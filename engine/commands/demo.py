"""`kam demo` and `kam init`: new workspaces."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from engine.commands.options import language_option

BOOK_ENDS = "2026-06-30"
"""A fixed day, not today: the same command writes the same bytes tomorrow."""

MOST_ACCOUNTS = 9_000_000  # ids have seven digits

MOST_WITH_HISTORY = 5_000
"""The most accounts of a book over which nights are run unasked: each takes a few seconds."""

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
@click.option(
    "--pack",
    "packs",
    metavar="NAME",
    multiple=True,
    default=("key_account_rules", "engineering"),
    show_default=True,
    help="A policy pack that decides; may be repeated. The others lie beside it.",
)
@click.option(
    "--nights",
    type=click.Choice(["history", "last", "none"]),
    help="Run some nights over half a year, the last one alone, or none.  [default: history, "
    f"but none in a book of more than {MOST_WITH_HISTORY:,} accounts]",
)
@language_option
def demo(
    folder: Path,
    accounts: int,
    seed: int,
    as_of: date,
    packs: tuple[str, ...],
    nights: str | None,
    lang: str,
) -> None:
    """Write a workspace with invented accounts.

    An engineering company's book: three years of orders, invoices, contacts, issues,
    deliveries and more, with policy packs that find something to say about it. Then runs a
    few nights, so that there is a history to look at. DIR must be new or empty.
    """
    from engine.demo.book import Book
    from engine.demo.build import write_demo

    with _progress("writing {step}", lang) as progress:
        tables = write_demo(folder, Book(accounts, seed, as_of), progress, packs)
    said = _SAID[lang]
    click.echo(said["book"].format(folder=folder, accounts=accounts, as_of=as_of, seed=seed))
    for table in tables:
        click.echo(said["table"].format(path=str(table.path.relative_to(folder)), rows=table.rows))
    chosen = nights or ("history" if accounts <= MOST_WITH_HISTORY else "none")
    if chosen == "none":
        _show_next(folder, "run", lang)
    else:
        _run(folder, as_of, chosen, lang)
        _show_next(folder, "accounts", lang)


def _run(folder: Path, as_of: date, chosen: str, lang: str) -> None:
    """Runs the nights, with a line for each and the summary of the last."""
    from engine.console.summary import night_line, print_summary
    from engine.console.terminal import output
    from engine.demo.history import history_nights
    from engine.runner import run_night

    with _progress("{step}", lang) as progress:
        for night in history_nights(as_of) if chosen == "history" else (as_of,):
            report = run_night(folder, night, progress)
            click.echo(night_line(report, lang))
    print_summary(output(), report, lang)


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
@language_option
def init(folder: Path, packs: tuple[str, ...], lang: str) -> None:
    """Make a workspace for a policy pack.

    Copies the pack, maps its whole vocabulary to CSV files with a few example rows, and so
    runs at once. DIR must be new or empty.
    """
    from engine.demo.build import write_init

    written = write_init(folder, packs)
    named = ", ".join(dict.fromkeys(packs))
    click.echo(_SAID[lang]["workspace"].format(folder=folder, packs=named))
    for path in written:
        click.echo(f"  {path.relative_to(folder)}")
    _show_next(folder, "run", lang)


_SAID = {
    "en": {
        "book": "{folder}: {accounts:,} accounts as of {as_of}, seed {seed}",
        "table": "  {path:<28}{rows:>12,} rows",
        "workspace": "{folder}: a workspace for {packs}",
        "next": "Next: ",
    },
    "zh": {
        "book": "{folder}：{accounts:,} 家客户，截至 {as_of}，随机种子 {seed}",
        "table": "  {path:<28}{rows:>12,} 行",
        "workspace": "{folder}：已建工作区，采用 {packs}",
        "next": "下一步：",
    },
}


def _show_next(folder: Path, command: str, lang: str) -> None:
    option = "" if command == "run" else "-w "
    here = folder.resolve() == Path.cwd()
    where = "" if here else f" {option}{shlex.quote(str(folder))}"
    click.echo(f"{_SAID[lang]['next']}kam {command}{where}")


@contextmanager
def _progress(line: str, lang: str) -> Iterator[Callable[[str], None]]:
    """A status line on a terminal, in which ``{step}`` is what is done; nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    from engine.console.sentences import sentence

    with Console(stderr=True).status("kam") as status:
        yield lambda step: status.update(f"{sentence(line.format(step=step), lang)} …")
