"""Does a listing that came out empty name what there is? A mistyped filter is no empty answer.

What any run of the store knew counts: an account that has left, a rule of an earlier policy.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from engine.audit.failures import store_errors
from engine.errors import KamError, Problem
from engine.language.checks.words import meant_or_known
from engine.nearest import did_you_mean_first

if TYPE_CHECKING:
    from engine.audit.store import Run, Store
    from engine.reports.listing import Listing

RULE_KINDS: Mapping[str, tuple[str, ...]] = {
    "warning": ("warning",),
    "entitlement": ("entitlement",),
    "rule": (),
}
"""What a listing calls its rules → the kinds of which they are; all kinds if none is named."""

_PACKS = "SELECT DISTINCT pack FROM policy_versions"
_RULES = "SELECT DISTINCT kind, rule_id, title_zh, title_en FROM rules"
_OF_ACCOUNT = (
    "SELECT 1 FROM decision_log WHERE account_id = ? LIMIT 1",
    "SELECT 1 FROM actions WHERE account_id = ? LIMIT 1",
    "SELECT 1 FROM marks WHERE account_id = ? LIMIT 1",
)
_DECIDED = "SELECT 1 FROM read_parquet($path) WHERE account_id = $account LIMIT 1"
_NEAREST = """
SELECT DISTINCT account_id, levenshtein(account_id, $account) AS distance
FROM read_parquet($path) WHERE scope = 'account' ORDER BY distance, account_id LIMIT 5
"""


def or_unknown(
    listing: Listing, store: Store, wanted: Mapping[str, str | None], rules: str = "rule"
) -> Listing:
    """The same listing, if it has a row or if what is `wanted` exists.

    `wanted` has the keys ``account``, ``pack``, ``tier`` and ``rule``; `rules` is what its rules
    are called. Raises `KamError` ``unknown-account``, ``unknown-pack``, ``unknown-tier`` or
    ``unknown-rule``, all that there are.
    """
    rows = iter(listing.rows)
    first = next(rows, None)
    if first is not None:
        return replace(listing, rows=chain([first], rows))
    problems = list(_unknown(store, wanted, rules))
    if problems:
        raise KamError(problems)
    return replace(listing, rows=iter(()))


def _unknown(store: Store, wanted: Mapping[str, str | None], rules: str) -> Iterator[Problem]:
    runs = list(store.runs())
    if not runs:
        return
    with store_errors(store.path):
        packs = [pack for (pack,) in store.connection.execute(_PACKS).fetchall()]
        named = store.connection.execute(_RULES).fetchall()
    if (pack := wanted.get("pack")) is not None and pack not in packs:
        yield _problem("unknown-pack", "pack", pack, packs)
    tiers = [(id, *titles) for kind, id, *titles in named if kind == "tier"]
    if (tier := wanted.get("tier")) is not None and not _is_tier(tier, tiers):
        names = [name for names in tiers for name in names]
        ids = [id for id, *_ in tiers]
        yield _problem("unknown-tier", "tier", tier, names, ids)
    kinds = RULE_KINDS[rules]
    ids = [id for kind, id, *_ in named if not kinds or kind in kinds]
    if (rule := wanted.get("rule")) is not None and rule not in ids:
        yield _problem("unknown-rule", rules, rule, ids)
    account = wanted.get("account")
    if account is not None and not _is_account(store, runs, account):
        yield Problem(
            "unknown-account",
            f"no run of this store knows '{account}'",
            hint=did_you_mean_first(
                account,
                _alike(runs[0], account),
                "kam accounts TEXT finds an account by a part of its name or id",
            ),
        )


def _is_tier(wanted: str, tiers: Iterable[tuple[str, ...]]) -> bool:
    """By its id, or by a title in any case."""
    return any(
        wanted == id or wanted.lower() in {title.lower() for title in titles}
        for id, *titles in tiers
    )


def _problem(
    code: str, what: str, name: str, known: Iterable[str], listed: Iterable[str] | None = None
) -> Problem:
    """`known` is what may be meant, `listed` what is named where nothing is near."""
    message = f"no policy of this store has {_article(what)} {what} '{name}'"
    near = meant_or_known(name, known)
    if near is None or not near.startswith("did you mean"):
        names = sorted(set(known if listed is None else listed))
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        near = f"known are: {', '.join(names[:_LISTED])}{more}" if names else "there is none"
    return Problem(code, message, hint=near)


_LISTED = 20
_SCOPES = ("portfolio",)
"""What a warning or an action may be about in any book, whether a policy looks at it or not."""


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"


def _is_account(store: Store, runs: Iterable[Run], account: str) -> bool:
    """Whether it is the id of an account, of a manager or of the portfolio in any run.

    A run whose file is gone may have known it.
    """
    import duckdb

    if account in _SCOPES:
        return True
    with store_errors(store.path):
        for query in _OF_ACCOUNT:
            if store.connection.execute(query, [account]).fetchone() is not None:
                return True
    with duckdb.connect() as connection:
        for run in runs:
            file = run.path / "decisions.parquet"
            if not file.exists():
                return True
            values = {"path": os.fspath(file), "account": account}
            if connection.execute(_DECIDED, values).fetchone() is not None:
                return True
    return False


def _alike(run: Run, account: str) -> list[str]:
    import duckdb

    values = {"path": os.fspath(run.path / "decisions.parquet"), "account": account}
    with duckdb.connect() as connection:
        rows = connection.execute(_NEAREST, values).fetchall()
    return [id for id, _ in rows]
