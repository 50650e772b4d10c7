"""Builds the tiers and entitlements of a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import Problem
from engine.language.build_parts import read_period, read_rising, read_source, read_title
from engine.language.conditions import Report, read_condition, read_optional, read_quantity
from engine.language.documents import Node
from engine.language.quantities import period
from engine.model import Condition, Demotion, Entitlement, Exclusion, Tier, TierScheme


def build_tiers(node: Node, report: Report) -> TierScheme:
    levels = tuple(build_level(level, report) for level in node.entries("levels"))
    default = node["default"]
    if default.value["id"] in node.value["levels"]:
        first = node["levels"][default.value["id"]].location
        message = f"the default tier has the id of the level on line {first.line}"
        report(Problem("duplicate-id", message, default["id"].value_location))
    return TierScheme(
        population=read_optional(node, "population", report),
        review=node.value["review"]["every"] if "review" in node else None,
        demotion=build_demotion(node),
        levels=levels,
        default=Tier(
            default.value["id"], read_title(default), read_source(default), None, default.location
        ),
        location=node.location,
        exclude=build_exclusion(node, report),
        approvers=tuple(node.read("approvers", ())),
    )


def build_exclusion(node: Node, report: Report) -> Exclusion | None:
    if "exclude" not in node:
        return None
    written = node["exclude"]
    when = read_condition(written["when"], report)
    return Exclusion(when, read_source(written), written.location)


def build_level(node: Node, report: Report) -> Tier:
    when = read_condition(node["when"], report)
    return Tier(node.key, read_title(node), read_source(node), when, node.location)


def build_demotion(node: Node) -> Demotion | None:
    if "demotion" not in node:
        return None
    written = node.value["demotion"]
    return Demotion(period(written["after"]), written["steps"])


def build_entitlement(node: Node, report: Report) -> Entitlement:
    """An entitlement; see `TERMS` for what `terms` holds by kind, beside `owner`."""
    kind = node.value["kind"]
    terms = dict(TERMS[kind](node, report))
    if "owner" in node:
        terms["owner"] = node.value["owner"]
    return Entitlement(
        id=node.key,
        kind=kind,
        title=read_title(node),
        source=read_source(node),
        tiers=tuple(node.value["tiers"]),
        when=read_optional(node, "when", report),
        terms=terms,
        action=node.read("action"),
        location=node.location,
    )


Terms = Mapping[str, object]


def no_terms(node: Node, report: Report) -> Terms:
    return {}


def priority_terms(node: Node, report: Report) -> Terms:
    return {"rank": node.value["rank"]}


def budget_terms(node: Node, report: Report) -> Terms:
    return {"needs_approval_by": node.value["needs_approval_by"]}


def pricing_terms(node: Node, report: Report) -> Terms:
    """`schedule`: ((lower bound, rate), …) as quantities, rising."""
    steps = read_rising(node["schedule"], "a schedule", report)
    schedule = tuple((bound, read_quantity(rate, report)) for bound, rate in steps)
    return {"measure": node.value["measure"], "schedule": schedule}


def cadence_terms(node: Node, report: Report) -> Terms:
    """`every`: Period; `at_least`, `at_most`; `records` and `where` that meet it; `remind`."""
    at_least, at_most = node.read("at_least", 1), node.read("at_most")
    if at_most is not None and at_most < at_least:
        message = f"at_most is {at_most}, below at_least {at_least}"
        report(Problem("not-rising", message, node["at_most"].value_location))
    return {
        "every": period(node.value["every"]),
        "at_least": at_least,
        "at_most": at_most,
        **records_terms(node["met_by"], report),
        "remind": read_period(node, "remind"),
    }


def response_terms(node: Node, report: Report) -> Terms:
    """`from` and `to`: columns of `records`; `within`: Period; `clock`."""
    return {
        **records_terms(node, report),
        "from": node.value["from"],
        "to": node.value["to"],
        "within": period(node.value["within"]),
        "clock": node.read("clock", "calendar"),
    }


def deadline_terms(node: Node, report: Report) -> Terms:
    """`due` and `done`: columns of `records`; `remind`."""
    return {
        **records_terms(node, report),
        "due": node.value["due"],
        "done": node.value["done"],
        "remind": read_period(node, "remind"),
    }


def team_terms(node: Node, report: Report) -> Terms:
    """`roles`: role → (at least so many people, the condition on their assignments)."""
    roles: dict[str, tuple[int, Condition | None]] = {
        role.key: (role.value["at_least"], read_optional(role, "where", report))
        for role in node.entries("roles")
    }
    return {"roles": roles}


def records_terms(node: Node, report: Report) -> Terms:
    return {"records": node.value["records"], "where": read_optional(node, "where", report)}


TERMS: Mapping[str, Callable[[Node, Report], Terms]] = {
    "channel": no_terms,
    "service": no_terms,
    "priority": priority_terms,
    "budget": budget_terms,
    "pricing": pricing_terms,
    "cadence": cadence_terms,
    "response": response_terms,
    "deadline": deadline_terms,
    "team": team_terms,
}
"""Every kind of entitlement and what reads its own keys."""
