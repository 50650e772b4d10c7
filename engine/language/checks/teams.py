"""Teams: roles that are owed to everybody, and roles that two entitlements count differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from engine.errors import Problem
from engine.language.checks.deciding import same_condition
from engine.model import Entitlement, Policy


def check_team_population(policy: Policy) -> Iterator[Problem]:
    """No team for the tier of those who meet nothing, unless somebody answers for it.

    The default tier has every account of the population that is no key account.
    """
    scheme = policy.tiers
    for team in _teams(policy) if scheme is not None else ():
        if scheme is None or team.when is not None or "owner" in team.terms:
            continue
        if scheme.default.id in team.tiers:
            roles = ", ".join(_roles(team))
            message = (
                f"team '{team.id}' is owed to the default tier '{scheme.default.id}', and so to "
                f"every account of the population: one that meets no level needs {roles}"
            )
            hint = (
                f"leave '{scheme.default.id}' out of its tiers, or name under 'owner:' who "
                "answers for a team for everybody"
            )
            yield Problem("population", message, team.location, hint, "warning")


def check_team_sizes(policy: Policy) -> Iterator[Problem]:
    """Two teams of a tier ask for the same number of people in the same role."""
    for one, other in combinations(_teams(policy), 2):
        tiers = [tier for tier in one.tiers if tier in other.tiers]
        if not tiers or one.when is not None or other.when is not None:
            continue
        for role, (number, where) in _roles(one).items():
            again, also_where = _roles(other).get(role, (number, where))
            if number != again and same_condition(where, also_where):
                message = (
                    f"'{tiers[0]}' is owed {again} of '{role}' by '{other.id}' and {number} by "
                    f"'{one.id}': an account with {min(number, again)} meets one of them only"
                )
                hint = f"decide on one number; '{one.id}' is at {one.location}"
                yield Problem("contradictory-teams", message, other.location, hint, "warning")


def _teams(policy: Policy) -> list[Entitlement]:
    return [one for one in policy.entitlements.values() if one.kind == "team"]


def _roles(team: Entitlement) -> dict[str, tuple[int, object]]:
    """Role → how many people, and the condition on them."""
    roles = team.terms.get("roles")
    return dict(roles) if isinstance(roles, Mapping) else {}
