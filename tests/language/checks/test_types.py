"""Units, scales, lists of values and types that do not go together."""

from __future__ import annotations

import pytest

from tests.language.checks.packs import Broken, spoilt

NO_KEY_AMOUNT = (("  key_amount: {values: {2025-01-01: 400万, 2027-01-01: 500万}}\n", ""),)
COST = "cost: {type: money, sum: orders.cost, window: 365 days}"
POINTS = "measure: share, points: [[0%, 0], [20%, 100]]"
TABLE = "measure: credit_rating, points: {C: 0, B: 50, A: 100}"

CONDITIONS = [
    Broken(
        "unit-mismatch",
        "purchase: {gte: $key_amount}",
        "purchase: {gte: §20%}",
        "write an amount such as 500万",
        also=NO_KEY_AMOUNT,
    ),
    Broken(
        "unit-mismatch",
        "purchase: {gte: $key_amount}",
        "purchase: {gte: §$silent_days}",
        "write an amount such as 500万",
        also=NO_KEY_AMOUNT,
    ),
    Broken("unit-mismatch", "growth: {gte: 30%}", "growth: {gte: §30}", "write 30%, or 3000%"),
    Broken("unit-mismatch", "growth: {gte: 30%}", "growth: {gte: §2}", "write 2%, or 200%"),
    Broken("unit-mismatch", "growth: {gte: 30%}", "growth: {gte: §30 days}", "a percentage"),
    Broken("unit-mismatch", "value_score: {top: 30%}", "value_score: {top: §30}", "such as 5%"),
    Broken("unit-mismatch", "value_score: {top: 30%}", "value_score: {top: §101%}", "such as 5%"),
    Broken("unit-mismatch", "lines: {gte: 3}", "lines: {gte: {measure: §purchase}}", "of one kind"),
    Broken("scale-mismatch", "satisfaction: {lt: 80}", "satisfaction: {lte: §101}", "0 to 100"),
    Broken(
        "scale-mismatch",
        "promoters: {lt: -20}",
        "promoters: {lt: {measure: §satisfaction}}",
        "compare values of one kind",
    ),
    Broken("type-mismatch", "lines: {gte: 3}", "lines: {gte: §three}", "write a whole number"),
    Broken("type-mismatch", "status: active", "status: §true", "prospect, active, closed"),
    Broken("type-mismatch", "status: active", "is_listed: §listed", "write true or false"),
    Broken("type-mismatch", "status: active", "name: §5", "put it in quotes: '5'"),
    Broken("type-mismatch", "status: active", "since: {gt: §5}", "write a date"),
    Broken("type-mismatch", "status: active", "name: {ne: {measure: §since}}", "of one kind"),
    Broken("unknown-value", "status: active", "status: §actve", "did you mean 'active'?"),
    Broken("unknown-value", "{class: complaint}", "{class: §complain}", "'complaint'"),
    Broken("unknown-value", "status: active", "credit_rating: {gte: §AA}", "did you mean 'A'?"),
    Broken("unknown-value", "{promoters: {lt: -20}}", "{stage: §stabel}", "did you mean 'stable'?"),
    Broken("operator-mismatch", "status: active", "§status: {gt: active}", "eq, ne, in, not_in"),
    Broken("operator-mismatch", "status: active", "§name: {gt: b}", "eq, ne, in, not_in"),
    Broken(
        "operator-mismatch", "{years: {gte: 5}}", "{§years: {top: 5%}}", "compare with a threshold"
    ),
]

MEASURES = [
    Broken("unit-mismatch", COST, "§" + COST.replace("money", "ratio"), "declare 'type: money'"),
    Broken("type-mismatch", COST, COST.replace("sum: orders.cost", "§sum: orders.line"), "count"),
    Broken(
        "type-mismatch",
        COST,
        "cost: {type: date, §avg: orders.ordered_on}",
        "count or count_distinct do",
    ),
    Broken("type-mismatch", COST, "§cost: {type: money, max: orders.ordered_on}", "type: date"),
    Broken("type-mismatch", COST, "cost: {type: text, §min: orders.line}", "latest or earliest"),
    Broken(
        "scale-mismatch",
        "promoters: {type: nps, nps: surveys.recommendation}",
        "promoters: {type: nps, §nps: surveys.satisfaction}",
        "use avg or latest",
    ),
    Broken(
        "scale-mismatch",
        "promoters: {type: nps,",
        "§promoters: {type: score,",
        "declare 'type: nps'",
        also=(("promoters: {lt: -20}", "promoters: {lt: 20}"),),
    ),
    Broken(
        "record-without-time",
        COST,
        "cost: {type: number, §latest: assignments.years}",
        "name the dating column",
    ),
    Broken(
        "record-without-time",
        COST,
        "cost: {type: number, §avg: assignments.years, window: 1 days}",
        "name the dating column",
    ),
]

