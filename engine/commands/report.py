"""`kam report`: the night as one HTML page for the management."""

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
@workspace_option
@click.option("--run", "run_id", help="The run to report on (default: the last one).")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it (default: report-RUN.html in the current folder).",
)
@click.option("--force", is_flag=True, help="Replace FILE even if kam report did not write it.")
@reader_option
@language_option
def report(
    workspace: Path,
    run_id: str | None,
    out: Path | None,
    force: bool,
    reader: str | None,
    lang: str,
) -> None:
    """Write the night as one HTML page.

    For the management: tiers and moves, value against health, warnings, obligations,
    concentration, customer managers, what awaits a decision, and data quality. The file
    needs nothing beside itself, and the same run always gives the same file.
    """
    from engine.audit.store import open_store
    from engine.console.terminal import visible
    from engine.console.values import show_value
    from engine.language.workspace import load_workspace
    from engine.recall import recall_night
    from engine.reports.html.page import render_page
    from engine.reports.html.speech import Speech
    from engine.reports.overview.build import build_overview
    from engine.written_files import write_whole

    loaded = load_workspace(workspace)
    with open_store(loaded.store_folder, create=False, read_only=True) as store:
        night = recall_night(workspace, store, run_id)
        target = out or Path(f"report-{night.run.run_id}.html")
        _check_target(target, force)
        overview = build_overview(
            store,
            night.run,
            night.plan,
            night.manifest,
            night.overrides,
            night.workspace.name,
            reader_of(store, loaded, reader),
        )
    speech = Speech(lang, overview.currency, show_value, visible)
    write_whole(target, render_page(overview, speech).encode())
    click.echo(_WRITTEN[lang].format(run=night.run.run_id, file=target), err=True)


_WRITTEN = {
    "en": "The report of run {run} is in {file}; open it in a browser.",
    "zh": "运行 {run} 的报告已写入 {file}，可用浏览器打开。",
}


def _check_target(target: Path, force: bool) -> None:
    """Refuses to replace a file that is not a report."""
    from engine.errors import problem
    from engine.reports.html.page import MARK
    from engine.written_files import require_place

    require_place(target)
    if force or not target.exists():
        return
    with target.open("rb") as file:
        start = file.read(_HEAD)
    if MARK.encode() not in start:
        raise problem(
            "file-exists",
            f"{target} exists, and kam report did not write it",
            hint="name another file with --out, or replace it with --force",
        )


_HEAD = 1024
"""Bytes; the mark of a report stands within the first of them."""
