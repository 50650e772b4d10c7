"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

WORKSPACE_FILE = "kam.yaml"


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


def language_option(command: Command) -> Command:
    """``--lang en|zh``."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default=system_language,
        show_default="KAM_LANG, then the system's locale",
        help="The language of titles and headings.",
    )(command)
