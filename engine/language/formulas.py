"""Formulas: SQL scalar expressions, of which only a short list of constructs is admitted.

The text passes two gates. A scan splits it into tokens and refuses every character and
every word that the language does not have. A parser of the nine levels of precedence
below then builds nodes of the model's `Expression`, and can build nothing else, so that no
formula can name a file, a table or a function outside `FUNCTIONS`. Precedence is SQL's;
the tests compare it with sqlglot's, which is not used here because it takes longer to
import than a whole policy takes to load.

::

    expression  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | comparison
    comparison  = sum [ ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum | "is" ["not"] "null" ]
    sum         = product { ( "+" | "-" ) product }
    product     = sign { ( "*" | "/" ) sign }
    sign        = "-" sign | value
    value       = number | text | "true" | "false" | name | "$" name | "as_of"
                | function "(" expression { "," expression } ")" | case | "(" expression ")"
    case        = "case" { "when" expression "then" expression } [ "else" expression ] "end"
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from engine.errors import KamError, Location, Problem
from engine.language.formula_scan import (
    FUNCTIONS,
    POPULATION_FUNCTIONS,
    Token,
    scan_formula,
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

__all__ = ["FUNCTIONS", "POPULATION_FUNCTIONS", "parse_formula"]

Locate = Callable[[int], Location]
"""From an offset in the text of the formula to its place in the file."""

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
DEPTH_LIMIT = 60
"""So that no walk over the tree, in whatever executor, can exhaust the stack."""
END = Token("end", "", -1)


def parse_formula(text: str, locate: Locate, *, population: bool = True) -> Formula:
    """A formula as a tree. Raises `KamError` with what the language does not admit.

    `population` is False for the formula of a record column, which sees one record only.
    `Formula.names` holds every measure and column that is read, also by `total(x)`.

    >>> here = lambda offset: Location("x.yaml", 1, offset + 1)
    >>> parse_formula("a / b - 1", here).tree.operator
    '-'
    """
    locate = cache(locate)  # a name is asked for as part of the tree and as one of the names
    tokens, problems = scan_formula(text, locate, population)
    if problems:
        raise KamError(problems)
    tree = Parser(tokens, locate).parse()
    if depth(tree) > DEPTH_LIMIT:
        message = f"the formula nests deeper than {DEPTH_LIMIT} operations"
        hint = "give its parts names, as measures of their own"
        raise KamError(Problem("formula-too-long", message, locate(0), hint))
    return Formula(text, tree, names_read(tokens, locate), locate(0))


def names_read(tokens: tuple[Token, ...], locate: Locate) -> tuple[Name, ...]:
    """Every measure or column of the formula once, where it first stands."""
    seen: dict[str, Name] = {}
    for token in tokens:
        if token.kind == "name" and token.text not in seen:
            seen[token.text] = Name(token.text, locate(token.offset))
    return tuple(seen.values())


def is_decimals(tree: Expression) -> bool:
    return isinstance(tree, Number) and tree.value in range(9)


def depth(tree: Expression) -> int:
    """How many operations stand inside one another; ``a + b + c`` counts two."""
    if isinstance(tree, (Operation, Call)):
        return 1 + max(depth(part) for part in tree.arguments)
    if isinstance(tree, Case):
        parts = [part for branch in tree.branches for part in branch]
        parts += [] if tree.otherwise is None else [tree.otherwise]
        return 1 + max(depth(part) for part in parts)
    return 0


class Parser:
    """Recursive descent; the scan has bounded the length and the depth of what it reads."""

    def __init__(self, tokens: tuple[Token, ...], locate: Locate) -> None:
        self.tokens = tokens
        self.locate = locate
        self.index = 0

    def parse(self) -> Expression:
        tree = self.expression()
        if self.next is not END:
            raise self.unexpected("an operator is missing before it")
        return tree

    # --- levels of precedence, weakest first ------------------------------------------

    def expression(self) -> Expression:
        tree = self.conjunction()
        while self.take("or"):
            tree = Operation("or", (tree, self.conjunction()))
        return tree

    def conjunction(self) -> Expression:
        tree = self.negation()
        while self.take("and"):
            tree = Operation("and", (tree, self.negation()))
        return tree

    def negation(self) -> Expression:
        if self.take("not"):
            return Operation("not", (self.negation(),))
        return self.comparison()

    def comparison(self) -> Expression:
        tree = self.sum()
        operator = self.take(*COMPARISONS)
        if operator:
            tree = Operation(operator.value, (tree, self.sum()))
        elif self.take("is"):
            tree = self.missing(tree)
        if self.next.value in COMPARISONS or self.next.value == "is":
            raise self.refuse(
                self.next,
                "two comparisons follow each other",
                "write a < b and b < c, or put one in parentheses",
            )
        return tree

    def missing(self, tree: Expression) -> Expression:
        negated = self.take("not")
        self.expect("null", "only 'null' can follow 'is'")
        found = Operation("is_missing", (tree,))
        return Operation("not", (found,)) if negated else found

    def sum(self) -> Expression:
        tree = self.product()
        while operator := self.take("+", "-"):
            tree = Operation(operator.value, (tree, self.product()))
        return tree

    def product(self) -> Expression:
        tree = self.sign()
        while operator := self.take("*", "/"):
            tree = Operation(operator.value, (tree, self.sign()))
        return tree

    def sign(self) -> Expression:
        if self.take("-"):
            part = self.sign()
            return Number(-part.value) if isinstance(part, Number) else Operation("neg", (part,))
        return self.value()

    # --- values -----------------------------------------------------------------------

    def value(self) -> Expression:
        token = self.next
        simple = self.simple(token)
        if simple is not None:
            self.index += 1
            return simple
        if token.kind == "function":
            self.index += 1
            return self.call(token)
        if self.take("case"):
            return self.case()
        if self.take("("):
            tree = self.expression()
            self.expect(")", "a parenthesis is not closed")
            return tree
        if token.value == "null":
            hint = "leave out 'else' to give a missing value"
            raise self.refuse(token, "null stands only after 'is' or 'is not'", hint)
        raise self.unexpected("a value is missing before it")

    def simple(self, token: Token) -> Expression | None:
        """A value of one token, or None."""
        if token.kind == "name":
            return Name(token.value, self.locate(token.offset))
        if token.kind == "number":
            return Number(Decimal(token.value))
        if token.kind == "string":
            return Text(token.value)
        if token.kind == "keyword" and token.value in ("true", "false"):
            return Truth(token.value == "true")
        if token.kind == "parameter":
            return ParameterRef(token.value, self.locate(token.offset))
        return AsOf() if token.kind == "as_of" else None

    def case(self) -> Case:
        branches = []
        if self.next.value != "when":
            message = "only 'when' can follow 'case'"
            raise self.refuse(self.next, message, "write case when x = 1 then 2 end")
        while self.take("when"):
            condition = self.expression()
            self.expect("then", "'when' needs a 'then'")
            branches.append((condition, self.expression()))
        otherwise = self.expression() if self.take("else") else None
        self.expect("end", "'case' needs an 'end'")
        return Case(tuple(branches), otherwise)

    def call(self, name: Token) -> Expression:
        self.expect("(", "a function needs its arguments in parentheses")
        arguments: list[Expression] = []
        if not self.take(")"):
            arguments.append(self.expression())
            while self.take(","):
                arguments.append(self.expression())
            self.expect(")", "a parenthesis is not closed")
        known = FUNCTIONS.get(name.value) or POPULATION_FUNCTIONS[name.value]
        count = len(arguments)
        if count < known.minimum or (known.maximum is not None and count > known.maximum):
            message = f"{name.value}() cannot have {count} argument{'' if count == 1 else 's'}"
            raise self.refuse(name, message, f"write {known.usage}")
        if name.value in POPULATION_FUNCTIONS:
            return self.population(name, arguments)
        if name.value == "round" and count == 2 and not is_decimals(arguments[1]):
            message = "round() takes a number of decimals from 0 to 8"
            raise self.refuse(name, message, f"write {known.usage}")
        return Call(name.value, tuple(arguments))

    def population(self, function: Token, arguments: list[Expression]) -> Population:
        measure = arguments[0]
        if not isinstance(measure, Name):
            hint = "make the expression a measure of its own, and name that"
            raise self.refuse(function, f"{function.value}() takes the name of a measure", hint)
        share = None
        if function.value == "percentile":
            given = arguments[1]
            if not isinstance(given, Number) or not 0 < given.value <= 1:
                message = "percentile() takes a share above 0% and up to 100%"
                raise self.refuse(function, message, "for example percentile(x, 90%)")
            share = given.value
        group = arguments[1] if function.value == "group_total" else None
        if group is not None and not isinstance(group, Name):
            hint = "for example group_total(x, controller)"
            raise self.refuse(function, "group_total() groups by an account column", hint)
        return Population(function.value, measure.name, measure.location, share, group)

    # --- tokens -----------------------------------------------------------------------

    @property
    def next(self) -> Token:
        return self.tokens[self.index] if self.index < len(self.tokens) else END

    def take(self, *values: str) -> Token | None:
        """The next token, if it is one of these words and signs."""
        token = self.next
        if token.kind in ("keyword", "operator") and token.value in values:
            self.index += 1
            return token
        return None

    def expect(self, value: str, message: str) -> None:
        if not self.take(value):
            raise self.unexpected(message)

    def unexpected(self, hint: str) -> KamError:
        token = self.next
        if token is END:
            last = self.tokens[-1]
            place = self.locate(last.offset)
            message = f"the formula ends too early, after '{last.text}'"
            hint = hint.removesuffix(" before it")
            return KamError(Problem("formula-syntax", message, place, hint))
        message = f"the formula cannot be read at '{token.text}'"
        return KamError(Problem("formula-syntax", message, self.locate(token.offset), hint))

    def refuse(self, token: Token, message: str, hint: str | None = None) -> KamError:
        offset = token.offset if token is not END else self.tokens[-1].offset
        return KamError(Problem("formula-not-allowed", message, self.locate(offset), hint))
