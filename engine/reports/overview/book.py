"""The book as a whole: concentration, customer managers, and how good the facts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.audit.privacy import STAFF
from engine.facts.sql import identifier
from engine.model import Title
from engine.plan.steps import PackPlan, ScopePlan
from engine.reports.overview.model import (
    Concentration,
    Cut,
    Managers,
    Measured,
    Quality,
    ScopeValue,
    SourceRow,
    UnknownRule,
)
from engine.reports.overview.night import Night, account_of, earlier_scopes
from engine.reports.overview.tiers import key_columns

CURVE = 200
"""Points of a Pareto curve, about."""
MANAGERS = 20
UNKNOWNS = 10
FEW = 20


# --- concentration -----------------------------------------------------------------------


def concentration(night: Night) -> Concentration | None:
    """How much of the revenue lies with how few; None if no pack measures it."""
    for pack in night.plan.packs:
        for measure in key_columns(night, pack):
            found = _concentration(night, pack, measure)
            if found is not None:
                return found
    return None


def _concentration(night: Night, pack: PackPlan, measure: Measured) -> Concentration | None:
    column = identifier(measure.column)
    night.connection.execute(_RANKED.format(column=column), {"pack": pack.id})
    (row,) = night.rows(_CONCENTRATION)
    if not row["accounts"]:
        return None
    step = max(1, row["accounts"] // CURVE)
    curve = [(point["x"], point["y"]) for point in night.rows(_CURVE, step=step)]
    (largest,) = night.rows(_LARGEST)
    shares = []
    for one in night.plan.packs:
        (key,) = night.rows(_KEY_SHARE, pack=one.id)
        if one.tiers:
            shares.append((one.title, key["share"] or 0.0, key["accounts"]))
    return Concentration(
        measure=measure,
        accounts=row["accounts"],
        largest=largest["share"],
        largest_account=account_of(largest),
        top_five=row["top_five"],
        top_fifth=row["top_fifth"],
        index=row["hhi"],
        for_four_fifths=row["for_four_fifths"],
        curve=((0.0, 0.0), *curve),
        key_shares=tuple(shares),
    )


# --- scopes ------------------------------------------------------------------------------


def portfolio(night: Night) -> tuple[ScopeValue, ...]:
    """The measures of the whole book that the run kept, and what they were a quarter ago."""
    before = earlier_scopes(night.quarter)
    return tuple(
        ScopeValue(
            night.pack_title(scope.pack_id),
            measure.title,
            measure.type,
            value,
            before.get(scope.pack_id, {}).get("portfolio", {}).get("portfolio", {}).get(name),
        )
        for scope, entities in _kept(night, "portfolio")
        for name, measure in _measures(night, scope)
        if (value := entities.get("portfolio", {}).get(name)) is not None
    )


def managers(night: Night) -> tuple[Managers, ...]:
    """A table per pack that measures customer managers; the best rank first, where there is one."""
    if not night.reader.may_read(STAFF):
        return ()
    return tuple(_managers(night, scope, people) for scope, people in _kept(night, MANAGER))


MANAGER = "customer_manager"


def _managers(night: Night, scope: ScopePlan, people: Mapping[str, Any]) -> Managers:
    measures = [
        (name, measure)
        for name, measure in _measures(night, scope)
        if any(values.get(name) is not None for values in people.values())
        and len({values.get(name) for values in people.values()} | {None}) > 2
    ]
    ranks = [name for name, _ in measures if "rank" in name]
    counts = [name for name, _ in measures if name.startswith("accounts")]
    first = [*ranks, *counts]
    measures.sort(key=lambda one: first.index(one[0]) if one[0] in first else len(first))

    def order(entry: tuple[str, Mapping[str, Any]]) -> tuple[bool, float, float, str]:
        person, values = entry
        rank = values.get(ranks[0]) if ranks else None
        size = values.get(counts[0]) if counts else None
        return (rank is None, rank or 0.0, -(size or 0.0), person)

    listed = sorted(people.items(), key=order)
    rows = tuple(
        (person, tuple(values.get(name) for name, _ in measures))
        for person, values in listed[:MANAGERS]
    )
    titles = tuple(measure for _, measure in measures)
    return Managers(night.pack_title(scope.pack_id), titles, Cut(rows, len(listed)))


def _kept(night: Night, wanted: str) -> Iterator[tuple[ScopePlan, Mapping[str, Any]]]:
    kept = night.manifest.get("scopes", {})
    for scope in night.plan.scopes:
        entities = kept.get(scope.pack_id, {}).get(wanted, {})
        if scope.scope == wanted and entities:
            yield scope, entities


def _measures(night: Night, scope: ScopePlan) -> Iterator[tuple[str, Measured]]:
    (pack,) = scope.plan.packs
    for name, column in pack.columns.items():
        if night.shows(pack, column):
            kind = pack.types.get(column, "number")
            yield name, Measured(column, pack.titles.get(column, Title(name, name)), kind)


# --- the facts ---------------------------------------------------------------------------


def quality(night: Night) -> Quality:
    """Rows read, used and rejected; rules that could not be judged; accounts that could not."""
    sources = tuple(
        SourceRow(
            one["name"], one["file"], one["rows_read"], one["rows_used"], one["rows_quarantined"]
        )
        for one in night.manifest["sources"]
    )
    unknowns = sorted(
        (
            (count, pack, rule)
            for pack, counts in night.run.counts["packs"].items()
            for rule, count in counts["unknown_rules"].items()
        ),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    rows = tuple(_unknown(night, *one) for one in unknowns[:UNKNOWNS])
    aside = night.rows(f"{_SET_ASIDE} ORDER BY account_id LIMIT $limit", limit=FEW)
    total = night.count(_SET_ASIDE)
    return Quality(
        sources, Cut(rows, len(unknowns)), Cut(tuple(account_of(row) for row in aside), total)
    )


def _unknown(night: Night, count: int, pack: str, rule: str) -> UnknownRule:
    kind, _, name = rule.partition(":")
    title = None if kind == "pack" else night.rule_title(pack, kind, name)
    return UnknownRule(night.pack_title(pack), kind, title, count)


_RANKED = """
CREATE OR REPLACE TEMP TABLE ranked AS
SELECT d.account_id, d.name, facts.value,
    row_number() OVER biggest AS place,
    sum(facts.value) OVER (biggest ROWS UNBOUNDED PRECEDING) AS running,
    sum(facts.value) OVER () AS total,
    count(*) OVER () AS accounts
