"""What the files say becomes the model, element by element."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.errors import KamError, Location
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.model import (
    AllOf,
    AnyOf,
    Escalation,
    MeasureRef,
    NoneOf,
    ParameterRef,
    Period,
    Policy,
    Quantity,
    Test,
    Title,
)
from tests.language.broken_files import HEAD


def load(**files: str) -> Policy:
    texts = {f"pack/{name}.yaml": text.encode() for name, text in files.items()}
    texts.setdefault("pack/pack.yaml", HEAD)
    return load_pack("pack", KeptTexts(texts))


def refusals(**files: str) -> list[str]:
    with pytest.raises(KamError) as caught:
        load(**files)
    return [f"{problem.location}: {problem.code}" for problem in caught.value.problems]


def at(line: int, column: int) -> Location:
    return Location("pack/x.yaml", line, column)


# --- conditions ----------------------------------------------------------------------------


def condition(text: str) -> object:
    policy = load(x=f"measures:\n  m: {{type: integer, count: issues, where: {text}}}\n")
    aggregate = policy.measures["m"].aggregate
    assert aggregate is not None
    return aggregate.where


def test_bare_value_means_eq() -> None:
    assert condition("{class: complaint}") == Test(
        "class", "eq", (Quantity("complaint", "complaint", at(2, 52)),), at(2, 45)
    )


def test_operators_keep_their_operands_in_order() -> None:
    assert condition("{share: {between: [8%, $most]}}") == Test(
        "share",
        "between",
        (
            Quantity(Decimal("0.08"), "8%", at(2, 63), "ratio"),
            ParameterRef("most", at(2, 67)),
        ),
        at(2, 45),
    )


def test_reference_to_another_measure_is_an_operand() -> None:
    other = (MeasureRef("b", at(2, 63)),)
    assert condition("{a: {gt: {measure: b}}}") == Test("a", "gt", other, at(2, 45))
    other = (MeasureRef("b", at(2, 58)),)
    assert condition("{a: {measure: b}}") == Test("a", "eq", other, at(2, 45))


def test_several_operators_and_subjects_mean_all_of_them() -> None:
    found = condition("{a: {gt: 1, lt: 5}, b: true}")
    assert isinstance(found, AllOf)
    assert [(part.subject, part.operator) for part in found.parts if isinstance(part, Test)] == [
        ("a", "gt"),
        ("a", "lt"),
        ("b", "eq"),
    ]


def test_groups_nest() -> None:
    found = condition("{any: [{a: 1}, {none: [{b: 2}, {c: 3, d: 4}]}]}")
    assert isinstance(found, AnyOf)
    none = found.parts[1]
    assert isinstance(none, NoneOf)
    assert isinstance(none.parts[1], AllOf)
    assert none.location == at(2, 60)


def test_group_beside_a_subject_is_one_of_the_conjunction() -> None:
    found = condition("{a: 1, any: [{b: 2}, {c: 3}]}")
    assert isinstance(found, AllOf)
    assert [type(part) for part in found.parts] == [Test, AnyOf]


def test_missing_and_top_take_their_own_operands() -> None:
    found = condition("{a: {missing: false}, b: {top: 5%}, c: {in: [x, '1']}}")
    assert isinstance(found, AllOf)
    values = [
        operand.value
        for part in found.parts
        if isinstance(part, Test)
        for operand in part.operands
        if isinstance(operand, Quantity)
    ]
    assert values == [False, Decimal("0.05"), "x", "1"]


def test_condition_as_deep_as_the_text_may_be_is_read() -> None:
    levels = 28
    text = "{any: [" * levels + "{a: 1}" + "]}" * levels
    found = condition(text)
    for _ in range(levels):
        assert isinstance(found, AnyOf)
        (found,) = found.parts
    assert isinstance(found, Test)


def test_mistake_as_deep_as_the_text_may_be_is_reported() -> None:
    text = "{any: [" * 28 + "{a: {gtt: 1}}" + "]}" * 28
    line = f"  m: {{type: integer, count: issues, where: {text}}}\n"
    place = f"pack/x.yaml:2:{line.index('gtt') + 1}"
    assert refusals(x=f"measures:\n{line}") == [f"{place}: unknown-operator"]


# --- measures and scorecards ---------------------------------------------------------------


def test_aggregate_is_read_with_its_window() -> None:
    policy = load(
        x="measures:\n  m:\n    type: ratio\n    share_of_largest: orders.amount\n    by: project\n"
        "    window: 365 days\n    ending: 90 days ago\n    at_least: 3\n"
    )
    aggregate = policy.measures["m"].aggregate
    assert aggregate is not None
    assert (aggregate.function, aggregate.record, aggregate.column, aggregate.by) == (
        "share_of_largest", "orders", "amount", "project",
    )  # fmt: skip
    assert (aggregate.window_days, aggregate.ending_days, aggregate.minimum_records) == (365, 90, 3)


def test_aggregate_without_a_window_has_none() -> None:
    policy = load(x="measures:\n  m: {type: integer, count: issues}\n")
    aggregate = policy.measures["m"].aggregate
    assert aggregate is not None
    assert (aggregate.column, aggregate.window_days, aggregate.ending_days) == (None, None, 0)
    assert (aggregate.minimum_records, aggregate.where) == (0, None)


def test_measure_is_located_at_its_key() -> None:
    measure = load(x="measures:\n  m: {type: ratio, formula: a / b, source: D1}\n").measures["m"]
    assert measure.location == at(2, 3)
    assert measure.source == ("D1",)
    assert measure.formula is not None
    assert [found.location.column for found in measure.formula.names] == [29, 33]


def test_formula_may_be_a_bare_number() -> None:
    formula = load(x="measures:\n  m: {type: number, formula: 0.5}\n").measures["m"].formula
    assert formula is not None
    assert formula.text == "0.5"


SCORECARD = """\
scorecards:
  s:
    title: {zh: x, en: x}
    missing: zero
    criteria:
      a: {weight: 33.3, measure: m, points: [[0%, 0], [20%, 100]]}
      b:
        weight: 66.7
        criteria:
          c: {weight: 60, measure: rating, points: {D: 0, A: 100}}
          d: {weight: 6.7, measure: joint, points: {true: 100, false: 0}}
