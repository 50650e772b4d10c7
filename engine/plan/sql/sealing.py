"""Personal values → tokens: commitments under a salt that belongs to one account.

For every sealed column ``c`` of ``facts`` there is a column ``c__sealed__``. Rules read the
value, which stays in the database of the night; what is stored of it is the token:

    salt  = sha256(salt of the account || column || '|' || text of the value)
    token = 'sealed:' || sha256(salt || text of the value)

Hashes and the account's salt are 64 hexadecimal digits. The same value of the same account has
the same token on every night, so nothing seems to change; without the account's salt nobody can
find the value by trying. A value whose account has no salt has no token either: it is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from engine.model.tokens import PREFIX
from engine.plan.columns import token_column
from engine.plan.sql import values
from engine.plan.sql.statements import named
from engine.plan.steps import Plan

SALTS = "account_salts"


def shown(plan: Plan, column: str, table: str | None = None) -> exp.Column:
    """What is stored of a column of ``facts``: its value, or the token of it."""
    return values.column(token_column(column) if column in plan.sealed else column, table)


def with_tokens(query: exp.Query, sealed: Sequence[str]) -> exp.Query:
    """The rows of ``facts`` with their tokens beside them.

    Reads ``account_salts(account_no, salt)``, where anything is sealed.
    """
    if not sealed:
        return query
    tokens = [named(_token(column), token_column(column)) for column in sealed]
    return (
        exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("unsealed")), *tokens)
        .from_(query.subquery("unsealed", copy=False), copy=False)
        .join(
            values.table(SALTS),
            on=exp.EQ(
                this=values.column("account_no", "unsealed"),
                expression=values.column("account_no", SALTS),
            ),
            join_type="left",
            copy=False,
        )
    )


def _token(column: str) -> exp.Expr:
    return token_of(column, values.column("salt", SALTS), values.column(column, "unsealed"))


def token_of(column: str, account: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The token of a value of a column, under the salt of the account."""
    text = values.cast(value, "VARCHAR")
    salt = _sha256(_joined(account, values.text(f"{column}|"), text))
    return _joined(values.text(PREFIX), _sha256(_joined(salt, text.copy())))


def _sha256(text: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="sha256", expressions=[text])


def _joined(first: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """Missing where a part is: `||` and not `concat`, which passes over what is missing."""
    for one in others:
        first = exp.DPipe(this=first, expression=one, safe=False)
    return first
