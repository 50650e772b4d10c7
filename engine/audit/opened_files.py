"""Files of a run as a reader may see them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.privacy import Reader, mark
from engine.facts.sql import choices
from engine.lifecycle.kept_rows import kept_relation
from engine.model import DEFAULT_CLASS
from engine.model.tokens import PREFIX, is_token

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run
    from engine.lifecycle.inputs import AccountState


def create_decisions(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    run: Run,
    reader: Reader,
    states: Sequence[AccountState] = (),
) -> None:
    """A view of decisions.parquet in which names are as the reader sees them.

    A name that is masked is missing; one that cannot be opened is a token. Accounts of `states`
    are as events left them.
    """
    file = run.path / "decisions.parquet"
    kept_relation(connection, f"{view}_kept", "decisions", file, states)
    relation = connection.view(f"{view}_kept")
    hidden = _hidden_names(reader, run.run_no)
    names = _personal_names(connection, run) if reader.level == "personal" else None
    if names is not None:
        names.create_view(f"{view}_names")
        relation.create_view(f"{view}_sealed")
        connection.execute(
            f"CREATE VIEW {view} AS SELECT d.* REPLACE (coalesce(p.name, d.name) AS name) "  # noqa: S608
            f"FROM {view}_sealed AS d LEFT JOIN {view}_names AS p "
            "ON p.account_id = d.account_id AND d.scope = 'account' "
            f"AND starts_with(d.name, '{PREFIX}')"
        )
    elif hidden:
        relation.create_view(f"{view}_unmasked")
        connection.execute(
            f"CREATE VIEW {view} AS SELECT * REPLACE (CASE WHEN pack NOT IN {choices(hidden)} "  # noqa: S608
            f"OR starts_with(name, '{PREFIX}') THEN name END AS name) FROM {view}_unmasked"
        )
    else:
        relation.create_view(view)


def _hidden_names(reader: Reader, run_no: int) -> list[str]:
    """The packs that call names something that the reader may not see."""
    return [
        pack
        for pack, classes in reader.classes_by_pack(run_no).items()
        if not reader.may_read(classes.get("name", DEFAULT_CLASS))
    ]


def _personal_names(
    connection: duckdb.DuckDBPyConnection, run: Run
) -> duckdb.DuckDBPyRelation | None:
    file = run.path / PERSONAL_FILE
    if not file.exists():
        return None
    relation = connection.read_parquet(os.fspath(file))
    return relation.select("account_id", "name") if "name" in relation.columns else None


def account_tokens(connection: duckdb.DuckDBPyConnection, run: Run, account: str) -> dict[str, str]:
    """Column → token of the personal values of an account, as facts.parquet holds them."""
    cursor = connection.execute(
        "SELECT * FROM read_parquet($path) WHERE account_id = $account",
        {"path": os.fspath(run.path / "facts.parquet"), "account": account},
    )
    names = [column[0] for column in cursor.description or ()]
    return {
        name: value
        for row in cursor.fetchall()
        for name, value in zip(names, row, strict=True)
        if is_token(value)
    }


def shown_names(
    rows: Iterable[dict[str, Any]], reader: Reader, run_no: int
) -> Iterator[dict[str, Any]]:
    """Rows with ``pack`` and ``name`` of `create_decisions`: tokens opened, gaps marked."""
    classes = reader.classes_by_pack(run_no)
    for row in rows:
        of_name = classes.get(row["pack"], {}).get("name", DEFAULT_CLASS)
        if row["name"] is None and not reader.may_read(of_name):
            row["name"] = mark(of_name)
        else:
            row["name"] = reader.text(row["name"], of_name)
        yield row
