"""Whether the personal values that kam.db opens are those which were sealed, and none is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence

import duckdb

from engine.audit.personal.values import FACTS_FILE
from engine.audit.store import Run
from engine.model.tokens import PREFIX, sealed_token
from engine.verification.findings import Findings
from engine.verification.said_lines import SaidLines

_OPENINGS = """
SELECT v.token, v.account_id, v.fact_column, CAST(v.fact_column AS BLOB), CAST(v.value AS BLOB),
  CAST(lower(hex(s.salt)) AS BLOB)
FROM sealed_values AS v LEFT JOIN salts AS s USING (account_id)
"""

# A night opens every token that stands in its actions, if its facts hold the value.
_UNOPENED = f"""
SELECT a.account_name, a.account_id, max(a.run_no)
FROM actions AS a
WHERE substr(a.account_name, 1, {len(PREFIX)}) = '{PREFIX}'
  AND NOT EXISTS (SELECT 1 FROM sealed_values AS v WHERE v.token = a.account_name)
  AND a.run_no IN (SELECT run_no FROM runs WHERE kind = 'night')
  AND NOT EXISTS (
    SELECT 1 FROM forgettings AS f WHERE f.account_id = a.account_id AND f.last_run_no >= a.run_no
  )
GROUP BY a.account_name, a.account_id
ORDER BY a.account_id
"""  # noqa: S608
_IN_FACTS = "SELECT account_id FROM read_parquet(?) WHERE name = ?"


def check_opened_values(connection: sqlite3.Connection, findings: Findings) -> None:
    """Every opening against its token; `engine.plan.sql.sealing` says how tokens are made."""
    wrong = [
        f"'{column}' of {account} in sealed_values is not the value that was sealed as {token}"
        for token, account, column in _misfits(connection)
    ]
    numbers = list(range(len(wrong)))
    findings.add_each("personal-altered", None, numbers, wrong.__getitem__)


def _misfits(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """(token, account, column); one whose account has no salt any more is one of them: whoever
    is forgotten loses both at once."""
    for token, account, name, column, value, salt in connection.execute(_OPENINGS):
        if salt is None or token != sealed_token(salt, column, value):
            yield token, account, name


# --- what is gone ------------------------------------------------------------------------


def check_unopened_names(
    connection: sqlite3.Connection, runs: Sequence[Run], lines: SaidLines, findings: Findings
) -> None:
    """A name that an action of a night holds as a token opens, unless its account was forgotten
    since or the time of the value was over. What the facts of that night do not hold, because the
    account had left or they have expired, is passed over."""
    rows = connection.execute(_UNOPENED).fetchall()
    if not rows:
        return
    known = {run.run_no: run for run in runs}
    over = _LastDays(runs, lines)
    gone = []
    with duckdb.connect() as files:
        for token, account, run_no in rows:
            facts = known[run_no].path / FACTS_FILE
            if over.may_have_expired(run_no) or not facts.exists():
                continue
            if files.execute(_IN_FACTS, [os.fspath(facts), token]).fetchall():
                gone.append(f"the name of {account} is gone from sealed_values ({token})")
    findings.add_each("opening-missing", None, list(range(len(gone))), gone.__getitem__)


class _LastDays:
    """Until when openings were destroyed, as the log says. An opening expires with the last run
    that wrote its token, which may be any run from the one that is asked for."""

    def __init__(self, runs: Sequence[Run], lines: SaidLines) -> None:
        self._days = [(run.run_no, run.as_of.isoformat()) for run in runs]
        self._said = [
            (line.run_no, str(line.seen().get("before")))
            for line in lines.expired
            if line.seen().get("class") == "personal"
        ]

    def may_have_expired(self, run_no: int) -> bool:
        first = min(day for number, day in self._days if number >= run_no)
        return any(later >= run_no and first < before for later, before in self._said)
