"""What a night decided otherwise than an earlier one about an account, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.choosing import night_run
from engine.audit.data_files import reading_errors
from engine.audit.events.queries import told_by
from engine.audit.failures import store_errors
from engine.audit.store import Run, Store
from engine.errors import problem
from engine.executors.protocol import Row
from engine.explain.difference import Difference, Moment
from engine.inquiry.comparing import Side, compare_pack
from engine.inquiry.worlds import Worlds
from engine.recall import KeptNight, last_told, recall_night
from engine.recall_facts import KeptFiles

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def run_since(store: Store, wanted: str) -> str:
    """The id of a run, given itself or a date, of which the last run counts.

    Raises `KamError` ``unknown-run``, or ``not-a-night`` for a run of events.
    """
    runs = list(store.runs())
    for run in runs:
        if wanted == run.run_id or (_DAY.fullmatch(wanted) and wanted == run.as_of.isoformat()):
            return run.run_id
    if next(store.every_run(run_id=wanted), None) is not None:
        night_run(store, wanted)  # which says that it is none
    message = f"there is no run '{wanted}', and no run as of that day"
    raise problem("unknown-run", message, hint="kam runs lists them")


def nights_since(
    path: Path, store: Store, account: str, since: str, run_id: str | None = None
) -> tuple[KeptNight, KeptNight]:
    """The night of `since`, and the later one that it is compared with (the last one).

    Raises `KamError`: unknown runs, `since` not before the run.
    """
    late = recall_night(path, store, run_id)
    early = recall_night(path, store, run_since(store, since))
    if early.run.run_no < late.run.run_no:
        return early, late
    told = last_told(store, late.run, account) if early.run.run_no == late.run.run_no else None
    if told is not None:
        run = told_by(store.connection, told).run_id
        raise problem(
            "not-before",
            f"run {late.run.run_id} is that night itself, and events have decided about {account} "
            "since: what an event decided cannot be compared yet",
            hint=f"`kam log --account {account}` lists what they changed, "
            f"`kam explain {account} --run {run}` explains what stands now",
        )
    raise problem(
        "not-before",
        f"run {early.run.run_id} was not before run {late.run.run_id}",
        hint="--since names the earlier run, --run the later one (default: the last)",
    )


def compare_nights(
    store: Store, nights: tuple[KeptNight, KeptNight], account: str, pack: str | None = None
) -> list[Difference]:
    """What each pack decides otherwise about `account` in the second night than in the first.

    Raises `KamError`: an unknown account or pack.
    """
    early, late = nights
    packs = _packs(early, late, pack)
    log = _log(store, early.run, late.run, account)
    with reading_errors(early.run, late.run):
        sides = (_Night.read(early, account), _Night.read(late, account))
    if not any(side.is_known for side in sides):
        with duckdb.connect() as connection:
            KeptFiles(connection, late.run, late.plan).facts(account)  # says what is unknown
    worlds = _worlds(sides, account)
    with reading_errors(early.run, late.run):
        return [
            compare_pack(
                (sides[0].side(one), sides[1].side(one)),
                worlds,
                [moment for name, moment in log if name == one],
            )
            for one in packs
        ]


def _packs(early: KeptNight, late: KeptNight, pack: str | None) -> list[str]:
    known = list(dict.fromkeys(one.id for night in (late, early) for one in night.plan.packs))
    if pack is None:
        return known
    if pack not in known:
        message = f"neither run has a pack '{pack}'; they have {', '.join(known)}"
        raise problem("unknown-pack", message)
    return [pack]


@dataclass(frozen=True)
class _Night:
    """What one night kept of the account; `facts` is None if it had no usable row."""

    night: KeptNight
    account: str
    facts: Row | None
    decisions: dict[str, dict[str, Any]]
    obligations: list[dict[str, Any]]

    @classmethod
    def read(cls, night: KeptNight, account: str) -> _Night:
        with duckdb.connect() as connection:
            kept = KeptFiles(connection, night.run, night.plan)
            return cls(
                night,
                account,
                kept.facts_or_none(account),
                kept.decisions(account),
                kept.obligations(account),
            )

    @property
    def is_known(self) -> bool:
        return self.facts is not None or bool(self.decisions)

    def side(self, pack: str) -> Side:
        return Side(
            night=self.night,
            account=self.account,
            pack=next((one for one in self.night.plan.packs if one.id == pack), None),
            policy=next((one for one in self.night.policies if one.id == pack), None),
            facts=self.facts,
            decision=self.decisions.get(pack),
            obligations=self.obligations,
        )


def _worlds(sides: tuple[_Night, _Night], account: str) -> Worlds | None:
    """Mixtures need the account's facts on both nights."""
    early, late = sides
    if early.facts is None or late.facts is None:
        return None
    return Worlds((early.night, late.night), (early.facts, late.facts), account)


def _log(store: Store, early: Run, late: Run, account: str) -> list[tuple[str, Moment]]:
    """(pack, line) of the runs after the earlier one up to the later one, in order."""
    with store_errors(store.path):
        rows = store.connection.execute(_LINES, [account, early.run_no, late.run_no]).fetchall()
    return list(_moments(rows))


def _moments(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, Moment]]:
    for pack, as_of, run, kind, rule, before, after, reason, file, line in rows:
        place = f"{file}:{line}" if file else None
        moment = Moment(date.fromisoformat(as_of), run, kind, rule, before, after, reason, place)
        yield pack, moment


_LINES = """
SELECT pack, as_of, run_id, kind, rule_id, from_value, to_value,
    json_extract(evidence, '$.reason'), file, line
FROM decision_log_lines
WHERE account_id = ? AND run_no > ? AND run_no <= ? AND pack IS NOT NULL
ORDER BY seq
"""
