"""What a workspace maps against what its packs need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import Location, Problem
from engine.language.checks.workspace import check_workspace
from engine.model import Column, Policy, RecordType, ValueType, Vocabulary
from tests.language.checks.packs import load, spoilt

FACTS = Location("facts.yaml", 5, 5)


def column(name: str, kind: ValueType, *values: str) -> Column:
    return Column(name, kind, None, values, None, "internal", None, FACTS)


def mapped(policy: Policy) -> Vocabulary:
    """Everything that the pack knows, as a workspace that maps all of it would have it."""
    vocabulary = policy.vocabulary
    records = {
        name: replace(
            record,
            columns={key: one for key, one in record.columns.items() if one.formula is None},
        )
        for name, record in vocabulary.records.items()
    }
    return Vocabulary(dict(vocabulary.accounts), records)


def without(vocabulary: Vocabulary, record: str, name: str | None = None) -> Vocabulary:
    records = dict(vocabulary.records)
    if name is None:
        del records[record]
    else:
        kept = {key: one for key, one in records[record].columns.items() if key != name}
        records[record] = replace(records[record], columns=kept)
    return Vocabulary(vocabulary.accounts, records)


def with_account(vocabulary: Vocabulary, one: Column) -> Vocabulary:
    return Vocabulary({**vocabulary.accounts, one.name: one}, vocabulary.records)


def only(policy: Policy, vocabulary: Vocabulary) -> Problem:
    found = check_workspace([policy], vocabulary)
    assert len(found) == 1, "\n".join(str(problem) for problem in found)
    return found[0]


def test_workspace_that_maps_everything_has_no_problems() -> None:
    policy = load()
    assert check_workspace([policy], mapped(policy)) == ()


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        (column("since", "datetime"), "type-disagreement", "write 'type: date'"),
        (column("since", "text"), "type-disagreement", "write 'type: date'"),
        (column("is_listed", "text"), "type-disagreement", "write 'type: boolean'"),
        (column("status", "enum", "active", "closd"), "unknown-value", "did you mean 'closed'?"),
        (column("credit_rating", "ordinal", "A", "B", "C"), "type-disagreement", "C, B, A"),
    ],
)
def test_types_that_disagree_are_errors_in_the_facts(given: Column, code: str, hint: str) -> None:
    policy = load()
    found = only(policy, with_account(mapped(policy), given))
    assert (found.code, found.location, found.severity) == (code, FACTS, "error")
    assert hint in (found.hint or "")


@pytest.mark.parametrize(
    "given",
    [
        column("name", "enum", "x", "y"),
        column("status", "enum", "active"),
        column("credit_rating", "ordinal", "C", "A"),
    ],
)
def test_narrower_types_agree(given: Column) -> None:
    policy = load()
    assert check_workspace([policy], with_account(mapped(policy), given)) == ()


def test_record_table_that_is_not_mapped_silences_what_needs_it() -> None:
    policy = load()
    found = only(policy, without(mapped(policy), "contacts"))
    assert (found.code, found.severity) == ("not-mapped", "warning")
    assert found.location == policy.vocabulary.records["contacts"].location
    assert found.message == (
        "contacts is not mapped; so these stay missing: silence, stage; "
        "so these can never fire: warning 'silent'"
    )


def test_column_that_is_not_mapped_silences_one_level_of_a_warning() -> None:
    policy = load()
    found = only(policy, without(mapped(policy), "surveys", "satisfaction"))
    assert found.message == (
        "surveys.satisfaction is not mapped; so these stay missing: satisfaction; "
        "so these can never fire: warning 'unhappy' (orange)"
    )


def test_alternative_that_needs_nothing_missing_keeps_a_rule_alive() -> None:
    policy = load()
    found = only(policy, without(mapped(policy), "orders"))
    assert "tier 'strategic'" in found.message
    assert "milestone 'rise'" in found.message
    # A score redistributes the weight of what is missing, and 'potential' may go by it alone.
    assert "potential" not in found.message
    assert "value_score" not in found.message


def test_formula_that_copes_with_a_missing_input_stays_known() -> None:
    case = spoilt(
        "growth: {type: ratio, formula: purchase / purchase_prior - 1}",
        "growth: {type: ratio, formula: 'coalesce(purchase / purchase_prior - 1, 0)'}",
    )
    found = only(case.policy, without(mapped(case.policy), "orders"))
    assert "milestone 'rise'" not in found.message
    assert "growth" not in found.message


def test_computed_column_needs_what_its_formula_reads() -> None:
    case = spoilt("sum: orders.cost, window", "sum: orders.margin, window")
    found = only(case.policy, without(mapped(case.policy), "orders", "cost"))
    assert found.message == "orders.cost is not mapped; so these stay missing: cost"


def test_column_that_no_rule_uses_may_stay_unmapped() -> None:
    policy = load()
    accounts = {key: one for key, one in mapped(policy).accounts.items() if key != "is_listed"}
    assert check_workspace([policy], Vocabulary(accounts, mapped(policy).records)) == ()


def test_several_packs_say_once_what_is_not_mapped() -> None:
    one = load()
    two = replace(one, id="others")
    (found,) = check_workspace([one, two], without(mapped(one), "contacts"))
    assert "warning 'silent' of others, warning 'silent' of rules" in found.message


def test_misspelt_record_and_column_of_the_facts_are_pointed_out() -> None:
    policy = load()
    vocabulary = with_account(mapped(policy), column("statuss", "text"))
    records = {**vocabulary.records, "order": RecordType("order", None, None, {}, FACTS)}
    found = check_workspace([policy], Vocabulary(vocabulary.accounts, records))
    assert [(problem.code, problem.severity, problem.hint) for problem in found] == [
        ("unknown-column", "warning", "did you mean 'status'?"),
        ("unknown-record", "warning", "did you mean 'orders'?"),
    ]


def test_column_of_the_companys_own_is_no_problem() -> None:
    policy = load()
    vocabulary = with_account(mapped(policy), column("warehouse_code", "text"))
    assert check_workspace([policy], vocabulary) == ()
