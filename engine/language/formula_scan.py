"""The first gate of a formula: its words and signs, each known and each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Location, Problem
from engine.language.quantities import plain, scaled
from engine.nearest import nearest

Locate = Callable[[int], Location]

TEXT_LIMIT = 2_000
TOKEN_LIMIT = 200
NESTING_LIMIT = 24


@dataclass(frozen=True)
class Function:
    """A function of the language: how many arguments it takes, and what it gives."""

    minimum: int
    maximum: int | None
    usage: str
    doc: str


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, "abs(x)", "The number without its sign."),
    "round": Function(1, 2, "round(x) or round(x, 2)", "Rounded to so many decimals, or to none."),
    "floor": Function(1, 1, "floor(x)", "The greatest whole number that is not above x."),
    "ceil": Function(1, 1, "ceil(x)", "The least whole number that is not below x."),
    "sqrt": Function(1, 1, "sqrt(x)", "The square root; missing if x is negative."),
    "power": Function(
        2, 2, "power(x, 3)", "x to that power; missing if x is negative, or it is infinite."
    ),
    "least": Function(2, None, "least(x, y)", "The least; missing if an argument is."),
    "greatest": Function(2, None, "greatest(x, y)", "The greatest; missing if an argument is."),
    "coalesce": Function(2, None, "coalesce(x, y)", "The first that is not missing."),
    "nullif": Function(2, 2, "nullif(x, y)", "Missing if x equals y, else x."),
}

POPULATION_FUNCTIONS: Mapping[str, Function] = {
    "total": Function(1, 1, "total(x)", "The sum of a measure over the population."),
    "average": Function(1, 1, "average(x)", "The mean of a measure over the population."),
    "percentile": Function(2, 2, "percentile(x, 90%)", "The value that 90% do not exceed."),
    "rank": Function(1, 1, "rank(x)", "1 for the account with the largest value."),
    "group_total": Function(
        2, 2, "group_total(x, controller)", "The sum over accounts that share a column's value."
    ),
}

KEYWORDS = frozenset(
    {"and", "or", "not", "is", "null", "case", "when", "then", "else", "end", "true", "false"}
)

TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--|/\*|\*/|\#)
    |(?P<suffixed>[0-9]+(?:\.[0-9]+)?[万亿%])
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))
    |(?P<digits>[0-9.][\w.]*)
    |(?P<parameter>\$[A-Za-z_]\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<string>'(?:[^'\\\n]|'')*'(?!'))
    |(?P<operator><=|>=|<>|!=|==|::|\|\||->|[-+*/=<>(),])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

OPENING = frozenset({"'", '"', "`"})
"""Signs that open something whose end cannot be told."""

REFUSED: Mapping[str, tuple[str, str | None]] = {
    "::": ("a cast", "types follow from the measures; leave it out"),
    "||": ("text put together", None),
    "->": ("'->'", None),
    "==": ("'=='", "write ="),
    ";": ("';'", "a formula is one expression"),
    '"': ("double quotes", "names stand without quotes, text in single quotes"),
    "`": ("backquotes", "names stand without quotes"),
    "%": ("'%' here", "write 20% for a share; a remainder is not part of the language"),
    "[": ("brackets", "use ( and )"),
    "]": ("brackets", "use ( and )"),
    "{": ("braces", "name the measure without braces"),
    "}": ("braces", "name the measure without braces"),
    "$": ("'$' without a name", "write $name for a parameter"),
    "（": ("'（'", "write the ASCII parenthesis ("),
    "）": ("'）'", "write the ASCII parenthesis )"),
    "，": ("'，'", "write the ASCII comma ,"),
    "×": ("'×'", "write *"),
    "÷": ("'÷'", "write /"),
    "'": ("text that is not closed, or has a backslash", "close it with a single quote"),
    ".": ("a name with a dot", "aggregate a record column as a measure, and name that"),
}
REFUSED_WORDS: Mapping[str, str] = {
    "select": "a formula cannot look into tables; aggregate records as a measure",
    "from": "a formula cannot look into tables; aggregate records as a measure",
    "in": "write x = 'a' or x = 'b'",
    "between": "write x >= 1 and x <= 2",
    "like": "text cannot be searched; use an enumeration",
    "cast": "types follow from the measures; leave it out",
    "interval": "a date minus a date is a number of days",
}


@dataclass(frozen=True)
class Token:
    """A word or sign: as written, where it begins, and what it stands for.

    `kind` is number, string, name, function, parameter, as_of, keyword or operator;
    `value` is the plain number, the text without quotes, or the word itself.
    """

    kind: str
    text: str
    offset: int
    value: str = ""


Scan = tuple[tuple[Token, ...], tuple[Problem, ...]]


def scan_formula(text: str, locate: Locate, population: bool) -> Scan:
    """Split a formula into tokens; collect everything that is not part of the language."""
    if not text.strip():
        return (), (Problem("formula-syntax", "the formula is empty", locate(0)),)
    if len(text) > TEXT_LIMIT:
        return too_long(locate)
    tokens: list[Token] = []
    problems: list[Problem] = []
    for match in TOKEN.finditer(text):
        if match.lastgroup == "space":
            continue
        read = read_token(match, text, population)
        if isinstance(read, Token):
            tokens.append(read)
        else:
            message, hint = read
            problems.append(Problem("formula-not-allowed", message, locate(match.start()), hint))
            if match.lastgroup == "comment" or match.group() in OPENING:
                break  # what follows would be read as something that it is not
        if len(tokens) > TOKEN_LIMIT:
            return too_long(locate)
    problems.extend(nesting_problems(tokens, locate))
    return tuple(tokens), tuple(problems)


def too_long(locate: Locate) -> Scan:
    problem = Problem(
        "formula-too-long",
        f"a formula has at most {TEXT_LIMIT} characters and {TOKEN_LIMIT} words and signs",
        locate(0),
        "give its parts names, as measures of their own",
    )
    return (), (problem,)


def nesting_problems(tokens: list[Token], locate: Locate) -> Iterator[Problem]:
    depth = 0
    for token in tokens:
        depth += {"(": 1, "case": 1, ")": -1, "end": -1}.get(token.value, 0)
        if depth > NESTING_LIMIT:
            message = f"the formula nests deeper than {NESTING_LIMIT} levels"
            hint = "give its parts names, as measures of their own"
            yield Problem("formula-too-long", message, locate(token.offset), hint)
            return


Refusal = tuple[str, str | None]


def read_token(match: re.Match[str], text: str, population: bool) -> Token | Refusal:
    kind, written, offset = str(match.lastgroup), match.group(), match.start()
    if kind == "parameter":
        if not ID.fullmatch(written[1:]):
            return f"'{written}' cannot be the name of a parameter", "write $lower_case_name"
        return Token(kind, written, offset, written[1:])
    if kind == "word":
        called = text[match.end() :].lstrip().startswith("(")
        return read_word(written, offset, called, population)
    if kind in VALUES and written not in REFUSED:
        return Token(kind.replace("suffixed", "number"), written, offset, VALUES[kind](written))
    return refusal(kind, written)


def refusal(kind: str, written: str) -> Refusal:
    if kind == "comment":
        return "a formula cannot have a comment", "put it beside the formula, as a YAML comment"
    if written[0] == "." and not written[1:2].isdigit():
        written = "."
    elif kind == "digits":
        return f"a formula cannot have '{written}'", "numbers are written like 1000 or 0.5"
    what, hint = REFUSED.get(written, (f"'{written}'", None))
    return f"a formula cannot have {what}", hint


VALUES: Mapping[str, Callable[[str], str]] = {
    "suffixed": lambda written: plain(scaled(written[:-1], written[-1])),
    "number": lambda written: written,
    "string": lambda written: written[1:-1].replace("''", "'"),
    "operator": lambda written: "<>" if written == "!=" else written,
}
"""What a token stands for, by its kind."""


def read_word(word: str, offset: int, called: bool, population: bool) -> Token | Refusal:
    lower = word.lower()
    if lower in KEYWORDS:
        return Token("keyword", word, offset, lower)
    if lower in REFUSED_WORDS:
        return f"a formula cannot have '{word}'", REFUSED_WORDS[lower]
    if called:
        return read_function(word, offset, population)
    if not ID.fullmatch(word):
        return f"'{word}' cannot be the name of a measure", "names are like annual_purchase"
    kind = "as_of" if word == "as_of" else "name"
    return Token(kind, word, offset, word)


def read_function(word: str, offset: int, population: bool) -> Token | Refusal:
    lower = word.lower()
    if lower in POPULATION_FUNCTIONS and not population:
        return f"{lower}() looks at all accounts; a record column sees one record", None
    if lower in FUNCTIONS or lower in POPULATION_FUNCTIONS:
        return Token("function", word, offset, lower)
    known = [*FUNCTIONS, *POPULATION_FUNCTIONS]
    near = nearest(lower, known)
    hint = f"did you mean {near}()?" if near else f"functions are: {', '.join(known)}"
    return f"{word}() is not a function of the language", hint
