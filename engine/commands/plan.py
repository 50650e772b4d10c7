"""`kam plan`, `kam approve`: what a changed policy would do, and who has agreed to it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.night import IsoDate, show_progress
from engine.commands.options import (
    language_option,
    nearest_workspace,
    reader_level,
    reader_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.proposal.model import Proposal

WORKSPACE_FILE = "kam.yaml"
CHANGES = 2
PROBLEM = 1


class PlanCommand(click.Command):
    """A wrong call exits with 1: 2 says that the plan changes something."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.exit_code = PROBLEM  # type: ignore[misc]  # of this one error alone
            raise


def _workspace_of(path: Path | None, workspace: Path | None) -> tuple[Path, str | None]:
    """The workspace, and where the changed policy is (None: in it).

    A PATH that is a workspace is the workspace itself, unless -w names another.
    """
    if path is not None and workspace is None and _is_workspace(path):
        return path, None
    root = workspace or nearest_workspace()
    return root, None if path is None else str(path)


def _is_workspace(path: Path) -> bool:
    return path.name == WORKSPACE_FILE or (path / WORKSPACE_FILE).is_file()


@click.command(cls=PlanCommand)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "-w",
    "--workspace",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The workspace (default: PATH if it is one, else this folder, or the nearest above it "
    "with a kam.yaml).",
)
@click.option(
    "--as-of",
    type=IsoDate(),
    help="The date of the plan of a first policy, before there is a run (default: today).",
)
@click.option(
    "--save",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the plan to FILE, to be signed with kam approve.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the plan as one HTML page, which needs nothing beside itself.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON with every account for a program.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="At most so many accounts of each list of text and page; 0 for all of them.",
)
@click.option(
    "--trials",
    type=click.IntRange(min=0),
    default=24,
    show_default=True,
    help="At most so many nights are decided to find out which edited line moves whom.",
)
@reader_option
@language_option
def plan(  # noqa: PLR0913, PLR0917 - click hands over one value for each option
    path: Path | None,
    workspace: Path | None,
    as_of: date | None,
    save: Path | None,
    html: Path | None,
    form: str,
    limit: int,
    trials: int,
    reader: str | None,
    lang: str,
) -> None:
    """Show what a changed policy would do.

    Decides the last night again, over the facts that it kept, under the policies of PATH: a
    workspace, or a pack that takes the place of the one with its id (default: the workspace as
    it stands). Shows tiers that move and which edited line moves them, warnings and
    obligations that come and go, the workload by role and the cost of rebates. Nothing is
    written into the store. A saved plan holds ids of accounts and sums whoever reads.

    The exit code is 0 if nothing changes, 2 if something does, 1 if there is a problem.
    """
    import json

    from engine.language.workspace import load_workspace
    from engine.proposal.document import document
    from engine.proposal.masking import for_reader
    from engine.proposal.plan_file import check_place, plan_of_proposal, write_plan
    from engine.proposal.propose import propose
    from engine.proposal.words import word

    root, changed = _workspace_of(path, workspace)
    if html is not None:
        _check_page(html)
    if save is not None:
        check_place(save)
    with show_progress(lang) as progress:
        proposal = propose(root, changed, as_of, trials, progress)
    rules = load_workspace(root)
    seen = for_reader(proposal, reader_level(rules, reader))
    if form == "json":
        click.echo(json.dumps(document(seen), ensure_ascii=False, indent=2))
    else:
        from engine.console.plan import print_plan
        from engine.console.terminal import output

        print_plan(output(), seen, lang, limit)
    if html is not None:
        _write_page(seen, html, lang, limit)
    if save is not None:
        write_plan(save, plan_of_proposal(proposal))
        roles = _titled(root, rules.approval.roles, lang)
        click.echo(word(lang, "saved" if roles else "saved_free", file=save, roles=roles), err=True)
    if proposal.changes_anything:
        sys.exit(CHANGES)


def _check_page(html: Path) -> None:
    from engine.console.plan_page import check_target

    check_target(html)


def _write_page(proposal: Proposal, html: Path, lang: str, limit: int) -> None:
    from engine.console.plan_page import write_page
    from engine.proposal.words import word

    write_page(html, proposal, lang, limit)
    click.echo(word(lang, "page", file=html), err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--as", "role", metavar="ROLE", required=True, help="The role in which you sign.")
@click.option(
    "--by",
    metavar="NAME",
    help="Who signs, as 'people:' in kam.yaml writes it (default: the holder of the role).",
)
@click.option(
    "-w",
    "--workspace",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The workspace (default: PATH if it is one, else this folder, or the nearest above it "
    "with a kam.yaml).",
)
@language_option
def approve(
    file: Path, path: Path | None, role: str, by: str | None, workspace: Path | None, lang: str
) -> None:
    """Sign a plan in a role.

    FILE is a plan that `kam plan --save` wrote; PATH is what it was told, if anything. The
    policy must still be the one of the plan, and still change what the plan says over the
    facts of the last run. Signs with the key in KAM_APPROVAL_KEY, or in the file that
    KAM_APPROVAL_KEY_FILE names; adds the signature to FILE and records it in the store.
    """
    import os

    from engine.proposal.approving import Approver, approve
    from engine.proposal.words import word

    root, changed = _workspace_of(path, workspace)
    approver = Approver(role, by, os.environ, datetime.now(UTC))
    with show_progress(lang) as progress:
        found = approve(root, file, approver, changed, progress)
    key = "approved_before" if found.before else "approved"
    named = _titled(root, [role], lang)
    click.echo(word(lang, key, by=found.by, role=named, policy=found.policy[:12]))
    roles = _titled(root, found.missing, lang)
    click.echo(word(lang, "missing" if roles else "complete", roles=roles))


def _titled(root: Path, roles: Iterable[str], lang: str) -> str:
    """Roles by the titles that the last run knew, with the ids that --as takes."""
    from engine.audit.policy_names import PolicyNames
    from engine.audit.store import open_store
    from engine.console.tables import role_with_id
    from engine.errors import KamError
    from engine.language.workspace import load_workspace

    packs = {}
    try:
        with open_store(load_workspace(root).store_folder, create=False, read_only=True) as store:
            packs = PolicyNames(store.connection).of_last()
    except KamError:  # no run yet: nobody knows the titles
        pass
    return ", ".join(role_with_id(role, packs, lang) for role in roles)