"""


def test_scorecard_is_read_with_curves_and_tables() -> None:
    card = load(x=SCORECARD).scorecards["s"]
    a, b = card.criteria
    assert card.missing == "zero"
    assert (a.weight, a.measure) == (Decimal("33.3"), "m")
    assert [(knot.value, points) for knot, points in a.curve] == [(0, 0), (Decimal("0.2"), 100)]
    assert b.measure is None
    assert b.parts[0].table == (("D", 0), ("A", 100))
    assert b.parts[1].table == (("true", 100), ("false", 0))


@pytest.mark.parametrize(("weight", "adds_up"), [("66.6", False), ("66.7", True), ("66.8", False)])
def test_weights_add_up_exactly(weight: str, adds_up: bool) -> None:
    text = SCORECARD.replace("weight: 66.7", f"weight: {weight}")
    text = text.replace("weight: 60,", f"weight: {Decimal(weight) - Decimal('6.7')},")
    if adds_up:
        assert load(x=text).scorecards
    else:
        assert refusals(x=text) == ["pack/x.yaml:2:3: weights-do-not-add-up"]


# --- tiers and rules -----------------------------------------------------------------------

TIERS = """\
tiers:
  population: {status: active}
  review: {every: quarter}
  demotion: {after: 2 reviews, steps: 1}
  levels:
    strategic: {title: {zh: 战略级, en: Strategic}, source: [D21, D22], when: {share: {gt: 20%}}}
    core: {title: {zh: 核心级, en: Core}, when: {share: {gte: 8%}}}
  default: {id: standard, title: {zh: 一般客户, en: Standard}}
"""


def test_tiers_are_read_best_first() -> None:
    tiers = load(x=TIERS).tiers
    assert tiers is not None
    assert [tier.id for tier in tiers.levels] == ["strategic", "core"]
    assert tiers.levels[0].title == Title("战略级", "Strategic")
    assert tiers.levels[0].source == ("D21", "D22")
    assert tiers.levels[0].location == at(6, 5)
    assert (tiers.default.id, tiers.default.when) == ("standard", None)
    assert tiers.review == "quarter"
    assert tiers.demotion is not None
    assert tiers.demotion.after == Period(2, "review", "2 reviews")
    assert isinstance(tiers.population, Test)


def test_tiers_stand_in_one_file_only() -> None:
    assert refusals(x=TIERS, y=TIERS) == ["pack/y.yaml:1:1: duplicate-section"]


def entitlement(text: str) -> dict[str, object]:
    policy = load(x="entitlements:\n  e:\n    title: {zh: x, en: x}\n    tiers: [core]\n" + text)
    return dict(policy.entitlements["e"].terms)


def test_entitlement_has_the_terms_of_its_kind() -> None:
    assert entitlement("    kind: channel\n    owner: sponsor\n") == {"owner": "sponsor"}
    assert entitlement("    kind: priority\n    rank: 2\n") == {"rank": 2}
    assert entitlement("    kind: budget\n    needs_approval_by: ceo\n") == {
        "needs_approval_by": "ceo"
    }


def test_pricing_has_a_schedule_of_quantities() -> None:
    terms = entitlement("    kind: pricing\n    measure: m\n    schedule: [[0, 0%], [500万, 1%]]\n")
    schedule = terms["schedule"]
    assert isinstance(schedule, tuple)
    assert [(bound.value, rate.value) for bound, rate in schedule] == [
        (0, 0),
        (5_000_000, Decimal("0.01")),
    ]


def test_cadence_has_its_period_and_records() -> None:
    terms = entitlement(
        "    kind: cadence\n    every: 2 weeks\n    at_most: 3\n    remind: 5 workdays before\n"
        "    met_by: {records: contacts, where: {kind: visit}}\n"
    )
    assert terms["every"] == Period(2, "week", "2 weeks")
    assert (terms["at_least"], terms["at_most"], terms["records"]) == (1, 3, "contacts")
    assert terms["remind"] == Period(5, "workday", "5 workdays")
    assert isinstance(terms["where"], Test)


def test_response_has_its_limit_and_clock() -> None:
    terms = entitlement(
        "    kind: response\n    records: issues\n    from: opened_at\n    to: replied_at\n"
        "    within: 1 hour\n"
    )
    assert terms["within"] == Period(1, "hour", "1 hour")
    assert (terms["from"], terms["to"], terms["clock"]) == ("opened_at", "replied_at", "calendar")
    assert terms["where"] is None


def test_team_has_people_by_role() -> None:
    terms = entitlement(
        "    kind: team\n    roles: {manager: {at_least: 2, where: {years: {gte: 5}}}}\n"
    )
    roles = terms["roles"]
    assert isinstance(roles, dict)
    count, where = roles["manager"]
    assert count == 2
    assert isinstance(where, Test)


WARNING = """\
warnings:
  w:
    title: {zh: x, en: x}
    levels:
      yellow: {when: {a: {gt: 1}}}
      red: {when: {a: {gt: 5}}}
      blue: {when: {a: {gt: 0}}}
    for: 1 night
    escalate: {after: 3 workdays, to: sponsor}
