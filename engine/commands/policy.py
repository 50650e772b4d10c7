"""`kam check` and `kam schema`: is a policy well written, and how is one written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import WORKSPACE_FILE, language_option
from engine.errors import KamError, Problem
from engine.nearest import did_you_mean

if TYPE_CHECKING:
    from engine.checking import Checked
    from engine.model import Policy

PACK_FILE = "pack.yaml"


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How problems are printed; 'github' marks the lines of a pull request.",
)
@click.option("--strict", is_flag=True, help="Warnings, too, make the exit code 1.")
@language_option
def check(path: Path | None, form: str, strict: bool, lang: str) -> None:
    """Check a policy and print every problem.

    PATH is the folder of a workspace (with kam.yaml) or of a policy pack (with pack.yaml);
    without it, the workspace or pack that the current folder is in. A workspace is checked
    with all of its packs against its facts.yaml.

    The exit code is 1 if there is an error, 0 if there are only warnings or none.
    """
    place = path if path is not None else _here(Path.cwd())
    checked = check_path(place)
    if checked.problems or form == "json":
        _print(checked.problems, form, lang)
    elif form == "text":
        click.echo(_praise(checked.policies, lang))
    if checked.errors or (strict and checked.problems):
        raise click.exceptions.Exit(1)


def _print(problems: Sequence[Problem], form: str, lang: str) -> None:
    from engine.console.problems import as_github, as_json, show

    if form == "json":
        click.echo(as_json(problems))
    elif form == "github":
        click.echo(as_github(problems, lang))
    else:
        show(problems, sys.stdout, language=lang)


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print a JSON Schema for an editor.

    NAME is workspace (kam.yaml), facts (facts.yaml), calendar (calendar.yaml), pack (every
    file of a policy pack), a section of a pack such as tiers or warnings, event (what is sent
    to kam during the day), or a line of what kam emits such as log_line; without it, the names
    are listed. The schema is complete in itself.
    """
    import json

    from engine.language.schema import named_schema, schema_names

    names = schema_names()
    if name is None:
        click.echo("\n".join(names))
    elif name in names:
        click.echo(json.dumps(named_schema(name), ensure_ascii=False, indent=2))
    else:
        hint = did_you_mean(name, names, "kam schema lists the names")
        raise click.BadParameter(f"there is no schema {name!r}; {hint}", param_hint="NAME")


def check_path(path: Path) -> Checked:
    """Everything that is wrong with the pack or the workspace at a path.

    Raises `KamError` if there is neither, or if kam.yaml itself cannot be read.
    """
    from engine.checking import check_loaded, check_pack_folder
    from engine.language.workspace import load_workspace

    if path.name == WORKSPACE_FILE or (path / WORKSPACE_FILE).is_file():
        return check_loaded(load_workspace(path))
    if path.name != PACK_FILE and not (path / PACK_FILE).is_file():
        raise KamError(_nothing_there(path))
    return check_pack_folder(path)


def _here(folder: Path) -> Path:
    """The nearest folder, upwards from the current one, of a workspace or a pack."""
    for candidate in (folder, *folder.parents):
        if (candidate / WORKSPACE_FILE).is_file() or (candidate / PACK_FILE).is_file():
            return candidate
    raise KamError(_nothing_there(folder))


def _nothing_there(path: Path) -> Problem:
    return Problem(
        "nothing-to-check",
        f"there is neither {WORKSPACE_FILE} nor {PACK_FILE} in {path}",
        hint="name the folder of a workspace or of a policy pack",
    )


def _praise(policies: Sequence[Policy], lang: str) -> str:
    """
    >>> _praise([], "en"), _praise([], "zh")
    ('0 policies, 0 rules, no problems', '0 套制度，0 条规则，没有问题')
    """
    rules = sum(_rules(policy) for policy in policies)
    if lang == "zh":
        return f"{len(policies)} 套制度，{rules} 条规则，没有问题"
    return f"{_count(len(policies), 'policy', 'policies')}, {_count(rules, 'rule')}, no problems"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _rules(policy: Policy) -> int:
    """Tiers, entitlements, milestones and warnings."""
    tiers = 0 if policy.tiers is None else len(policy.tiers.levels)
    return tiers + len(policy.entitlements) + len(policy.milestones) + len(policy.warnings)
