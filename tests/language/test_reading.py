"""YAML is read strictly, exactly, and with the place of every value."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError, Location, Problem
from engine.language import reading
from engine.language.documents import Document
from engine.language.quantities import scaled
from engine.language.reading import ALIAS_LIMIT, CONTROL, DEPTH_LIMIT, parse_yaml
from engine.language.texts import SIZE_LIMIT
from engine.plan.sql.values import decimal


def read(text: str) -> Document:
    document = parse_yaml(text.encode(), "x.yaml")
    assert document.problems == ()
    return document


def problems_of(content: bytes) -> tuple[Problem, ...]:
    try:
        return parse_yaml(content, "x.yaml").problems
    except KamError as error:
        return error.problems


def refusal(content: bytes) -> tuple[str, int, int]:
    with pytest.raises(KamError) as caught:
        parse_yaml(content, "x.yaml")
    (problem,) = caught.value.problems
    assert problem.location is not None
    return problem.code, problem.location.line, problem.location.column


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("0", 0),
        ("-7", -7),
        ("1000000000000", 1_000_000_000_000),
        ("0.1", Decimal("0.1")),
        ("2.50", Decimal("2.50")),
        ("-0.333333333333333333", Decimal("-0.333333333333333333")),
        ("'12'", "12"),
        ('"true"', "true"),
        ("20%", "20%"),
        ("500万", "500万"),
        ("90 days", "90 days"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("3rd", "3rd"),
        ("~", None),
        ("", None),
    ],
)
def test_scalar_is_read_as_one_thing_only(written: str, value: Any) -> None:
    found = read(f"key: {written}").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_decimals_keep_the_digits_that_were_written() -> None:
    assert str(read("a: 0.10").data["a"]) == "0.10"


def test_keys_are_text_whatever_they_look_like() -> None:
    data = read("2026-01-01: 1\ntrue: 2\n5: 3\n").data
    assert data == {"2026-01-01": 1, "true": 2, "5": 3}


@given(
    st.decimals(
        allow_nan=False,
        allow_infinity=False,
        places=6,
        min_value=-(10**18) + 1,
        max_value=10**18 - 1,
    )
)
def test_decimal_written_plainly_is_read_exactly(value: Decimal) -> None:
    assert read(f"a: {value:f}").data["a"] == value


@given(
    st.recursive(
        st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=20)),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text("abcd", min_size=1, max_size=5), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_reading_gives_back_what_yaml_wrote(value: Any) -> None:
    text = yaml.safe_dump({"top": value}, allow_unicode=True)
    if "!!" in text or "&" in text or CONTROL.search(text):
        return
    assert parse_yaml(text.encode(), "x.yaml").data == {"top": value}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert all(problem.location for problem in problems_of(content))


@given(st.text("ab:[]{},&*!|>-?#'\"% \n\t1.0", max_size=80))
def test_any_punctuation_is_read_or_refused(text: str) -> None:
    assert all(problem.location for problem in problems_of(text.encode()))


# --- places ------------------------------------------------------------------------------


def test_places_count_characters_from_one() -> None:
    document = read("客户:\n  名称: {甲: 20%, 乙: [1, 2]}\n")
    path = ("客户", "名称", "乙")
    assert document.key_location(path) == Location("x.yaml", 2, 16)
    assert document.value_location(path) == Location("x.yaml", 2, 19)
    assert document.value_location((*path, 1)) == Location("x.yaml", 2, 23)
    assert document.key_location((*path, 1)) == Location("x.yaml", 2, 23)


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("f: a / b", 4, 1, 8),
        ("f: 'a / b'", 4, 1, 9),
        ("f: >-\n  a /\n  b", 4, 3, 3),
        ("f: |\n  a /\n  b\n", 4, 3, 3),
        ("f: a\n  / b", 4, 2, 5),
        ("f: 采购 / b", 5, 1, 9),
    ],
)
def test_place_of_a_character_is_found_through_folded_lines(
    text: str, offset: int, line: int, column: int
) -> None:
    assert read(text).text_location(("f",), offset) == Location("x.yaml", line, column)


def test_aliased_value_stands_where_it_is_written() -> None:
    document = read("a: &x {k: 1}\nb: *x\n")
    assert document.data["b"] == {"k": 1}
    assert document.value_location(("b", "k")) == Location("x.yaml", 1, 11)
    assert document.key_location(("b",)) == Location("x.yaml", 2, 1)


def test_duplicate_key_keeps_the_first_and_still_reads_the_second() -> None:
    document = parse_yaml(b"a: 1\na: {b: 010}\n", "x.yaml")
    assert document.data == {"a": 1}
    assert [problem.code for problem in document.problems] == ["duplicate-key", "unclear-number"]


@pytest.mark.parametrize("sign", ["", "-"])
def test_number_has_at_most_18_digits_before_the_point_and_18_after_it(sign: str) -> None:
    longest = f"{sign}{'9' * 18}.{'9' * 18}"
    assert read(f"a: {longest}").data == {"a": Decimal(longest)}
    for number in (f"{sign}{'9' * 19}", f"{sign}1.{'9' * 19}", f"{sign}{'9' * 39}", "1" * 400):
        (problem,) = problems_of(f"b: 1\na: {number}".encode())
        assert (problem.code, problem.location) == ("unclear-number", Location("x.yaml", 2, 4))
        assert problem.message == "the number has too many digits"
        assert problem.hint is not None and "at most 18 digits before the point" in problem.hint


def test_longest_numbers_compare_with_money_and_counts_in_the_database() -> None:
    longest = [Decimal("9" * 18 + "." + "9" * 18), Decimal("1." + "1" * 18), scaled("9" * 18, "亿")]
    with duckdb.connect() as connection:
        for number in (*longest, *(-one for one in longest), scaled("1." + "1" * 12, "%")):
            for kind in ("DECIMAL(18, 0)", "DECIMAL(18, 4)", "BIGINT"):
                most = "9" * 14 if "4" in kind else "9" * 18
                sql = f"SELECT {most}::{kind} < {decimal(number).sql('duckdb')}"
                assert connection.execute(sql).fetchone() == (Decimal(most) < number,)


# --- bounds ------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    return b"a: " + b"[" * levels + b"]" * levels


def test_nesting_is_bounded() -> None:
    assert parse_yaml(nested(DEPTH_LIMIT - 1), "x.yaml").problems == ()
    assert refusal(nested(DEPTH_LIMIT))[0] == "nested-too-deeply"


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- ", b"? "])
def test_nesting_a_hundred_thousand_deep_is_refused_at_once(opening: bytes) -> None:
    begun = time.monotonic()
    code, _, _ = refusal(b"a:\n  " + opening * 100_000)
    assert code in ("nested-too-deeply", "key-not-text")
    assert time.monotonic() - begun < 10


def aliases(count: int) -> bytes:
    return b"a: &a [" + b"x, " * 99 + b"]\nb: [" + b"*a, " * count + b"]\n"


def test_alias_expansion_is_bounded() -> None:
    each = 100  # the list and its 99 values
    within = ALIAS_LIMIT // each
    assert parse_yaml(aliases(within), "x.yaml").problems == ()
    assert refusal(aliases(within + 1))[0] == "too-many-aliases"


def test_aliases_that_multiply_are_refused_at_once() -> None:
    names = "abcdefghijklmnopqrst"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for above, name in pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]")
    begun = time.monotonic()
    assert refusal("\n".join(lines).encode())[0] == "too-many-aliases"
    assert time.monotonic() - begun < 10


def test_aliases_cannot_nest_deeper_than_text_can() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, DEPTH_LIMIT)]
    assert refusal("\n".join(lines).encode())[0] == "nested-too-deeply"


def test_size_is_bounded() -> None:
    filler = b"# " + b"x" * (SIZE_LIMIT - 8) + b"\na: 1"
    assert len(filler) == SIZE_LIMIT - 1
    assert parse_yaml(filler + b"\n", "x.yaml").data == {"a": 1}
    assert refusal(filler + b"\n\n") == ("file-too-big", 1, 1)


def test_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "NODE_LIMIT", 10)
    assert parse_yaml(b"a: [1, 2, 3, 4, 5, 6, 7, 8]", "x.yaml").problems == ()
    assert refusal(b"a: [1, 2, 3, 4, 5, 6, 7, 8, 9]")[0] == "file-too-big"


# --- text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"", ("empty-file", 1, 1)),
        (b"# nothing\n", ("empty-file", 1, 1)),
        (b"--- \n...\n", ("empty-file", 1, 1)),
        (b"\xff\xfea\x00", ("not-utf-8", 1, 1)),
        (b"\xef\xbb\xbfa: 1", ("byte-order-mark", 1, 1)),
        ("a: 1\nb: 客户".encode("gbk"), ("not-utf-8", 2, 4)),
        (b"a: 1\nb: \xff\xff", ("not-utf-8", 2, 4)),
        (b"a: 1\nb: x\x00", ("control-character", 2, 5)),
        ("a: x\ufeff".encode(), ("control-character", 1, 5)),
        ("a: \u200bx".encode(), ("control-character", 1, 4)),
        ("a: x\u202e".encode(), ("control-character", 1, 5)),
        ("a: x\u2028b: 1".encode(), ("control-character", 1, 5)),
        ("a: x\x85".encode(), ("control-character", 1, 5)),
        (b"a: 1\rb: 2", ("control-character", 1, 5)),
        (b"just text", ("not-a-mapping", 1, 1)),
        (b"a: 1\n---\nb: 1", ("more-than-one-document", 2, 1)),
        (b"%YAML 3.0\n---\na: 1", ("yaml-syntax", 1, 1)),
    ],
)
def test_text_that_is_not_a_policy_is_refused(
    content: bytes, refused: tuple[str, int, int]
) -> None:
    assert refusal(content) == refused


def test_gbk_is_recognised_in_the_hint() -> None:
    with pytest.raises(KamError, match="looks like GBK"):
        parse_yaml("a: 客户".encode("gbk"), "x.yaml")


def test_windows_line_ends_are_read() -> None:
    document = read("a: 1\r\nb:\r\n  c: 2\r\n")
    assert document.data == {"a": 1, "b": {"c": 2}}
    assert document.key_location(("b", "c")) == Location("x.yaml", 3, 3)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_both_parsers_read_alike(monkeypatch: pytest.MonkeyPatch, loader: Any) -> None:
    monkeypatch.setattr(reading, "Loader", loader)
    document = read("a: &x [1, 0.5, '2']\nb: {c: *x, d: 500万}\ne: |\n  f\n")
    assert document.data == {
        "a": [1, Decimal("0.5"), "2"],
        "b": {"c": [1, Decimal("0.5"), "2"], "d": "500万"},
        "e": "f\n",
    }
    assert document.value_location(("b", "d")) == Location("x.yaml", 2, 15)
    assert refusal(b"a: !!python/object:x.y z")[0] == "tag-not-allowed"
    assert refusal(b"a:\n\tb: 1")[0] == "tab-indentation"
