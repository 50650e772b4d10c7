"""docs/commands.md: every command with its arguments and options, as click knows them."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

import click

import kam  # noqa: TID251
from docs.reference.markdown import DO_NOT_EDIT, code, table

HEAD = """# Commands

Every command prints its own help with `--help`. Lists and decisions go to standard output,
progress and messages to standard error, so that output can be piped.

| exit code | meaning |
| --- | --- |
| 0 | done; `kam check`: no errors; `kam plan`: nothing changes; `kam status`: a recent run |
| 1 | a problem was found, in your files or in the store; nothing was changed |
| 2 | the command was called wrongly; of `kam plan`: something changes |
| 70 | a defect in kam; with `KAM_DEBUG=1` in the environment it shows where |
| 130 | interrupted with Ctrl-C |
"""


def commands_page() -> str:
    """The page, with the commands in the order of `kam --help`."""
    context = click.Context(kam.main, info_name="kam")
    names = kam.main.list_commands(context)
    sections = [_section(context, name) for name in names]
    note = DO_NOT_EDIT.format(sources="the commands' own help")
    rows = ([f"[{code('kam ' + name)}](#kam-{name})", kam.COMMANDS[name].help] for name in names)
    return "\n\n".join([note, HEAD.strip(), table(["command", ""], rows), *sections]) + "\n"


def _section(group: click.Context, name: str) -> str:
    command = kam.main.get_command(group, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=group)
    usage = command.get_usage(context).removeprefix("Usage: ").strip()
    help_text = textwrap.dedent(inspect.cleandoc(command.help or "")).replace("\b\n", "")
    parts = [f"## kam {name}", f"```text\n{' '.join(usage.split())}\n```", help_text.strip()]
    rows = list(_options(command, context))
    if rows:
        parts.append(table(["option", "meaning"], rows))
    return "\n\n".join(parts)


def _options(command: click.Command, context: click.Context) -> Iterator[list[str]]:
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            record = option.get_help_record(context)
            assert record is not None
            yield [code(record[0]), record[1]]
