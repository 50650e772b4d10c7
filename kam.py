"""The command line: `kam COMMAND`.

Each command lives in `engine.commands` and is imported when it is called, so that
`kam --help` answers at once. What a command raises becomes text and an exit code here:
1 for problems that were found, 2 for a wrong call, 70 for a defect in kam, 130 for Ctrl-C.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from engine import __version__
from engine.console.closed_pipe import ReaderGoneError, outlive_reader, stop_without_reader
from engine.console.encoding import write_what_can_be_shown
from engine.errors import KamError, Problem

PROBLEMS_FOUND = 1
DEFECT = 70
INTERRUPTED = 130

GARBAGE_AFTER = 250_000
"""Objects after which Python looks for garbage: more than a short command makes in all."""


class Entry(NamedTuple):
    """Where a command is, and the first line of its help, which stands here a second time so
    that the list of commands needs no import of any of them (a test compares the two)."""

    module: str
    attribute: str
    help: str


# In the order in which a person meets them; `kam --help` keeps it.
COMMANDS: dict[str, Entry] = {
    "demo": Entry("engine.commands.demo", "demo", "Write a workspace with invented accounts."),
    "init": Entry("engine.commands.demo", "init", "Make a workspace for a policy pack."),
    "check": Entry("engine.commands.policy", "check", "Check a policy and print every problem."),
    "trace": Entry("engine.commands.trace", "trace", "Trace requirements to rules, and back."),
    "test": Entry("engine.commands.policy_tests", "test", "Run the tests beside a policy pack."),
    "plan": Entry("engine.commands.plan", "plan", "Show what a changed policy would do."),
    "approve": Entry("engine.commands.plan", "approve", "Sign a plan in a role."),
    "schema": Entry("engine.commands.policy", "schema", "Print a JSON Schema for an editor."),
    "compile": Entry("engine.commands.night", "compile_", "Print the SQL that a policy becomes."),
    "run": Entry("engine.commands.night", "run", "Decide about every account."),
    "event": Entry("engine.commands.event", "event", "Decide single events of the day."),
    "serve": Entry("engine.commands.serve", "serve", "Serve single events over HTTP."),
    "explain": Entry("engine.commands.explain", "explain", "Explain a decision, rule by rule."),
    "near": Entry(
        "engine.commands.explain",
        "near",
        "List the accounts that are near a tier, and what each lacks.",
    ),
    "account": Entry("engine.commands.account", "account", "Tell the whole story of an account."),
    "accounts": Entry("engine.commands.reading", "accounts", "List accounts and their tiers."),
    "actions": Entry("engine.commands.reading", "actions", "List actions and their owners."),
    "warnings": Entry(
        "engine.commands.reading",
        "warnings",
        "List open warnings, and acknowledge or silence one.",
    ),
    "obligations": Entry(
        "engine.commands.reading", "obligations", "List what is owed to accounts and until when."
    ),
    "log": Entry("engine.commands.reading", "log", "List the lines of the decision log."),
    "report": Entry("engine.commands.report", "report", "Write the night as one HTML page."),
    "deliver": Entry("engine.commands.deliver", "deliver", "Send what waits in the outbox."),
    "replay": Entry(
        "engine.commands.replay", "replay", "Decide kept nights again, from what they kept."
    ),
    "verify": Entry("engine.commands.evidence", "verify", "Check the log against its evidence."),
    "prove": Entry("engine.commands.evidence", "prove", "Prove what a run said about an account."),
    "keys": Entry(
        "engine.commands.evidence",
        "keys",
        "Make the key that signs the log, or show its public half.",
    ),
    "forget": Entry(
        "engine.commands.privacy", "forget", "Destroy the personal values of an account."
    ),
    "backup": Entry("engine.commands.backup", "backup", "Write the store into one file."),
    "restore": Entry("engine.commands.backup", "restore", "Make the store again out of a backup."),
    "runs": Entry("engine.commands.reading", "runs", "List the runs that are in the store."),
    "status": Entry("engine.commands.reading", "status", "Say when the last good run was."),
}


ONLY_LIST = frozenset({"accounts", "compile", "log", "obligations", "runs", "schema"})
"""Commands of which nothing is left to do when nobody reads on: `kam log | head`."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and not before."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        outlive_reader()
        write_what_can_be_shown()
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(import_module(entry.module), entry.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.{entry.attribute} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click proposes from the commands that it has seen; ours are not imported yet.
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; whatever stops it becomes text on standard error and an exit code."""
        # Modules and policies are hundreds of thousands of objects that stay: at the default of
        # 700 new ones, looking for garbage among them is a tenth of a short command's time.
        gc.set_threshold(GARBAGE_AFTER, 20, 20)
        try:
            if ONLY_LIST.intersection(ctx._protected_args):
                stop_without_reader()
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ReaderGoneError as error:
            raise click.exceptions.Exit(0) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KamError as error:
            _show_problems(error.problems, ctx)
            raise click.exceptions.Exit(PROBLEMS_FOUND) from error
        except KeyboardInterrupt as error:
            click.echo("kam: interrupted", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from error
        except OSError as error:
            _show_problems((Problem("operating-system", str(error)),), ctx)
            raise click.exceptions.Exit(PROBLEMS_FOUND) from error
        except Exception as error:
            _show_defect(error)
            raise click.exceptions.Exit(DEFECT) from error
        return result


@atexit.register
def _spare_garbage() -> None:
    """As Python ends it looks for garbage among all that there is, and more than once, though all
    memory is given back in a moment: another tenth of a short command's time.

    Not at all is too little where DuckDB was imported: it complains of whatever is left of it.
    """
    if "duckdb" in sys.modules:
        gc.disable()  # once less
    else:
        gc.freeze()


def _show_problems(problems: tuple[Problem, ...], context: click.Context) -> None:
    from engine.commands.options import reader_language
    from engine.console.problems import show

    show(problems, sys.stderr, language=reader_language(context))


def _show_defect(error: Exception) -> None:
    if os.environ.get("KAM_DEBUG") == "1":
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    # One line: a message of many lines (SQL, say) is for the traceback.
    what = " ".join(str(error).split())[:300]
    click.echo(
        f"kam: this is a defect in kam, not in your files: {type(error).__name__}: {what} "
        "(KAM_DEBUG=1 shows where)",
        err=True,
    )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kam")
def main() -> None:
    """Decide every night about key accounts, from policy written in YAML.

    Begin with `kam demo DIR`, then `kam run DIR`, then `kam explain ACCOUNT -w DIR`.
    """


if __name__ == "__main__":
    main()
