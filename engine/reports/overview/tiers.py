"""Who stands where, who moved, and value against health."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.audit.failures import store_errors
from engine.audit.named_rows import named_rows
from engine.facts.sql import identifier
from engine.model import NUMERIC_TYPES, Title
from engine.plan.steps import PackPlan
from engine.reports.overview.model import (
    Account,
    Cut,
    Matrix,
    Measured,
    PackNight,
    Scatter,
    Spot,
    TierCount,
    TierMove,
)
from engine.reports.overview.night import Night, account_of

MOVES = 40
SPOTS = 2000
"""Accounts on a scatter plot; of more, only those above the default tier are drawn."""
CELLS = 40
"""Of a scatter plot with too many accounts, in each direction."""


def pack_night(night: Night, pack: PackPlan) -> PackNight:
    """What a pack decided tonight, and what that changed."""
    tiers = _tiers(night, pack)
    return PackNight(
        id=pack.id,
        title=pack.title,
        version=pack.version,
        policy_hash=pack.policy_hash,
        accounts=sum(one.accounts for one in tiers),
        tiers=tiers,
        night=_matrix(night, pack, "previous"),
        quarter=_matrix(night, pack, "quarter"),
        moves=_moves(night, pack),
        scatter=_scatter(night, pack),
    )


def _tiers(night: Night, pack: PackPlan) -> tuple[TierCount, ...]:
    def counted(relation: str) -> dict[str, int]:
        rows = night.rows(_COUNTS.format(relation=relation), pack=pack.id)
        return {row["tier"]: row["accounts"] for row in rows}

    now = counted("decisions")
    before = None if night.previous is None else counted("previous")
    return tuple(
        TierCount(
            tier.id,
            tier.title,
            now.get(tier.id, 0),
            None if before is None else before.get(tier.id, 0),
        )
        for tier in pack.tiers
    )


def _matrix(night: Night, pack: PackPlan, relation: str) -> Matrix | None:
    run = night.previous if relation == "previous" else night.quarter
    if run is None or pack.id not in run.counts.get("packs", {}):
        return None
    rows = night.rows(_MATRIX.format(relation=relation), pack=pack.id)
    return Matrix(run.as_of, {(row["before"], row["after"]): row["accounts"] for row in rows})


# --- the accounts that moved -------------------------------------------------------------


def _moves(night: Night, pack: PackPlan) -> Cut[TierMove]:
    since = night.run if night.quarter is None else night.quarter
    bound = {
        "pack": pack.id,
        "run_no": night.run.run_no,
        "since": since.as_of.isoformat(),
        "limit": MOVES,
    }
    with store_errors(night.store.path):
        connection = night.store.connection
        rows = list(named_rows(connection.execute(_LIST_MOVED, bound)))
        ((total,),) = connection.execute(_COUNT_MOVED, bound).fetchall()
    ids = [row["account_id"] for row in rows]
    names = _names(night, ids)
    ranks = {tier.id: rank for rank, tier in enumerate(pack.tiers)}
    moves = (_move(night, pack, row, names, ranks) for row in rows)
    return Cut(tuple(moves), int(total))


def _names(night: Night, ids: Sequence[str]) -> dict[str, str | None]:
    """What accounts are called; those that have gone, by the earlier nights that knew them."""
    known = {"previous": night.previous, "quarter": night.quarter}
    relations = ["decisions", *(name for name, run in known.items() if run is not None)]
    found: dict[str, str | None] = {}
    for relation in relations:
        missing = [one for one in ids if one not in found]
        if missing:
            rows = night.rows(_NAMES.format(relation=relation), ids=missing)
            found |= {row["account_id"]: row["name"] for row in rows}
    return found


def _move(
    night: Night,
    pack: PackPlan,
    row: Mapping[str, Any],
    names: Mapping[str, str | None],
    ranks: Mapping[str, int],
) -> TierMove:
    before, after = row["from_value"], row["to_value"]
    went_up = ranks[after] < ranks[before] if before in ranks and after in ranks else None
    return TierMove(
        on=date.fromisoformat(row["as_of"]),
        account=Account(row["account_id"], names.get(row["account_id"])),
        before=night.tier_title(pack.id, before),
        after=night.tier_title(pack.id, after),
        reason=json.loads(row["evidence"] or "{}").get("reason"),
        went_up=went_up,
    )


# --- value against health ----------------------------------------------------------------


def _scatter(night: Night, pack: PackPlan) -> Scatter | None:
    """The first scorecard against how healthy the account is, if the pack says so somehow."""
    axes = _axes(night, pack)
    if axes is None:
        return None
    x, y = axes
    make = _POINTS.format(x=identifier(x.column), y=identifier(y.column))
    night.connection.execute(make, {"pack": pack.id})
    (counts,) = night.rows(_HOW_MANY)
    total, key = counts["accounts"], counts["key_accounts"] or 0
    if not total:
        return None
    kept = "all" if total <= SPOTS else ("key" if 0 < key <= SPOTS else "cells")
    (bounds,) = night.rows(_BOUNDS, everybody=kept != "key")
    if kept == "cells":
        rows = night.rows(_CELLS, cells=CELLS, **bounds)
    else:
        rows = night.rows(_SPOTS, everybody=kept == "all")
    limits = (bounds["x_low"], bounds["x_high"], bounds["y_low"], bounds["y_high"])
    shown = key if kept == "key" else total
    return Scatter(x, y, tuple(_spot(row) for row in rows), kept, shown, limits)


def _spot(row: Mapping[str, Any]) -> Spot:
    account = account_of(row) if row["account_id"] is not None else None
    return Spot(row["x"], row["y"], row["tier"], account, row["accounts"])


def _axes(night: Night, pack: PackPlan) -> tuple[Measured, Measured] | None:
    """The scorecard of the value (else the first that is not about health) against the one of
    the health; else against the next scorecard, or a growth that the pack measures. What they
    are about is told from their names, which is all that a policy says of it."""
    health = [column for column in pack.scores if "health" in column]
    others = [column for column in pack.scores if column not in health]
    others.sort(key=lambda column: "value" not in column)
    growth = [column for name, column in pack.columns.items() if name.endswith("_growth")]
    growth.sort(key=lambda column: "purchase" not in column)
    columns = [*others[:1], *health[:1], *others[1:2]]
    columns += [column for column in growth if pack.types.get(column) == "ratio"]
    columns = [column for column in columns if night.shows(pack, column)]
    if not pack.scores or len(columns) < 2:
        return None
    return _measured(pack, columns[0]), _measured(pack, columns[1])


def _measured(pack: PackPlan, column: str) -> Measured:
    title = pack.titles.get(column, Title(column, column))
    kind = pack.types.get(column, "number")
    return Measured(column, title, kind if kind in NUMERIC_TYPES else "number")


def key_columns(night: Night, pack: PackPlan) -> Iterator[Measured]:
    """What the revenue of an account may be called, the best first."""
    named = [pack.columns[one] for one in ("revenue_share", "annual_purchase")
             if one in pack.columns]  # fmt: skip
    money = [column for column in pack.columns.values() if pack.types.get(column) == "money"]
    for column in (*named, *money):
        if night.shows(pack, column):
            yield _measured(pack, column)


_COUNTS = """
SELECT tier, count(*) AS accounts FROM {relation}
WHERE pack = $pack AND in_population GROUP BY tier
"""
_MATRIX = """
SELECT before.tier AS before, now.tier AS after, count(*) AS accounts
FROM (SELECT account_id, tier FROM {relation} WHERE pack = $pack AND in_population) AS before
FULL JOIN (SELECT account_id, tier FROM decisions WHERE pack = $pack AND in_population) AS now
    ON now.account_id = before.account_id
