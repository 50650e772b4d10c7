"""`kam event`: single events during the day, decided at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from engine.commands.options import (
    language_option,
    reader_level,
    reader_option,
    workspace_option,
)

if TYPE_CHECKING:
    from engine.audit.policy_names import Names
    from engine.console.event import Tally
    from engine.day.events import Answer, Event, Rejected
    from engine.model import Classification
    from engine.service.desk import Desk

BATCH = 200
"""Events of one transaction."""

STDIN = "-"
WAIT = 10.0
"""Seconds for the store to be free, if nothing is said."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@workspace_option
@click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(min=0),
    default=WAIT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the store while a night is running; then the events are queued.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change; store and ask nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="Lines for people, or JSON for a program: a list, or an answer a line.",
)
@reader_option
@language_option
@click.pass_context
def event(ctx: click.Context, /, file: Path, workspace: Path, form: str, **asked: Any) -> None:
    """Decide single events of the day.

    Reads FILE, or standard input for -, as JSON Lines: an event a line, as `kam schema event`
    describes it. Each is decided for its account at once, under the policy of the last night
    and with the same log, and the next night takes the same records into account. An event
    whose id has been taken before gets its first answer. A wrong line stops nothing: the
    others go through.

    The exit code is 0 if every event has been taken, decided or queued, and 1 if some were
    rejected. Queued is an event that came while a night held the store: it is kept safely, and
    decided by the next `kam event`, at the end of `kam run` or by the service.
    """
    from engine.console.event import Tally
    from engine.console.event import summary as summed_up
    from engine.language.workspace import load_workspace

    loaded = load_workspace(workspace)
    level = reader_level(loaded, asked["reader"])
    tally = Tally()
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(file))
        desk = stack.enter_context(_desk(workspace, asked["seconds"], asked["lang"]))
        if not asked["dry_run"]:
            _tell_drained(desk, asked["lang"])
        documents = _documents(_answers(stream, desk, is_question=asked["dry_run"]), level, tally)
        packs = _names(loaded.store_folder) if form == "text" else {}
        _print(documents, form, asked["lang"], level, packs)
    said = summed_up(tally, asked["lang"], is_question=asked["dry_run"])
    click.echo(said, err=form != "text")
    ctx.exit(1 if tally.rejected else 0)


def _names(store_folder: Path) -> dict[str, Names]:
    """What each pack calls things; nothing where that cannot be read: events go on."""
    from engine.audit.policy_names import PolicyNames
    from engine.audit.store import open_store
    from engine.errors import KamError

    try:
        with open_store(store_folder, create=False, read_only=True) as store:
            return PolicyNames(store.connection).of_last()
    except KamError:
        return {}


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    from engine.errors import problem

    if str(file) == STDIN:
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise problem("missing-file", message, hint="name a file, or - for what is piped") from None
    with stream:
        yield stream


@contextmanager
def _desk(workspace: Path, seconds: float, lang: str) -> Iterator[Desk]:
    from engine.console.problems import in_a_line
    from engine.runner.desk import EventDesk

    with _progress() as progress, EventDesk(workspace, wait=seconds, progress=progress) as desk:
        progress("")
        for note in desk.notes:
            click.echo(f"kam: {in_a_line(note, lang)}", err=True)
        yield desk


def decide_waiting(workspace: Path, store: Path, lang: str) -> None:
    """Decides the events that came while a night held the store, if there are any.

    Raises nothing: the night is recorded and its actions are to be delivered, whatever becomes of
    the events. Those that could not be decided still wait.
    """
    from engine.audit.events import inbox
    from engine.console.problems import show
    from engine.errors import KamError, Problem

    try:
        if inbox.waiting(store):
            with _desk(workspace, WAIT, lang) as desk:
                _tell_drained(desk, lang)
    except KamError as error:
        show(error.problems, sys.stderr, language=lang)
    except Exception as error:  # noqa: BLE001 - a defect, which `kam event` then shows as one
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        message = f"the events that wait could not be decided: {what}"
        hint = "the night stands; `KAM_DEBUG=1 kam event -` tries again and shows where it failed"
        show([Problem("events-not-decided", message, hint=hint)], sys.stderr, language=lang)


def _tell_drained(desk: Desk, lang: str) -> None:
    """First what has waited: it came before."""
    from engine.console.event import drained
    from engine.day.events import Rejected

    waited = desk.drain()
    if waited:
        rejected = [one for one in waited if isinstance(one, Rejected)]
        click.echo(drained(len(waited), rejected, lang), err=True)


def _answers(stream: BinaryIO, desk: Desk, *, is_question: bool) -> Iterator[Answer | Rejected]:
    """An answer for each event, a transaction for each batch."""
    from engine.day.reading_events import read_events

    events = read_events(stream)
    done = 0
    while batch := list(islice(events, BATCH)):
        with _progress() as progress:
            progress(f"{done:,} events")
            answers = _asked(desk, batch) if is_question else desk.answer(batch)
        yield from answers
        done += len(batch)


def _asked(desk: Desk, batch: Iterable[Event | Rejected]) -> list[Answer | Rejected]:
    from engine.day.events import Event

    return [desk.evaluate(one) if isinstance(one, Event) else one for one in batch]


def _documents(
    answers: Iterable[Answer | Rejected], level: Any, tally: Tally
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each answer as its reader may see it, and whether it is the first to its event."""
    from engine.day.answers import answer_document
    from engine.day.events import Answer

    for one in answers:
        document = answer_document(one, level)
        is_first = one.is_first if isinstance(one, Answer) else True
        tally.add(document, is_first=is_first)
        yield document, is_first


def _print(
    documents: Iterator[tuple[dict[str, Any], bool]],
    form: str,
    lang: str,
    level: Classification,
    packs: Mapping[str, Names],
) -> None:
    import json

    from engine.console.event import answer_text, answers_json
    from engine.console.terminal import output

    if form == "json":
        for part in answers_json(document for document, _ in documents):
            click.echo(part, nl=False)
        return
    console = output()
    for document, is_first in documents:
        if form == "jsonl":
            click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        else:
            told = answer_text(document, lang, is_first=is_first, level=level, packs=packs)
            console.print(told, soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A status line on a terminal that goes before anything is printed; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    status = Console(stderr=True).status("kam")

    def say(step: str) -> None:
        if step:
            status.start()
            status.update(f"{step} …")
        else:
            status.stop()

    try:
        yield say
    finally:
        status.stop()
