"""Numbers that no document gives, and vetoes: somebody has to answer for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from engine.errors import Problem
from engine.language.checks.deciding import asked, is_answered_for, value_of
from engine.language.checks.settings import settings
from engine.language.checks.walk import tests
from engine.language.tracing import is_own
from engine.model import Parameter, Policy

_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百千万亿两半双零]")
"""Whatever may be a number in the text of a clause; so that only 显著 or 定期 have none."""


def check_unmarked_judgements(policy: Policy) -> Iterator[Problem]:
    """A number that cites only clauses without any is a judgement, and has an owner."""
    for parameter in policy.parameters.values():
        if parameter.judgement or parameter.owner is not None:
            continue
        cited = [name for name in parameter.source if name in policy.clauses]
        if not cited or not is_own(policy, parameter.location) or not _is_number(parameter):
            continue
        texts = [f"{name} 「{policy.clauses[name].text}」" for name in cited]
        if not any(_NUMBER.search(policy.clauses[name].text) for name in cited):
            value = parameter.values[0][1].text
            message = (
                f"'{parameter.id}' is {value}, of which {', '.join(texts)} "
                f"{'says' if len(texts) == 1 else 'say'} nothing, and nobody owns it"
            )
            hint = "write 'judgement: true' and under 'owner:' the role that answers for it"
            place = parameter.location
            yield Problem("judgement-without-owner", message, place, hint, "warning")


def _is_number(parameter: Parameter) -> bool:
    return isinstance(parameter.values[0][1].value, Decimal)


def check_vetoes(policy: Policy) -> Iterator[Problem]:
    """The thresholds of the exclusion are parameters with an owner: a veto allows no grace.

    Zero is no threshold that anybody has to choose.
    """
    scheme = policy.tiers
    if scheme is None or scheme.exclude is None:
        return
    knowledge = settings(policy)[0].knowledge
    for test in tests(scheme.exclude.when):
        numbers = [value_of(operand, knowledge) for operand in test.operands]
        judged = any(isinstance(number, Decimal) and number != 0 for number in numbers)
        if not judged or all(is_answered_for(one, policy) for one in test.operands):
            continue
        tier = scheme.default.id
        message = (
            f"nobody answers for a veto: an account with {asked(test, knowledge)} falls to "
            f"'{tier}' at once, from whatever tier"
        )
        hint = "compare with a parameter that has 'judgement: true' and an 'owner:'"
        yield Problem("judgement-parameter", message, test.location, hint, "warning")
