"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.model import CLASSES, Classification, laxest

if TYPE_CHECKING:
    from engine.audit.privacy import Reader
    from engine.audit.store import Store
    from engine.language.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

WORKSPACE_FILE = "kam.yaml"

_LANGUAGE = f"{__name__}.language"
"""Where the context of a command keeps what --lang says, for whoever prints what stops it."""


def nearest_workspace() -> Path:
    """The current folder, or the nearest above it that holds a kam.yaml."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / WORKSPACE_FILE).is_file():
            return folder
    return here


def _workspace(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    del context, parameter
    return value if value is not None else nearest_workspace()


def workspace_argument(command: Command) -> Command:
    """``[WORKSPACE]``: a folder with a kam.yaml; the current one or the nearest above it."""
    return click.argument(
        "workspace",
        required=False,
        type=click.Path(path_type=Path),
        callback=_workspace,
    )(command)


def workspace_option(command: Command) -> Command:
    """``-w DIR``, for commands whose arguments are something else."""
    return click.option(
        "-w",
        "--workspace",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=_workspace,
        help="The workspace (default: this folder, or the nearest above it with a kam.yaml).",
    )(command)


def system_language() -> str:
    """``zh`` or ``en``, as KAM_LANG or the system's locale says."""
    for name in ("KAM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def reader_language(context: click.Context) -> str:
    """What --lang says of the command that is running, else `system_language`."""
    return str(context.meta.get(_LANGUAGE) or system_language())


def _remember_language(context: click.Context, _: click.Parameter, value: str) -> str:
    context.meta[_LANGUAGE] = value
    return value


def language_option(command: Command) -> Command:
    """``--lang en|zh``; `reader_language` knows it too, where a command fails."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default=system_language,
        callback=_remember_language,
        is_eager=True,
        show_default="KAM_LANG, then the system's locale",
        help="The language of titles and headings.",
    )(command)


def reader_option(command: Command) -> Command:
    """``--reader``; `reader_of` says who that is."""
    return click.option(
        "--reader",
        type=click.Choice(CLASSES),
        show_default="KAM_READER, then confidential; at most privacy.reader of kam.yaml",
        help="Who reads: values of a higher class than this are masked.",
    )(command)


def reader_of(store: Store, workspace: Workspace, said: str | None) -> Reader:
    """The reader that is named, else the one of the environment and of the workspace."""
    from engine.audit.privacy import Reader

    return Reader(store.connection, reader_level(workspace, said))


def reader_level(workspace: Workspace, said: str | None) -> Classification:
    """The class up to which the reader may see columns."""
    return _level(said, workspace.privacy.reader)


def _level(said: str | None, most: Classification | None) -> Classification:
    """
    >>> _level("personal", "internal")
    'personal'
    """
    by_name: dict[str, Classification] = {one: one for one in CLASSES}
    if said is not None:
        return by_name[said]
    named = os.environ.get("KAM_READER") or "confidential"
    if named not in by_name:
        known = ", ".join(CLASSES)
        raise click.UsageError(f"KAM_READER is '{named}', which is not one of {known}")
    return laxest(by_name[named], most or CLASSES[-1])
