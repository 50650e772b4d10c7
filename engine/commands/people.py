"""`kam actions done|snooze|assign` and `kam warnings ack|silence`: what people say.

Each is written to the store at once; the next night acts upon it and writes it to the log.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from engine.commands.night import IsoDate
from engine.commands.options import Command, language_option, nearest_workspace

if TYPE_CHECKING:
    from engine.audit.store import Store
    from engine.language.workspace import Workspace
    from engine.reports.finding import FoundAction, FoundWarning


def login_name() -> str | None:
    """KAM_USER, or the name under which the person has logged in; None if there is none."""
    if named := os.environ.get("KAM_USER", "").strip():
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process without a user, as in a container
        return None


def _name(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    name = (value or "").strip()
    if not name:
        message = "it is empty" if value is not None else "say who you are"
        raise click.BadParameter(message, context, parameter)
    return name


def _workspace(
    context: click.Context, parameter: click.Parameter, value: Path | None
) -> Path | None:
    """The folder that is named here, or before the subcommand, else the nearest."""
    del parameter
    above = context.parent.params.get("workspace") if context.parent is not None else None
    return value or above or nearest_workspace()


def said_options(command: Command) -> Command:
    """--by, --note, --workspace and --lang, which everything that people say has."""
    by = click.option(
        "--by",
        metavar="NAME",
        default=login_name,
        show_default="KAM_USER, then the login name",
        callback=_name,
        help="Who says so.",
    )
    note = click.option("--note", metavar="TEXT", help="Why, for the log.")
    workspace = click.option(
        "-w",
        "--workspace",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=_workspace,
        help="The workspace (default: this folder, or the nearest above it with a kam.yaml).",
    )
    return by(note(workspace(language_option(command))))


def pack_option(command: Command) -> Command:
    """--pack, where several packs have a warning of the same name."""
    return click.option("--pack", help="The policy pack, if several have such a warning.")(command)


# --- actions -------------------------------------------------------------------------------


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@said_options
def done(ids: tuple[str, ...], **given: Any) -> None:
    """Say that actions are done.

    An ID may be given by its beginning, four characters or more. Either all of the actions
    are done or, if one of them cannot be, none.
    """
    with _speaking(**given) as voice:
        found = {one.action_no: one for one in map(voice.standing_action, ids)}
        for action in found.values():
            voice.say_of_action("done", action)


@click.command()
@click.argument("action_id", metavar="ID")
@click.option("--until", type=IsoDate(), required=True, help="Open again from this day on.")
@said_options
def snooze(action_id: str, until: date, **given: Any) -> None:
    """Put an action off until a day."""
    with _speaking(**given) as voice:
        action = voice.standing_action(action_id)
        voice.require_later(until, "a snoozed action is open again on that day")
        voice.say_of_action("snooze", action, until=until)


@click.command()
@click.argument("action_id", metavar="ID")
@click.option("--to", "person", metavar="PERSON", required=True, callback=_name, help="To whom.")
@said_options
def assign(action_id: str, person: str, **given: Any) -> None:
    """Give an action to another person."""
    with _speaking(**given) as voice:
        voice.say_of_action("assign", voice.standing_action(action_id), person=person)


# --- warnings ------------------------------------------------------------------------------


@click.command()
@click.argument("account")
@click.argument("rule")
@pack_option
@said_options
def ack(account: str, rule: str, pack: str | None, **given: Any) -> None:
    """Acknowledge a warning, so that it does not escalate.

    ACCOUNT is the id of what the warning is about: an account, a manager, or portfolio.
    A warning whose level goes up asks anew.
    """
    from engine.reports.finding import find_firing

    with _speaking(**given) as voice:
        voice.say_of_warning("ack", find_firing(voice.store, account, rule, pack))


@click.command()
@click.argument("account")
@click.argument("rule")
@click.option("--until", type=IsoDate(), required=True, help="The last day, that day included.")
@pack_option
@said_options
def silence(account: str, rule: str, until: date, pack: str | None, **given: Any) -> None:
    """Silence a warning until a day.

    Until then it goes on, but calls for no action and does not escalate. ACCOUNT is the id
    of what the warning is about: an account, a manager, or portfolio. A warning may be
    silenced before it fires. A day in the past ends a silence, and is refused where there is none.
    """
    from engine.reports.finding import find_warning

    with _speaking(**given) as voice:
        warning = find_warning(voice.store, account, rule, pack)
        voice.require_day_of_silence(until, warning)
        if until < voice.today:
            voice.say_of_warning("silence", warning, "silence_ended", until=until)
        else:
            voice.say_of_warning("silence", warning, until=until)
            voice.note_state(warning)


# --- saying it -----------------------------------------------------------------------------

_SAID = {
    "en": {
        "done": "{id} is done: {what}",
        "snooze": "{id} is snoozed until {until}: {what}",
        "assign": "{id} is with {person} now: {what}",
        "ack": "{rule} about {account} is acknowledged ({pack})",
        "silence": "{rule} about {account} is silenced until {until} ({pack})",
        "silence_ended": "silence ended: {rule} about {account} ({pack})",
    },
    "zh": {
        "done": "{id} 已完成：{what}",
        "snooze": "{id} 已推迟至 {until}：{what}",
        "assign": "{id} 已交给 {person}：{what}",
        "ack": "{account} 的预警 {rule} 已确认（{pack}）",
        "silence": "{account} 的预警 {rule} 静默至 {until}（{pack}）",
        "silence_ended": "静默已解除：{account} 的预警 {rule}（{pack}）",
    },
}

_NOT_FIRING = {
    "en": {
        None: "Note: it does not fire now. It stays quiet if it fires by then; kam warnings "
        "--account {account} lists what fires.",
        "pending": "Note: it does not fire yet (pending). It stays quiet if it fires by then.",
        "cooling": "Note: it does not fire any more (cooling down). It stays quiet if it fires "
        "again by then.",
    },
    "zh": {
        None: "注意：该预警目前未触发；在此日期前若触发，将保持静默。"
        "kam warnings --account {account} 列出未解除的预警。",
        "pending": "注意：该预警尚未触发（待触发）；在此日期前若触发，将保持静默。",
        "cooling": "注意：该预警已不再触发（冷却中）；在此日期前若再次触发，将保持静默。",
    },
}
"""Said of a silence by the state of its warning: another rule may have been meant."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Voice:
    """Somebody who speaks on a day, in the time zone of the workspace."""

    store: Store
    workspace: Workspace
    by: str
    note: str | None
    lang: str
    at: datetime

    @cached_property
    def today(self) -> date:
        """The day that counts. Nobody speaks on a day before the last night, of which one speaks.

        Where the book is closed it is the workspace's own date, or that of a night which was
        run after it; else it is today. Raises `KamError` ``clock-turned-back``.
        """
        from engine.errors import problem
        from engine.guards import way_back

        last, closed = self.store.last_run(), self.workspace.as_of
        if closed is not None:
            return closed if last is None else max(closed, last.as_of)
        day = self.at.astimezone(ZoneInfo(self.workspace.timezone)).date()
        if last is not None and day < last.as_of:
            raise problem(
                "clock-turned-back",
                f"today is {day}, and the last night is {last.as_of} (run {last.run_id})",
                hint="check the clock of this machine, and 'timezone:' in kam.yaml; nothing was "
                f"said; {way_back(self.workspace, last.as_of)}".rstrip("; "),
            )
        return day

    def standing_action(self, prefix: str) -> FoundAction:
        from engine.reports.finding import find_action, require_standing

        action = find_action(self.store, prefix)
        require_standing(self.store, action)
        return action

    def require_later(self, until: date, why: str) -> None:
        if until <= self.today:
            raise _past(until, self.today, f"name a later day: {why}")

    def require_day_of_silence(self, until: date, warning: FoundWarning) -> None:
        if until >= self.today:
            return
        silences = [
            mark.until
            for mark in self.store.warning_marks()
            if mark.kind == "silence"
            and (mark.pack, mark.account, mark.rule)
            == (warning.pack, warning.account, warning.rule)
        ]
        if not silences or silences[-1] is None or silences[-1] < self.today:
            raise _past(until, self.today, "name today or a later day: there is no silence to end")

    def say_of_action(self, kind: str, action: FoundAction, **more: Any) -> None:
        self._say(kind, action_no=action.action_no, **more)
        what = f"{getattr(action, f'title_{self.lang}')}, {action.account}"
        self._show(kind, id=action.action_id[:10], what=what, **more)

    def say_of_warning(
        self, kind: str, warning: FoundWarning, shown: str | None = None, **more: Any
    ) -> None:
        named = {"pack": warning.pack, "account": warning.account, "rule": warning.rule}
        self._say(kind, **named, **more)
        self._show(shown or kind, **named, **more)

    def note_state(self, warning: FoundWarning) -> None:
        """Tells of a warning that does not fire."""
        from engine.console.terminal import visible

        if warning.state != "firing":
            told = _NOT_FIRING[self.lang][warning.state]
            click.echo(visible(told.format(account=warning.account)), err=True)

    def _say(self, kind: str, **about: Any) -> None:
        from engine.audit.marks import Said

        self.store.say(Said(kind, self.by, self.at, self.today, note=self.note, **about))

    def _show(self, kind: str, **named: Any) -> None:
        from engine.console.terminal import visible

        click.echo(visible(_SAID[self.lang][kind].format(**named)))


@contextmanager
def _speaking(workspace: Path, by: str, note: str | None, lang: str) -> Iterator[_Voice]:
    from engine.audit.store import open_store
    from engine.language.workspace import load_workspace

    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, create=False) as store:
        yield _Voice(store, loaded, by, (note or "").strip() or None, lang, _now())


def _past(until: date, today: date, hint: str) -> Exception:
    from engine.errors import problem

    when = "today" if until == today else f"in the past: today is {today}"
    return problem("day-in-the-past", f"{until} is {when}", hint=hint)
