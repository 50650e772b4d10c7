"""The changes that write the good pack as a source document says."""

from __future__ import annotations

from tests.language.checks.packs import spoilt

Change = tuple[str, str]

NO_KEY: Change = ("  key_amount: {values: {2025-01-01: 400万, 2027-01-01: 500万}}\n", "")
NO_SHARE: Change = ("  top_share: {value: 20%, source: D1}\n", "")
PARAMETERS = "parameters:\n"
STRATEGIC = "{share: {gt: $top_share}, lines: {gte: 3}}"
CORE = "{share: {gte: 8%}, purchase: {gte: $key_amount}}"
POTENTIAL = (
    "        any:\n          - share: {gte: 3%}\n          - value_score: {top: 30%}\n",
    "        share: {gte: 3%}\n",
)
POPULATION = "  population: {status: active}\n"
HOLD: Change = ("    hold: 2 reviews\n", "")
CLOCK: Change = ("    clock: calendar\n", "")
END_OF_ENTITLEMENTS = "milestones:\n"
TITLE = "title: {zh: 题, en: Title}"


def entitlements(*lines: str) -> str:
    return "".join(f"  {line}\n" for line in lines) + END_OF_ENTITLEMENTS


def owned(name: str, value: str) -> Change:
    """One more parameter, for which somebody answers."""
    return (PARAMETERS, f"{PARAMETERS}  {name}: {{value: {value}, owner: office}}\n")


def messages(*changes: Change) -> list[str]:
    first, *rest = changes
    return [problem.message for problem in spoilt(*first, also=tuple(rest)).problems()]
