"""Formulas admit a short list of constructs, and mean what SQL means by them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError, Location, Problem
from engine.language.formula_scan import NESTING_LIMIT, TEXT_LIMIT, TOKEN_LIMIT
from engine.language.formulas import (
    DEPTH_LIMIT,
    FUNCTIONS,
    POPULATION_FUNCTIONS,
    parse_formula,
)
from engine.model import (
    AsOf,
    Call,
    Case,
    Expression,
    Formula,
    Name,
    Number,
    Operation,
    ParameterRef,
    Population,
    Text,
    Truth,
)


def here(offset: int) -> Location:
    return Location("x.yaml", 1, offset + 1)


def parse(text: str) -> Formula:
    return parse_formula(text, here)


def name(text: str, column: int) -> Name:
    return Name(text, Location("x.yaml", 1, column))


def number(text: str) -> Number:
    return Number(Decimal(text))


def refusal(text: str, *, population: bool = True) -> tuple[str, int]:
    with pytest.raises(KamError) as caught:
        parse_formula(text, here, population=population)
    problem = caught.value.problems[0]
    assert problem.location is not None
    return problem.code, problem.location.column


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", name("a", 1)),
        ("0.10", number("0.10")),
        ("-2", number("-2")),
        ("- -2", number("2")),
        ("20%", number("0.20")),
        ("1.2亿", number("120000000")),
        ("'it''s'", Text("it's")),
        ("TRUE", Truth(True)),
        ("as_of", AsOf()),
        ("$low", ParameterRef("low", Location("x.yaml", 1, 1))),
        ("-a", Operation("neg", (name("a", 2),))),
        ("a != 1", Operation("<>", (name("a", 1), number("1")))),
        ("a is null", Operation("is_missing", (name("a", 1),))),
        (
            "a is not null",
            Operation("not", (Operation("is_missing", (name("a", 1),)),)),
        ),
        ("Coalesce(a, 0)", Call("coalesce", (name("a", 10), number("0")))),
        ("round(a, 2)", Call("round", (name("a", 7), number("2")))),
        ("total(a)", Population("total", "a", Location("x.yaml", 1, 7))),
        (
            "percentile(a, 90%)",
            Population("percentile", "a", Location("x.yaml", 1, 12), Decimal("0.90")),
        ),
        (
            "group_total(a, b)",
            Population("group_total", "a", Location("x.yaml", 1, 13), None, name("b", 16)),
        ),
        (
            "case when a then 1 else 2 end",
            Case(((name("a", 11), number("1")),), number("2")),
        ),
        ("case when a then 1 end", Case(((name("a", 11), number("1")),), None)),
        ("total", name("total", 1)),
        ("open", name("open", 1)),
        ("current", name("current", 1)),
    ],
)
def test_formula_is_read_into_its_tree(text: str, tree: Expression) -> None:
    assert parse(text).tree == tree


def test_names_are_listed_once_with_those_of_population_functions() -> None:
    formula = parse("a / total(b) + a - $c + coalesce(d, as_of - a)")
    assert [found.name for found in formula.names] == ["a", "b", "d"]
    assert formula.names[0].location == Location("x.yaml", 1, 1)
    assert formula.text == "a / total(b) + a - $c + coalesce(d, as_of - a)"


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('x')", "READ_PARQUET('x')", "getenv('HOME')", "glob('*')", "pg_read_file('x')",
        "log(a)", "sum(a)", "row_number() over ()",
        "a::int", "cast(a as int)", "try_cast(a as int)",
        "(select 1)", "exists (select 1)", "a; select 1", "a -- b", "a /* b */", "a # b",
        "a.b", '"a"', "`a`", "[1]", "{'a': 1}", "a[1]", "x -> x", "a || b", "a % b", "a ^ b",
        "a & b", "a | b", "~a", "a // b", "a ** b", "a in (1)", "a not in (1)", "a between 1 and 2",
        "a like 'b'", "a ~ 'b'", "interval '1' day", "date '2026-01-01'", "e'x'", "x'00'", "u&'x'",
        "$$a$$", "$1", "?", ":a", "@a", "a = any(b)", "1e5", "0x1f", "1_000", ".5", "5.", "A",
        "a__b",
        "null", "a = null", "a is true", "a is distinct from b", "a < b < c", "a = b is null", "*",
        "count(*)", "a, b", "a as b", "a b", "'a' 'b'", "'a", "'a\\'",
        "(a", "a)", "()", "a +", "+ a",
        "case a when 1 then 2 end", "case end", "case when a end", "case when a then 1", "not", "",
        "  ", "abs()", "abs(a, b)", "coalesce(a)", "least(a)", "nullif(a)", "round(a, b)",
        "round(a, -1)", "round(a, 9)", "round(a, 1.5)", "total()", "total(a + b)", "total(1)",
        "total(total(a))", "percentile(a)", "percentile(a, 90)", "percentile(a, 0)",
        "percentile(a, b)", "rank(as_of)", "客户", "a（b）", "\x00", "a \u2028 - b -- c",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    assert refusal(text)[0] in ("formula-not-allowed", "formula-syntax")


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("a + foo(b)", "formula-not-allowed", 5),
        ("a + b::int", "formula-not-allowed", 6),
        ("a + (b", "formula-syntax", 6),
        ("a + ) b", "formula-syntax", 5),
        ("a < b < c", "formula-not-allowed", 7),
        ("coalesce(a, null)", "formula-not-allowed", 13),
        ("a + abs(b, c)", "formula-not-allowed", 5),
    ],
)
def test_problem_stands_at_what_it_is_about(text: str, code: str, column: int) -> None:
    assert refusal(text) == (code, column)


def test_every_unknown_word_and_sign_is_reported() -> None:
    with pytest.raises(KamError) as caught:
        parse("foo(a) + Bar % 3")
    columns = [problem.location.column for problem in caught.value.problems if problem.location]
    assert columns == [1, 10, 14]


_SECOND = {"percentile": ", 90%", "group_total": ", b"}


@pytest.mark.parametrize("function", sorted(POPULATION_FUNCTIONS))
def test_record_formula_cannot_look_at_the_population(function: str) -> None:
    text = f"{function}(a{_SECOND.get(function, '')})"
    assert refusal(text, population=False) == ("formula-not-allowed", 1)
    assert parse(text).tree


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_function_takes_as_many_arguments_as_its_usage_shows(function: str) -> None:
    known = FUNCTIONS[function]
    for usage in known.usage.split(" or "):
        assert isinstance(parse(usage).tree, Call)
    assert refusal(f"{function}({', '.join('a' * (known.minimum - 1))})")[1] == 1
    if known.maximum is not None:
        assert refusal(f"{function}({', '.join('a' * (known.maximum + 1))})")[1] == 1
    assert known.doc.endswith(".")


def test_length_is_bounded() -> None:
    assert parse("a" * TEXT_LIMIT)
    assert refusal("a" * (TEXT_LIMIT + 1)) == ("formula-too-long", 1)
    within = "coalesce(" + ", ".join("a" * ((TOKEN_LIMIT - 2) // 2)) + ")"
    assert parse(within)
    assert refusal(within + " + 1 + 2") == ("formula-too-long", 1)


def test_depth_is_bounded() -> None:
    assert parse(" + ".join("a" * (DEPTH_LIMIT + 1)))
    assert refusal(" + ".join("a" * (DEPTH_LIMIT + 2))) == ("formula-too-long", 1)
    assert parse("not " * DEPTH_LIMIT + "a")
    assert refusal("not " * (DEPTH_LIMIT + 1) + "a") == ("formula-too-long", 1)


def test_nesting_is_bounded() -> None:
    deep = "(" * NESTING_LIMIT + "a" + ")" * NESTING_LIMIT
    assert parse(deep).tree == name("a", NESTING_LIMIT + 1)
    assert refusal(f"({deep})") == ("formula-too-long", NESTING_LIMIT + 1)


@given(st.text("ab1.%$'\"()+-*/<>=!,; \n;nulotrdisc", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        parse(text)
    except KamError as error:
        problems = error.problems
    assert all(problem.location and problem.hint != "" for problem in problems)


# --- the same meaning as SQL ---------------------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
numbers = st.sampled_from(["0", "1", "2.5", "10"])


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["+", "-", "*", "/", "and", "or", "=", "<", ">="])
    return st.one_of(
        st.builds("{} {} {}".format, inner, binary, inner),
        st.builds("({})".format, inner),
        st.builds("- {}".format, inner),
        st.builds("not {}".format, inner),
        st.builds("{} is null".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("case when {} then {} else {} end".format, inner, inner, inner),
    )


def from_sql(node: Any) -> Any:
    """sqlglot's tree in the shape of ours, without places."""
    kind = type(node).__name__
    binary = {
        "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "And": "and", "Or": "or",
        "EQ": "=", "LT": "<", "GTE": ">=",
    }  # fmt: skip
    if kind == "Paren":
        return from_sql(node.this)
    if kind in binary:
        return (binary[kind], from_sql(node.this), from_sql(node.expression))
    if kind == "Neg":
        part = from_sql(node.this)
        return -part if isinstance(part, Decimal) else ("neg", part)
    if kind == "Not":
        return ("not", from_sql(node.this))
    if kind == "Is":
        return ("is_missing", from_sql(node.this))
    if kind == "Coalesce":
        return ("coalesce", from_sql(node.this), *(from_sql(part) for part in node.expressions))
    if kind == "Case":
        (branch,) = node.args["ifs"]
        parts = (branch.this, branch.args["true"], node.args["default"])
        return ("case", *(from_sql(part) for part in parts))
    return node.name if kind == "Column" else Decimal(node.name)


def plain(tree: Expression) -> Any:
    """Our tree as tuples, without places."""
    if isinstance(tree, Operation):
        return (tree.operator, *(plain(part) for part in tree.arguments))
    if isinstance(tree, Call):
        return (tree.function, *(plain(part) for part in tree.arguments))
    if isinstance(tree, Case):
        ((condition, value),) = tree.branches
        assert tree.otherwise is not None
        return ("case", plain(condition), plain(value), plain(tree.otherwise))
    if isinstance(tree, Name):
        return tree.name
    assert isinstance(tree, Number)
    return tree.value


@given(st.recursive(names | numbers, grow, max_leaves=12))
def test_precedence_is_that_of_sql(text: str) -> None:
    try:
        tree = parse(text).tree
    except KamError:
        return  # comparisons in a row, which SQL dialects read differently, or too deep
    assert plain(tree) == from_sql(sqlglot.parse_one(text, dialect="duckdb"))
