"""Parameters and clauses: nothing unused, nothing unowned, nothing forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.language.checks.names import unknown
from engine.language.checks.walk import parameter_references
from engine.language.checks.words import place_of
from engine.language.tracing import Trace, elements, is_own, trace
from engine.model import Policy


def check_parameters(policy: Policy) -> Iterator[Problem]:
    """Each parameter is used, has a value when the policy begins, and an owner if judged."""
    used = {reference.name for reference in parameter_references(policy)}
    for parameter in policy.parameters.values():
        name, place = parameter.id, parameter.location
        if name not in used and is_own(policy, place):
            message = f"parameter '{name}' is not used"
            hint = f"write ${name} where it belongs, or remove it"
            yield Problem("unused-parameter", message, place, hint, "warning")
        if parameter.judgement and parameter.owner is None:
            message = f"'{name}' is a judgement, and nobody owns it"
            hint = "name the role that answers for the number under 'owner:'"
            yield Problem("judgement-without-owner", message, place, hint)
        if name in used and parameter.values[0][0] > policy.effective_from:
            first, begins = parameter.values[0][0], policy.effective_from
            message = f"'{name}' has no value before {first}; the policy begins on {begins}"
            hint = f"add a value from {begins} or earlier under 'values:'"
            yield Problem("parameter-without-value", message, place, hint)


def check_clauses(policy: Policy) -> Iterator[Problem]:
    """Each clause of the source document is implemented, or excused with a reason."""
    traced = trace(policy)
    yield from forgotten_clauses(traced)
    for requirement in traced.requirements:
        clause, excuse = requirement.clause, requirement.excuse
        if excuse is not None and not excuse.engine and requirement.implemented_by:
            users = ", ".join(element.name for element in requirement.implemented_by)
            message = f"{clause.id} stands under 'not_implemented', but is implemented: {users}"
            hint = "remove the excuse, or the clause from 'source:'"
            yield Problem("clause-excused", message, excuse.location, hint, "warning")


def forgotten_clauses(traced: Trace) -> Iterator[Problem]:
    """The requirements that have neither a rule nor an excuse."""
    for requirement in traced.forgotten:
        clause = requirement.clause
        message = f"no rule implements {clause.id}: {clause.text}"
        hint = "name it in the 'source:' of a rule, or under 'not_implemented:' with a reason"
        yield Problem("clause-not-implemented", message, clause.location, hint)


def check_clause_names(policy: Policy) -> Iterator[Problem]:
    """Each clause of the pack's own document that is cited or excused exists.

    Elements that several packs share cite the documents of others as well; those ids are
    checked by the packs that they belong to.
    """
    if not policy.clauses:
        return
    what = "a clause of the document"
    for element in elements(policy):
        for name in element.source:
            if _is_own_clause(policy, name) and name not in policy.clauses:
                exact = place_of(policy, element.location, "source", name)
                yield unknown("clause", name, policy.clauses, exact, what)
    for excuse in policy.excuses.values():
        if excuse.clause not in policy.clauses:
            yield unknown("clause", excuse.clause, policy.clauses, excuse.location, what)


def _is_own_clause(policy: Policy, name: str) -> bool:
    return policy.document is not None and name.rstrip("0123456789") == policy.document
