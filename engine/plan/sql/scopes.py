"""Decided accounts → what holds of the portfolio and of each customer manager.

Each scope runs the statements that accounts run, over relations of its own: the plan's
``facts`` is ``<scope>__<pack>__facts``, and so on. Two of them are made here, from what has
been decided about accounts: ``accounts``, the entities, and ``record_accounts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from engine.model import NUMERIC_TYPES
from engine.plan.scopes import ENTITY_ROLE, PORTFOLIO, columns_read
from engine.plan.sql import values
from engine.plan.sql.aggregates import aggregate_statements
from engine.plan.sql.decisions import candidate_statements
from engine.plan.sql.rules import rule_statements, seen_statements
from engine.plan.sql.stages import fact_statements
from engine.plan.sql.statements import Statement, named, no_rows, union_all
from engine.plan.sql.unknowns import unknown_statements
from engine.plan.steps import PackPlan, Plan, ScopePlan

TIER = "tier"


def scope_statements(plan: Plan) -> Iterator[Statement]:
    """``facts``, ``effective_tiers`` and ``owners`` → what every scope of the plan says.

    ``scope_hits(pack, scope, entity_id, rule_id, level, evidence)``, evidence as JSON text;
    ``scope_unknowns(pack, scope, entity_id, rule_id)``; and every numeric measure as a row
    of ``scope_facts(pack, scope, entity_id, measure, value)``. `entity_id` stands for all
    in ``scope_entities(pack, scope, entity_id)``. All are empty without a scope.
    """
    for one in plan.scopes:
        yield from _pipeline(plan, one)
    said: Mapping[str, tuple[str, list[exp.Query], exp.Query]] = {
        "scope_entities": (
            "what the scopes are about",
            [_entity_rows(one) for one in plan.scopes],
            _no_entities(),
        ),
        "scope_hits": (
            "warnings of scopes that hold, with the values seen",
            [_hits(one) for one in plan.scopes],
            _no_entities("rule_id", "level", "evidence"),
        ),
        "scope_unknowns": (
            "warnings of scopes of which it is unknown whether they hold",
            [_unknowns(one) for one in plan.scopes],
            _no_entities("rule_id"),
        ),
        "scope_facts": (
            "the measures of the scopes",
            [_fact(one, name) for one in plan.scopes for name in _numbers(one)],
            _no_entities("measure", value="DOUBLE"),
        ),
    }
    for name, (comment, queries, nothing) in said.items():
        yield Statement(name, "table", comment, union_all(queries or [nothing]))


def _pipeline(plan: Plan, one: ScopePlan) -> Iterator[Statement]:
    pack = next(pack for pack in plan.packs if pack.id == one.pack_id)
    yield _entities(one)
    yield _accounts(pack, one)
    for statement in (
        *aggregate_statements(one.plan),
        *fact_statements(one.plan),
        *candidate_statements(one.plan),
        _tiers(),
        *rule_statements(one.plan),
        *seen_statements(one.plan),
        *unknown_statements(one.plan),
    ):
        yield _within(one, statement)


# --- relations of a scope ----------------------------------------------------------------


def relation(one: ScopePlan, name: str) -> str:
    """What the plan of a scope calls `name`."""
    return f"{one.scope}__{one.pack_id}__{name}"


def _table(one: ScopePlan, name: str) -> exp.Expr:
    """The relation under the name that the plan of the scope knows it by."""
    return exp.alias_(values.table(relation(one, name)), name, table=True, quoted=True, copy=False)


def _within(one: ScopePlan, statement: Statement) -> Statement:
    """The same statement over the relations of the scope."""
    for table in list(statement.query.find_all(exp.Table)):
        if not table.alias:
            alias = exp.Identifier(this=table.name, quoted=True)
            table.set("alias", exp.TableAlias(this=alias))
        table.set("this", exp.Identifier(this=relation(one, table.name), quoted=True))
    return replace(
        statement,
        name=relation(one, statement.name),
        comment=f"{one.scope}: {statement.comment}",
        drops=tuple(relation(one, name) for name in statement.drops),
    )


def _entities(one: ScopePlan) -> Statement:
    """``accounts(account_no, account_id, name)`` of the scope, in order of the name."""
    if one.scope == PORTFOLIO:
        name: exp.Expr = values.text(PORTFOLIO)
        query = exp.select(
            named(values.cast(values.decimal(0), "INTEGER"), "account_no"),
            named(name, "account_id"),
            named(name.copy(), "name"),
            copy=False,
        )
        comment = "portfolio: all accounts of the population together"
        return Statement(relation(one, "accounts"), "table", comment, query)
    person = values.column("person")
    order = exp.Order(expressions=[exp.Ordered(this=person, nulls_first=False)])
    place = exp.Window(this=exp.RowNumber(), order=order)
    number = exp.Sub(this=place, expression=values.decimal(1))
    persons = (
        exp.select(person.copy(), copy=False)
        .distinct(copy=False)
        .from_(values.table("owners"), copy=False)
        .where(_holds_role("owners"), copy=False)
    )
    query = exp.select(
        named(values.cast(exp.paren(number, copy=False), "INTEGER"), "account_no"),
        named(person.copy(), "account_id"),
        named(person.copy(), "name"),
        copy=False,
    ).from_(persons.subquery("persons", copy=False), copy=False)
    comment = f"{one.scope}: everyone who holds the role"
    return Statement(relation(one, "accounts"), "table", comment, query)


def _holds_role(table: str) -> exp.Expr:
    return exp.EQ(this=values.column("role", table), expression=values.text(ENTITY_ROLE))


def _accounts(pack: PackPlan, one: ScopePlan) -> Statement:
    """``record_accounts``: the accounts of the population, each under its entity's number."""
    number: exp.Expr = values.cast(values.decimal(0), "INTEGER")
    if one.scope != PORTFOLIO:
        number = values.column("account_no", "entities")
    selected = [named(number, "account_no")]
    for column in columns_read(one.plan):
        source = (
            values.column("tier", "effective_tiers")
            if column.name == TIER
            else values.column(pack.columns[column.name], "facts")
        )
        selected.append(named(source, column.name))
    query = (
        exp.select(*selected, copy=False)
        .from_(values.table("facts"), copy=False)
        .join(
            values.table("effective_tiers"), on=_same("account_no", "effective_tiers"), copy=False
        )
        .where(
            exp.EQ(this=values.column("pack", "effective_tiers"), expression=values.text(pack.id)),
            values.column("in_population", "effective_tiers"),
            copy=False,
        )
    )
    if one.scope != PORTFOLIO:
        entities = exp.alias_(
            values.table(relation(one, "accounts")), "entities", table=True, quoted=True, copy=False
        )
        who = exp.EQ(
            this=values.column("account_id", "entities"),
            expression=values.column("person", "owners"),
        )
        held = exp.and_(_same("account_no", "owners"), _holds_role("owners"), copy=False)
        query = query.join(values.table("owners"), on=held, copy=False)
        query = query.join(entities, on=who, copy=False)
    comment = f"{one.scope}: the accounts of {pack.id}, as records"
    return Statement(relation(one, "record_accounts"), "table", comment, query)