GROUP BY ALL ORDER BY ALL
"""
_MOVED = """
FROM decision_log_lines
WHERE pack = :pack AND run_no <= :run_no AND as_of > :since
  AND kind IN ('tier_moved', 'account_left')
"""
_COUNT_MOVED = f"SELECT count(*) {_MOVED}"
_LIST_MOVED = f"""
SELECT as_of, account_id, kind, from_value, to_value, evidence {_MOVED}
ORDER BY seq DESC LIMIT :limit
"""
_NAMES = """
SELECT account_id, any_value(name) AS name FROM {relation}
WHERE list_contains($ids, account_id) GROUP BY account_id
"""
_POINTS = """
CREATE OR REPLACE TEMP TABLE points AS
SELECT d.account_no, d.account_id, d.name, d.tier, ranks.rank, ranks.is_key,
    facts.{x}::DOUBLE AS x, facts.{y}::DOUBLE AS y
FROM (FROM decisions WHERE pack = $pack AND in_population) AS d
JOIN (FROM facts WHERE {x} IS NOT NULL AND {y} IS NOT NULL) AS facts
    ON facts.account_no = d.account_no
JOIN ranks ON ranks.pack = d.pack AND ranks.tier = d.tier
"""
_HOW_MANY = "SELECT count(*) AS accounts, count(*) FILTER (is_key) AS key_accounts FROM points"
_BOUNDS = """
SELECT quantile_cont(x, 0.01) AS x_low, quantile_cont(x, 0.99) AS x_high,
    quantile_cont(y, 0.01) AS y_low, quantile_cont(y, 0.99) AS y_high
FROM points WHERE is_key OR $everybody
"""
_SPOTS = """
SELECT x, y, tier, account_id, name, 1 AS accounts FROM points WHERE is_key OR $everybody
ORDER BY rank DESC, account_no
"""
_CELLS = """
WITH placed AS (
    SELECT x, y, tier, rank,
        floor((least(greatest(x, $x_low), $x_high) - $x_low)
            / nullif($x_high - $x_low, 0) * $cells) AS x_cell,
        floor((least(greatest(y, $y_low), $y_high) - $y_low)
            / nullif($y_high - $y_low, 0) * $cells) AS y_cell
    FROM points
)
SELECT round(avg(x), 6) AS x, round(avg(y), 6) AS y, tier, NULL AS account_id, NULL AS name,
    count(*)::INTEGER AS accounts
FROM placed GROUP BY x_cell, y_cell, tier, rank ORDER BY rank DESC, x_cell, y_cell
"""
