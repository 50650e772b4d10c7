"""`kam account`: the whole story of one account on one page."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.options import (
    language_option,
    reader_of,
    reader_option,
    workspace_option,
)


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
@reader_option
@language_option
def account(
    account: str,
    workspace: Path,
    pack: str | None,
    run_id: str | None,
    form: str,
    reader: str | None,
    lang: str,
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
    from engine.explain.masking import masked
    from engine.language.workspace import load_workspace
    from engine.recall import explain_night, last_told, recall_night
    from engine.reports.account import account_stories
    from engine.reports.day import is_last_night
    from engine.reports.veil import account_veils

    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, create=False, read_only=True) as store:
        night = recall_night(workspace, store, run_id)
        is_last = is_last_night(store, night.run)
        told_since = last_told(store, night.run, account) if is_last else None
        told, facts = explain_night(night, account, pack, told_since)
        sees = reader_of(store, loaded, reader)
        veils = account_veils(sees, night.run, night.plan, account)
        seen = [masked(one, veils[one.pack]) for one in told]
        rates = {name: veils[told[0].pack].value(name, value) for name, value in facts.items()}
        stories = account_stories(store, night.run, night.plan, night.overrides, seen, rates, veils)
        stories = [masked(one, veils[one.pack]) for one in stories]
    if form == "json":
        listed = [story_json(one) for one in stories]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    console = output()
    for one in stories:
        console.print(render_story(one, "zh" if lang == "zh" else "en"))
