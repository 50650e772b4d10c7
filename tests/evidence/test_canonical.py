"""Canonical JSON: the published vectors, the library as the oracle, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError
from engine.evidence.canonical import LARGEST_INTEGER, LineTemplate, canonical
from tests.evidence.vectors import VECTORS, needs_vectors, vector_files

# Control characters, quotes, U+007F, line separators and characters beyond the BMP, and the rest.
TEXTS = st.text(
    st.one_of(
        st.sampled_from([*map(chr, range(0x20)), '"', "\\", "/", "\x7f", "\u2028", "\U0001f600"]),
        st.characters(exclude_categories=["Cs"]),
    )
)
INTEGERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
SCALARS = st.one_of(TEXTS, INTEGERS, st.none(), st.booleans())
DOCUMENTS = st.recursive(
    st.one_of(SCALARS, st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)


@needs_vectors
@pytest.mark.parametrize("path", vector_files("jcs/testdata/input/*.json"))
def test_canonical_writes_the_published_vectors(path: Path) -> None:
    written = canonical(json.loads(path.read_text(encoding="utf-8")))
    assert written == (VECTORS / "jcs/testdata/output" / path.name).read_bytes()
    hexadecimal = VECTORS / "jcs/testdata/outhex" / f"{path.stem}.txt"
    assert written == bytes.fromhex(hexadecimal.read_text(encoding="ascii"))


@given(DOCUMENTS)
def test_canonical_is_what_the_library_writes_and_reads_back(document: Any) -> None:
    written = canonical(document)
    assert written == rfc8785.dumps(document)
    # Canonical JSON has no point in whole numbers, so those of a double come back as integers.
    assert json.loads(written, parse_int=float) == json.loads(json.dumps(document), parse_int=float)


def test_canonical_writes_money_and_days_as_text() -> None:
    document = {
        "sum": Decimal("12.50"),
        "large": Decimal("1E+3"),
        "on": date(2026, 6, 30),
        "at": datetime(2026, 6, 30, 1, 2, 3, tzinfo=UTC),
        "pair": (1, None),
    }
    assert canonical(document) == (
        b'{"at":"2026-06-30T01:02:03+00:00","large":"1000","on":"2026-06-30","pair":[1,null],'
        b'"sum":"12.50"}'
    )


@pytest.mark.parametrize("number", [LARGEST_INTEGER, -LARGEST_INTEGER])
def test_integers_up_to_the_bound_are_written(number: int) -> None:
    assert canonical(number) == str(number).encode()
    assert LineTemplate(["n"])(number) == LineTemplate(["n"]).lines([[number]])[0]


def nested() -> list[Any]:
    outermost: list[Any] = []
    for _ in range(100_000):
        outermost = [outermost]
    return outermost


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [LARGEST_INTEGER + 1]}, "$.a[0]"),
        ({"a": -LARGEST_INTEGER - 1}, "$.a"),
        ({"a": float("nan")}, "$.a"),
        ([1.0, float("-inf")], "$[1]"),
        (Decimal("NaN"), "$"),
        ("\ud800", "$"),
        ({"\udfff": 1}, "$"),
        ({1: 1}, "$"),
        ({"a": {1, 2}}, "$.a"),
        (b"bytes", "$"),
    ],
)
def test_canonical_refuses_and_names_the_place(value: Any, place: str) -> None:
    with pytest.raises(KamError, match="not-canonical") as caught:
        canonical(value)
    assert caught.value.problems[0].message.startswith(f"{place} cannot be written")


def test_canonical_refuses_what_is_nested_too_deeply() -> None:
    with pytest.raises(KamError, match="nested too deeply"):
        canonical(nested())


KEYS = st.lists(st.text(st.characters(max_codepoint=0x7F)), min_size=1, max_size=8, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    """Keys and columns; each column of one type, of two, or of any."""
    keys, length = draw(KEYS), draw(st.integers(0, 5))
    kinds = st.sampled_from(
        [TEXTS, INTEGERS, st.none(), st.one_of(TEXTS, st.none()), st.booleans(), SCALARS]
    )
    return keys, [draw(st.lists(draw(kinds), min_size=length, max_size=length)) for _ in keys]


@given(tables())
def test_lines_are_what_the_library_writes(table: tuple[list[str], list[list[Any]]]) -> None:
    keys, columns = table
    rows = list(zip(*columns, strict=True))
    expected = [rfc8785.dumps(dict(zip(keys, row, strict=True))) for row in rows]
    template = LineTemplate(keys)
    assert template.lines(columns) == expected
    assert [template(*row) for row in rows] == expected


@given(DOCUMENTS, TEXTS)
def test_raw_fields_are_taken_as_they_are(document: Any, text: str) -> None:
    expected = rfc8785.dumps({"facts": document, "text": text})
    template, raw = LineTemplate(["text", "facts"], raw=["facts"]), canonical(document)
    assert template(text, raw) == expected
    assert template.lines([[text, text], [raw, raw.decode()]]) == [expected, expected]


def test_lines_write_what_is_rare_as_documents_do() -> None:
    day, money = date(2026, 6, 30), Decimal("1.50")
    assert LineTemplate(["a", "b", "c"])(day, money, [1.5]) == canonical(
        {"a": day, "b": money, "c": [1.5]}
    )


@pytest.mark.parametrize(
    "values", [["\ud800"], ["\udc00x"], [LARGEST_INTEGER + 1], [1.0, float("nan")], [b"x"]]
)
def test_lines_refuse_what_documents_refuse(values: list[Any]) -> None:
    with pytest.raises(KamError, match="not-canonical"):
        LineTemplate(["a"]).lines([values])


def test_raw_fields_refuse_what_is_not_text() -> None:
    with pytest.raises(KamError, match="not-canonical"):
        LineTemplate(["a"], raw=["a"])(1)


@pytest.mark.parametrize(("keys", "raw"), [([], []), (["a", "a"], []), (["ä"], []), (["a"], ["b"])])
def test_templates_refuse_keys_they_could_not_sort(keys: list[str], raw: list[str]) -> None:
    with pytest.raises(ValueError):
        LineTemplate(keys, raw)


def test_templates_refuse_tables_of_another_shape() -> None:
    template = LineTemplate(["a", "b"])
    for columns in ([[1]], [[1], [1, 2]], [[1], [2], [3]]):
        with pytest.raises(ValueError):
            template.lines(columns)
    with pytest.raises(ValueError):
        template(1)