FORMULAS = [
    Broken("unit-mismatch", COST, "cost: {type: money, formula: §purchase + growth}"),
    Broken("unit-mismatch", COST, "cost: {type: money, formula: §lines + purchase}"),
    Broken("unit-mismatch", COST, "cost: {type: money, formula: §purchase / purchase}", "ratio"),
    Broken("unit-mismatch", COST, "cost: {type: boolean, formula: §purchase > share}"),
    Broken("unit-mismatch", COST, "cost: {type: money, formula: 'coalesce(§purchase, growth)'}"),
    Broken("unit-mismatch", COST, "cost: {type: boolean, formula: §purchase > $silent_days}"),
    Broken("scale-mismatch", COST, "cost: {type: number, formula: §satisfaction - promoters}"),
    Broken("type-mismatch", COST, "cost: {type: number, formula: §name * 2}"),
    Broken("type-mismatch", COST, "cost: {type: boolean, formula: §purchase and is_listed}"),
    Broken("type-mismatch", COST, "cost: {type: number, formula: 'total(§since)'}"),
    Broken("type-mismatch", COST, "cost: {type: number, formula: 'group_total(§since, name)'}"),
    Broken(
        "type-mismatch",
        COST,
        "cost: {type: money, formula: 'group_total(purchase, §since)'}",
        "known are: name, status",
    ),
    Broken(
        "unknown-column",
        COST,
        "cost: {type: money, formula: 'group_total(purchase, §statu)'}",
        "did you mean 'status'?",
    ),
    Broken(
        "unknown-column",
        COST,
        "cost: {type: money, formula: 'group_total(purchase, §stage)'}",
        "known are: name, status",
    ),
    Broken(
        "unit-mismatch",
        COST,
        "cost: {type: ratio, formula: '§group_total(purchase, name)'}",
        "declare 'type: money'",
    ),
    Broken("type-mismatch", COST, "cost: {type: date, formula: §since + as_of}"),
    Broken("type-mismatch", COST, "cost: {type: date, formula: §as_of - since}", "type: days"),
    Broken(
        "type-mismatch", COST, "cost: {type: number, formula: case when §lines then 1 else 0 end}"
    ),
    Broken(
        "unit-mismatch", "{type: money, formula: amount - cost}",
        "{type: ratio, formula: §amount - cost}", "declare 'type: money'",
    ),
]  # fmt: skip

POINTS_AND_PRICES = [
    Broken("unit-mismatch", POINTS, POINTS.replace("20%", "§20 days"), "write a percentage"),
    Broken("unit-mismatch", "[500万, 1%]", "[§30 days, 1%]", "write an amount"),
    Broken("unit-mismatch", "[500万, 1%]", "[500万, §5万]", "write a percentage"),
    Broken("unit-mismatch", "[500万, 1%]", "[500万, §5]", "write 5%"),
    Broken(
        "scale-mismatch",
        POINTS,
        "measure: promoters, points: [[§-101, 0], [100, 100]]",
        "-100 to 100",
    ),
    Broken(
        "scale-mismatch",
        POINTS,
        "measure: satisfaction, points: [[0, 0], [§101, 100]]",
        "0 to 100",
    ),
    Broken("type-mismatch", "rating: {weight: 40, " + TABLE,
           "§rating: {weight: 40, measure: credit_rating, points: [[0, 0], [1, 100]]", "by value"),
    Broken("type-mismatch", "amount: {weight: 60, " + POINTS,
           "§amount: {weight: 60, measure: share, points: {A: 0}", "write a curve"),
    Broken("incomplete-points", "rating: {weight: 40, " + TABLE,
           "§rating: {weight: 40, measure: credit_rating, points: {C: 0, A: 100}", "missing"),
    Broken("unknown-value", "rating: {weight: 40, " + TABLE,
           "§rating: {weight: 40, " + TABLE.replace("A: 100", "A: 100, AA: 9"), "mean 'A'?"),
    Broken("incomplete-points", "rating: {weight: 40, " + TABLE,
           "§rating: {weight: 40, measure: is_listed, points: {true: 100}", "missing"),
]  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [*CONDITIONS, *MEASURES, *FORMULAS, *POINTS_AND_PRICES],
    ids=lambda broken: broken.new.strip(),
)
def test_mismatch_is_reported_where_it_stands(broken: Broken) -> None:
    broken.assert_found()


ACCEPTED = [
    ("growth: {gte: 30%}", "growth: {gte: 1.99}"),
    ("growth: {gte: 30%}", "growth: {gte: 200%}"),
    ("satisfaction: {lt: 80}", "satisfaction: {lt: 100}"),
    ("promoters: {lt: -20}", "promoters: {lte: -100}"),
    ("value_score: {top: 30%}", "value_score: {top: 0.3}"),
    ("lines: {gte: 3}", "lines: {gte: 1万}"),
    ("status: active", "since: {gte: 2020-01-01}"),
    ("status: active", "credit_rating: {gte: B}"),
    ("status: active", "name: {in: [甲, 乙]}"),
    ("status: active", "name: {missing: false}"),
    (COST, "cost: {type: number, sum: orders.cost}"),
    (COST, "cost: {type: money, formula: purchase * share / 12}"),
    (COST, "cost: {type: score, formula: share * 100}"),
    (COST, "cost: {type: days, formula: purchase / purchase_prior * 365}"),
    (COST, "cost: {type: integer, formula: as_of - since}"),
    (COST, "cost: {type: date, formula: since + 30}"),
    (COST, "cost: {type: ratio, formula: lines / complaints}"),
    (COST, "cost: {type: money, formula: 'coalesce(purchase, 0)'}"),
    (COST, "cost: {type: boolean, formula: status = 'active'}"),
    (COST, "cost: {type: integer, formula: rank(purchase)}"),
    (COST, "cost: {type: enum, formula: case when share > 20% then 'a' else 'b' end}"),
    (TABLE, "measure: is_listed, points: {true: 100, false: 0}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), ACCEPTED, ids=[new.strip() for _, new in ACCEPTED])
def test_what_goes_together_is_accepted(old: str, new: str) -> None:
    assert [str(problem) for problem in spoilt(old, new).problems()] == []


def test_every_dated_value_of_a_parameter_is_checked() -> None:
    levels = "values: {2025-01-01: 80, 2027-01-01: 101}"
    parameter = ("  silent_days: {", f"  low: {{{levels}}}\n  silent_days: {{")
    case = spoilt("satisfaction: {lt: 80}", "satisfaction: {lt: §$low}", also=(parameter,))
    found = case.only()
    assert (found.code, found.location) == ("scale-mismatch", case.place)
    assert "$low = '101'" in found.message
