"""Definitions in circles, populations that depend on themselves, ids used twice."""

from __future__ import annotations

import pytest

from engine.language.checks.cycles import cycles
from tests.language.checks.packs import Broken, spoilt

COST = "  cost: {type: money, sum: orders.cost, window: 365 days}"

BROKEN = [
    Broken("cyclic-formula", COST, "  §cost: {type: money, formula: cost * 2}", "compute one"),
    Broken(
        "cyclic-formula",
        COST,
        "  §one: {type: money, formula: two}\n  two: {type: money, formula: 'total(one)'}",
        "compute one of them from records",
    ),
    Broken(
        "cyclic-formula",
        COST,
        "  §one: {type: money, formula: two}\n"
        "  two: {type: money, formula: 'group_total(one, name)'}",
        "compute one of them from records",
    ),
    Broken(
        "cyclic-formula",
        COST + "\n  growth: {type: ratio, formula: purchase / purchase_prior - 1}",
        "  §growth: {type: number, formula: value_score / 100}",
        "compute one of them",
        also=(
            ("measure: share, points", "measure: growth, points"),
            ("growth: {gte: 30%}", "growth: {gte: 1}"),
        ),
    ),
    Broken(
        "cyclic-formula",
        "margin: {type: money, formula: amount - cost}",
        "§margin: {type: money, formula: rest}\n        rest: {type: money, formula: margin}",
        "compute one of them",
    ),
    Broken("cyclic-population", "{status: active}", "{§purchase: {top: 50%}}", "facts"),
    Broken("cyclic-population", "{status: active}", "{§share: {gt: 0}}", "facts of the account"),
    Broken("cyclic-population", "{status: active}", "{§purchase: {gt: {measure: mean}}}",
           "facts of the account",
           also=((COST, COST + "\n  mean: {type: money, formula: average(purchase)}"),)),
    Broken("cyclic-population", "{status: active}", "{§both: {gt: 0}}", "facts of the account",
           also=((COST, COST + "\n  both: {type: integer, formula: 'group_total(lines, name)'}"),)),
    Broken("duplicate-id", COST, COST + "\n  §since: {type: integer, count: orders}", "rename one"),
    Broken("reserved-id", COST, COST + "\n  §tier: {type: integer, count: orders}", "another id"),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.new.strip())
def test_circle_or_clash_is_reported_where_it_begins(broken: Broken) -> None:
    broken.assert_found()


def test_circle_is_shown_from_its_first_member_to_the_same_again() -> None:
    found = spoilt(
        COST,
        "  one: {type: money, formula: two}\n  two: {type: money, formula: three}\n"
        "  three: {type: money, formula: one}",
    ).only()
    assert found.message.startswith("one -> two -> three -> one: ")


def test_two_circles_through_one_node_are_both_found() -> None:
    graph = {"a": ("b", "c"), "b": ("a",), "c": ("a",)}
    assert list(cycles(graph)) == [("a", "b", "a"), ("a", "c", "a")]


def test_long_chain_without_a_circle_is_none() -> None:
    chain = {f"m{number}": (f"m{number + 1}",) for number in range(5000)}
    assert list(cycles(chain)) == []


def test_two_ways_to_one_measure_are_no_circle() -> None:
    assert list(cycles({"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()})) == []
