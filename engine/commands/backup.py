"""`kam backup` and `kam restore`: the store as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import language_option, workspace_option

if TYPE_CHECKING:
    from engine.evidence.notes import Verifier

_TEXTS = {
    "en": {
        "taken": "{file}: {runs} runs up to {last}, {size:,} bytes.",
        "empty": "{file}: no run yet, {size:,} bytes.",
        "restored": "Restored into {folder}.",
        "night": "Before the next event of the day: kam run. It reads the sources again, which a "
        "backup does not hold.",
        "aside": "What was there before is now {aside}.",
    },
    "zh": {
        "taken": "{file}：{runs} 次运行，截至 {last}，{size:,} 字节。",
        "empty": "{file}：尚无运行，{size:,} 字节。",
        "restored": "已恢复到 {folder}。",
        "night": "处理当日事件之前，请先执行 kam run：它重新读取数据源，备份不含这些数据。",
        "aside": "原有内容已移至 {aside}。",
    },
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@click.option("--force", is_flag=True, help="Replace a FILE that is there already.")
@language_option
def backup(file: Path, workspace: Path, force: bool, lang: str) -> None:
    """Write the store into one file.

    Runs may go on meanwhile: FILE holds the store as one of them left it, and is there
    complete or not at all. It is a plain tar. What it holds is what the store holds; workspace,
    source data and signing key are not in it.
    """
    from engine.backup.taking import take_backup
    from engine.language.workspace import load_workspace

    taken = take_backup(load_workspace(workspace).store_folder, file, replacing=force)
    text = _TEXTS[lang]["taken" if taken.last_run else "empty"]
    click.echo(text.format(file=taken.file, runs=taken.runs, last=taken.last_run, size=taken.size))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to restore the store (default: where kam.yaml says that it is).",
)
@click.option("--check", is_flag=True, help="Only check FILE, and restore nothing.")
@click.option("--force", is_flag=True, help="Move aside what is there; nothing is deleted.")
@click.option("--unsound", is_flag=True, help="Restore it even if it does not verify.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="A public key to trust, or a file that holds it; may be given several times (default: "
    "the keys that kam.yaml names).",
)
@language_option
def restore(
    file: Path,
    workspace: Path,
    folder: Path | None,
    check: bool,
    force: bool,
    unsound: bool,
    keys: tuple[str, ...],
    lang: str,
) -> None:
    """Make the store again out of a backup.

    Checks every hash of FILE, unpacks it beside its place, verifies it as kam verify does, and
    only then moves it there. Needs no workspace if --to or --check is given. Exit code 1 if it
    does not verify.
    """
    from engine.backup.restoring import check_backup, restore_backup
    from engine.console.verdict import verdict_text

    verifiers, place = _context(workspace, keys, folder, check)
    if place is None:
        verdict = check_backup(file, verifiers)
    else:
        restored = restore_backup(file, place, verifiers, replacing=force, unsound=unsound)
        verdict = restored.verdict
    click.echo(verdict_text(verdict, lang))
    if place is not None:
        click.echo(_TEXTS[lang]["restored"].format(folder=restored.folder))
        if restored.aside is not None:
            click.echo(_TEXTS[lang]["aside"].format(aside=restored.aside))
        if restored.verdict.runs:
            click.echo(_TEXTS[lang]["night"])
    if not verdict.is_sound:
        sys.exit(1)


def _context(
    workspace: Path, keys: tuple[str, ...], folder: Path | None, check: bool
) -> tuple[list[Verifier], Path | None]:
    """The keys to trust, and where to restore to; no place if it is only checked."""
    from engine.commands.evidence import verifiers_of
    from engine.commands.options import WORKSPACE_FILE
    from engine.language.workspace import load_workspace

    if (folder is not None or check) and not (workspace / WORKSPACE_FILE).is_file():
        return verifiers_of(keys), None if check else folder
    loaded = load_workspace(workspace)
    verifiers = verifiers_of(keys or loaded.evidence.keys)
    return verifiers, None if check else (folder or loaded.store_folder)
