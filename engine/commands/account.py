"""`kam account`: the whole story of one account on one page."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.options import language_option, workspace_option


@click.command()
@click.argument("account")
@workspace_option
@click.option("--pack", help="Only this pack's decision (default: every pack's).")
@click.option("--run", "run_id", help="As of the night of this run (default: the last one).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A page for people, or JSON for a program.",
)
@language_option
def account(
    account: str, workspace: Path, pack: str | None, run_id: str | None, form: str, lang: str
) -> None:
    """Tell the whole story of an account.

    Tiers with their history, scores with their parts and over time, entitlements,
    obligations with the next dates, warnings, milestones, actions, and what people said
    about ACCOUNT; `kam explain` says why, rule by rule.
    """
    import json

    from engine.audit.store import open_store
    from engine.console.account import render_story, story_json
    from engine.console.terminal import output
    from engine.language.load import load_workspace
    from engine.recall import explain_night, recall_night
    from engine.reports.account import account_stories

    folder = load_workspace(workspace).store_folder
    with open_store(folder, create=False, read_only=True) as store:
        night = recall_night(workspace, store, run_id)
        told, facts = explain_night(night, account, pack)
        stories = account_stories(store, night.run, night.plan, night.overrides, told, facts)
    if form == "json":
        listed = [story_json(one) for one in stories]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    console = output()
    for one in stories:
        console.print(render_story(one, "zh" if lang == "zh" else "en"))
