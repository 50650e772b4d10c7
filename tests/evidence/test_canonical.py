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
from engine.evidence.canonical import LARGEST_INTEGER, canonical
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