"""


def test_warning_levels_are_worst_first_however_they_are_written() -> None:
    warning = load(x=WARNING).warnings["w"]
    assert [level.level for level in warning.levels] == ["red", "yellow", "blue"]
    assert (warning.layer, warning.actions) == ("data", {})
    assert warning.pending_for == Period(1, "night", "1 night")
    assert warning.escalate == Escalation(Period(3, "workday", "3 workdays"), "sponsor")


def test_warning_action_is_that_of_every_level_or_by_level() -> None:
    assert load(x=WARNING + "    action: call\n").warnings["w"].actions == {
        "yellow": "call",
        "red": "call",
        "blue": "call",
    }
    by_level = load(x=WARNING + "    action: {red: visit}\n").warnings["w"].actions
    assert by_level == {"red": "visit"}


def test_milestone_and_action_have_defaults() -> None:
    policy = load(
        x="milestones:\n  grow: {title: {zh: x, en: x}, when: {a: 1}}\n"
        "actions:\n  call: {title: {zh: x, en: x}, owner: office, text: {zh: '{name}', en: x}}\n"
    )
    milestone, action = policy.milestones["grow"], policy.actions["call"]
    assert (milestone.effect, milestone.hold, milestone.to_tier) == ("report", None, None)
    assert (action.priority, action.due, action.text.zh) == ("normal", None, "{name}")


# --- parameters, vocabulary, head ------------------------------------------------------------


def test_parameter_values_are_sorted_by_date() -> None:
    policy = load(
        x="parameters:\n  p: {values: {2026-01-01: 500万, 2025-01-01: 400}}\n"
        "  q: {value: 45 days}\n"
    )
    values = [(day, value.value) for day, value in policy.parameters["p"].values]
    assert values == [(date(2025, 1, 1), 400), (date(2026, 1, 1), 5_000_000)]
    ((first, threshold),) = policy.parameters["q"].values
    assert (first, threshold.value, threshold.unit) == (date.min, 45, "days")


VOCABULARY = """\
vocabulary:
  accounts:
    rating: {type: ordinal, values: [D, C], class: personal}
    share: {type: ratio, range: [0, 1]}
    name: text
  records:
    orders:
      time: day
      columns: {day: date, amount: money, late: {type: boolean, formula: day < as_of}}
"""


def test_vocabulary_is_read_with_its_details() -> None:
    vocabulary = load(x=VOCABULARY).vocabulary
    rating, share, name = vocabulary.accounts.values()
    assert (rating.values, rating.classification) == (("D", "C"), "personal")
    assert (share.range, share.classification) == ((0, 1), "internal")
    assert (name.type, name.formula, name.location) == ("text", None, at(5, 5))
    orders = vocabulary.records["orders"]
    assert orders.time == "day"
    late = orders.columns["late"].formula
    assert late is not None
    assert [found.name for found in late.names] == ["day"]


def test_second_file_may_add_columns_to_a_record_table() -> None:
    more = "vocabulary:\n  records:\n    orders: {columns: {project: text}}\n"
    orders = load(x=VOCABULARY, y=more).vocabulary.records["orders"]
    assert list(orders.columns) == ["day", "amount", "late", "project"]
    assert orders.time == "day"


def test_second_file_may_not_change_a_record_table() -> None:
    more = "vocabulary:\n  records:\n    orders: {time: other, columns: {amount: text}}\n"
    assert refusals(x=VOCABULARY, y=more) == [
        "pack/y.yaml:3:5: duplicate-id",
        "pack/y.yaml:3:37: duplicate-id",
    ]


def test_duplicate_id_names_the_first_place() -> None:
    one = "measures:\n  m: {type: money, sum: orders.amount}\n"
    with pytest.raises(KamError, match=r"the measure 'm' is already at pack/x.yaml:2:3"):
        load(x=one, y=one)


def test_excuse_of_a_clause_is_given_once() -> None:
    text = "not_implemented: {D1: x}\nengine_features: {D1: y}\n"
    assert refusals(x=text) == ["pack/x.yaml:2:19: duplicate-id"]
