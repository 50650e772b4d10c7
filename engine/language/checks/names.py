"""Every name that a policy uses is one that it knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.errors import Location, Problem
from engine.language.checks.facts import TIER, Fact, account_facts, rule_facts
from engine.language.checks.walk import (
    ConditionSite,
    FormulaSite,
    conditions,
    expressions,
    formulas,
    leaves,
    parameter_references,
    tests,
    used_actions,
)
from engine.language.checks.words import (
    meant_or_known,
    place_in_text,
    place_of,
    place_of_placeholder,
)
from engine.language.placeholders import BUILT_IN, hint, stray_braces
from engine.language.placeholders import placeholders as placeholders_of
from engine.language.tracing import is_own
from engine.model import ActionTemplate, MeasureRef, Name, Policy, Population, Test

_MEASURES = "a measure, a scorecard or an account column"


def unknown(kind: str, name: str, known: Iterable[str], place: Location, what: str) -> Problem:
    """An `unknown-<kind>` problem that proposes the nearest known name."""
    return Problem(f"unknown-{kind}", f"'{name}' is not {what}", place, meant_or_known(name, known))


def check_condition_names(policy: Policy) -> Iterator[Problem]:
    """Subjects and `{measure: …}` of every condition, and the columns of every `where:`.

    >>> unknown("measure", "marginn", ["margin"], Location("tiers.yaml", 14, 9), _MEASURES).hint
    "did you mean 'margin'?"
    """
    facts = rule_facts(policy)
    for site in conditions(policy):
        if site.record is not None:
            yield from _where_names(site, policy)
            continue
        for test in tests(site.condition):
            yield from _test_names(test, site, facts)


def _where_names(site: ConditionSite, policy: Policy) -> Iterator[Problem]:
    record = policy.vocabulary.records.get(site.record or "")
    if record is None:
        return  # check_aggregate_names and check_entitlement_names say so
    for test in tests(site.condition):
        for name, place in _names_in(test):
            if name not in record.columns:
                what = f"a column of {record.name}"
                yield unknown("column", name, record.columns, place, what)


def _test_names(test: Test, site: ConditionSite, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for name, place in _names_in(test):
        if name == TIER and name in facts and not site.sees_tier:
            yield Problem(
                "cyclic-formula",
                f"{site.owner} cannot depend on the tier, which follows from it",
                place,
                "name what the tier is made of",
            )
        elif name not in facts:
            yield unknown("measure", name, facts, place, _MEASURES)


def _names_in(test: Test) -> Iterator[tuple[str, Location]]:
    yield test.subject, test.location
    for operand in test.operands:
        if isinstance(operand, MeasureRef):
            yield operand.name, operand.location


def check_parameter_names(policy: Policy) -> Iterator[Problem]:
    """Every `$name` in a condition, a formula or the terms of an entitlement."""
    for reference in parameter_references(policy):
        if reference.name not in policy.parameters:
            known = policy.parameters
            yield unknown("parameter", reference.name, known, reference.location, "a parameter")


def check_formula_names(policy: Policy) -> Iterator[Problem]:
    """Names in formulas: of facts; in the formula of a record's column, of its columns."""
    facts = account_facts(policy)
    for site in formulas(policy):
        if site.record is None:
            yield from _formula_names(site, facts, "measure", _MEASURES)
        else:
            columns = policy.vocabulary.records[site.record].columns
            yield from _formula_names(site, columns, "column", f"a column of {site.record}")


def _formula_names(
    site: FormulaSite, known: Iterable[str], kind: str, what: str
) -> Iterator[Problem]:
    names = frozenset(known)
    for node in expressions(site.formula.tree):
        if isinstance(node, Name) and node.name not in names:
            yield unknown(kind, node.name, names, node.location, what)
        if isinstance(node, Population) and node.measure not in names:
            yield unknown(kind, node.measure, names, node.location, what)


def check_aggregate_names(policy: Policy) -> Iterator[Problem]:
    """The record table and the columns of every aggregate, and the table's dating column."""
    for record in policy.vocabulary.records.values():
        if record.time is not None and record.time not in record.columns:
            place = place_of(policy, record.location, "time", record.time)
            what = f"a column of {record.name}"
            yield unknown("column", record.time, record.columns, place, what)
    for measure in policy.measures.values():
        aggregate = measure.aggregate
        if aggregate is not None:
            columns = (aggregate.column, aggregate.by)
            yield from _record_names(policy, aggregate.record, columns, aggregate.location)


def _record_names(
    policy: Policy, name: str, columns: Iterable[str | None], place: Location
) -> Iterator[Problem]:
    record = policy.vocabulary.records.get(name)
    if record is None:
        known = policy.vocabulary.records
        yield unknown("record", name, known, place, "a record table of the vocabulary")
        return
    for column in columns:
        if column is not None and column not in record.columns:
            yield unknown("column", column, record.columns, place, f"a column of {name}")


def check_scorecard_names(policy: Policy) -> Iterator[Problem]:
    """The measure of every criterion."""
    facts = account_facts(policy)
    for scorecard in policy.scorecards.values():
        for leaf in leaves(scorecard.criteria):
            name = leaf.measure or ""
            if name not in facts:
                place = place_of(policy, leaf.location, "measure", name)
                yield unknown("measure", name, facts, place, _MEASURES)


def placeholders(action: ActionTemplate) -> tuple[str, ...]:
    """The names in braces in the texts of an action, each once."""
    texts = (action.text.zh, action.text.en)
    return tuple(dict.fromkeys(name for text in texts for name in placeholders_of(text)))


def check_placeholders(policy: Policy) -> Iterator[Problem]:
    """What stands in braces in the text of an action."""
    known = {*account_facts(policy), *BUILT_IN}
    used = {name for _, name, _ in used_actions(policy)}
    for action in policy.actions.values():
        if action.id not in used and not is_own(policy, action.location):
            continue  # included for other packs, which know what it names
        yield from _stray_braces(policy, action, known)
        for name in placeholders(action):
            if name not in known:
                place = place_of_placeholder(policy, action.location, name)
                yield unknown("measure", name, known, place, _MEASURES)


def _stray_braces(policy: Policy, action: ActionTemplate, known: set[str]) -> Iterator[Problem]:
    """A problem for each, at the brace itself."""
    for text in dict.fromkeys((action.text.zh, action.text.en)):
        for stray in stray_braces(text):
            place = place_in_text(policy, action.location, text, stray.offset)
            yield Problem("stray-brace", stray.message, place, hint(stray, known))