FROM (SELECT account_no, account_id, name FROM decisions WHERE pack = $pack AND in_population) AS d
JOIN (SELECT account_no, {column}::DOUBLE AS value FROM facts WHERE {column} > 0) AS facts
    ON facts.account_no = d.account_no
WINDOW biggest AS (ORDER BY facts.value DESC, d.account_no)
"""
_CONCENTRATION = """
SELECT count(*)::INTEGER AS accounts,
    round(sum(value / total) FILTER (place <= 5), 6) AS top_five,
    round(sum(value / total) FILTER (place <= ceil(accounts * 0.2)), 6) AS top_fifth,
    round(sum((value / total) * (value / total)), 6) AS hhi,
    min(place) FILTER (running >= 0.8 * total)::INTEGER AS for_four_fifths
FROM ranked
"""
_LARGEST = """
SELECT account_id, name, round(value / total, 6) AS share FROM ranked WHERE place = 1
"""
_CURVE = """
SELECT round(place / accounts, 4) AS x, round(running / total, 4) AS y FROM ranked
WHERE place <= 20 OR place % $step = 0 OR place = accounts ORDER BY place
"""
_KEY_SHARE = """
SELECT round(sum(ranked.value / ranked.total), 6) AS share, count(*)::INTEGER AS accounts
FROM (SELECT account_id FROM decisions JOIN ranks USING (pack, tier)
    WHERE pack = $pack AND in_population AND is_key) AS d
LEFT JOIN ranked USING (account_id)
"""
_SET_ASIDE = """
SELECT account_id, any_value(name) AS name FROM decisions
WHERE account_no IS NULL GROUP BY account_id
"""