def _same(column: str, table: str) -> exp.Expr:
    return exp.EQ(this=values.column(column, "facts"), expression=values.column(column, table))


def _tiers() -> Statement:
    """A scope has no tiers; its rules look for none."""
    query = exp.select(exp.Star(), named(values.column("tier"), "candidate"), copy=False).from_(
        values.table("candidates"), copy=False
    )
    return Statement("effective_tiers", "table", "no tiers", query)


# --- what the scopes say -----------------------------------------------------------------


def _selected(one: ScopePlan) -> list[exp.Expr]:
    return [
        named(values.text(one.pack_id), "pack"),
        named(values.text(one.scope), "scope"),
        named(values.column("account_id", "accounts"), "entity_id"),
    ]


def _of_entities(one: ScopePlan, name: str, *columns: exp.Expr) -> exp.Select:
    return (
        exp.select(*_selected(one), *columns, copy=False)
        .from_(_table(one, name), copy=False)
        .join(_table(one, "accounts"), using=[values.column("account_no")], copy=False)
    )


def _hits(one: ScopePlan) -> exp.Query:
    """Evidence without the tier, which stands last and of which a scope has none."""
    pattern, rest = values.text(r',?"tier":null\}$'), values.text("}")
    evidence = exp.Anonymous(
        this="regexp_replace", expressions=[values.column("evidence", "seen_hits"), pattern, rest]
    )
    return _of_entities(
        one,
        "seen_hits",
        values.column("rule_id", "seen_hits"),
        values.column("level", "seen_hits"),
        named(evidence, "evidence"),
    )


def _unknowns(one: ScopePlan) -> exp.Query:
    return _of_entities(one, "unknown_warnings", values.column("rule_id", "unknown_warnings"))


def _numbers(one: ScopePlan) -> list[str]:
    """The numeric measures of a scope, as the pack names them."""
    (pack,) = one.plan.packs
    return [name for name, column in pack.columns.items() if pack.types[column] in NUMERIC_TYPES]


def _fact(one: ScopePlan, name: str) -> exp.Query:
    (pack,) = one.plan.packs
    value = values.as_double(values.column(pack.columns[name], "facts"))
    measure = named(values.text(name), "measure")
    return _of_entities(one, "facts", measure, named(value, "value"))


def _entity_rows(one: ScopePlan) -> exp.Query:
    return exp.select(*_selected(one), copy=False).from_(_table(one, "accounts"), copy=False)


def _no_entities(*texts: str, **others: str) -> exp.Query:
    types = dict.fromkeys(("pack", "scope", "entity_id", *texts), "VARCHAR") | others
    return no_rows(types)
