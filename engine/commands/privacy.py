"""`kam forget`: destroys what the store holds of the persons of an account."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from engine.commands.options import language_option, workspace_option
from engine.commands.people import login_name


@click.command()
@click.argument("account")
@click.option("--reason", metavar="TEXT", required=True, help="Why, for the log.")
@click.option(
    "--by",
    metavar="NAME",
    default=login_name,
    show_default="KAM_USER, then the login name",
    help="Who says so.",
)
@workspace_option
@language_option
def forget(account: str, reason: str, by: str | None, workspace: Path, lang: str) -> None:
    """Destroy the personal values of an account.

    Of every run: the values themselves and the salt that seals them, which nobody can bring
    back. Decisions, the log and their hashes stay as they are; where a personal value stood
    they show a token that nothing opens any more. That ACCOUNT was forgotten, by whom and
    why, is recorded, and the next run says so in the log. The sources are not touched.
    """
    from engine.audit.personal.forgetting import forget as destroy
    from engine.audit.store import open_store
    from engine.console.terminal import visible
    from engine.language.workspace import load_workspace
    from engine.reports.holding import require_known, sources_holding

    name, why = (by or "").strip(), reason.strip()
    if not name:
        raise click.BadParameter("say who you are", param_hint="'--by'")
    if not why:
        raise click.BadParameter("say why", param_hint="'--reason'")
    folder = load_workspace(workspace).store_folder
    with open_store(folder, create=False) as store, store.lock():
        require_known(store, account)
        done = destroy(store.connection, store.path, account, name, why, datetime.now(UTC))
        holding = sources_holding(store, account)
    words = _WORDS[lang]
    key = "forgotten" if done.is_recorded else "nothing"
    click.echo(visible(words[key].format(account=account, values=done.values)))
    if holding:
        files = holding[0] + (f" + {len(holding) - 1}" if len(holding) > 1 else "")
        click.echo(visible(words["sources"].format(account=account, files=files)), err=True)


_WORDS = {
    "en": {
        "forgotten": "{account} is forgotten: {values:,} values are destroyed, and its salt.",
        "nothing": "The store holds nothing personal of {account}, or nothing any more.",
        "sources": "kam: the last run still found {account} in its sources ({files}); take it "
        "out there too, or the next night seals again what they hold",
    },
    "zh": {
        "forgotten": "{account} 的个人数据已销毁\uff1a{values:,} 个值\uff0c以及其盐值\u3002",
        "nothing": "库中没有\uff08或已不再有\uff09{account} 的个人数据\u3002",
        "sources": "kam\uff1a最近一次运行仍在数据源\uff08{files}\uff09中读到 {account}\uff1b"
        "请在数据源中一并删除\uff0c否则下一夜会重新封存其中的数据",
    },
}
