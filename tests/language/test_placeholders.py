"""Names in braces, and every other brace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.placeholders import BUILT_IN, filled, hint, placeholders, stray_braces

BRACES = "{}\uff5b\uff5d"


@pytest.mark.parametrize(
    ("text", "message", "offset", "written_as"),
    [
        ("a {{name}}", "'{{name}}' has two pairs of braces", 2, "write {name}"),
        ("{{name}", "'{{name}' has a brace too many", 0, "write {name}"),
        ("{name}}", "'{name}}' has a brace too many", 0, "write {name}"),
        ("{{}}", "'{{}}' names nothing", 0, None),
        ("{}", "'{}' names nothing", 0, None),
        ("{ }", "'{ }' names nothing", 0, None),
        ("a {name, b", "'{name' has no closing brace", 2, "write {name}"),
        ("{name {level}", "'{name' has no closing brace", 0, "write {name}"),
        ("{", "'{' has no closing brace", 0, None),
        ("a name} b", "'name}' has no opening brace", 6, "write {name}"),
        ("}", "'}' has no opening brace", 0, None),
        ("\uff5bname\uff5d", "'\uff5bname\uff5d' has full-width braces", 0, "write {name}"),
        ("{name\uff5d", "'{name\uff5d' has full-width braces", 0, "write {name}"),
        ("{Name}", "'{Name}' is not a name in braces", 0, "write {name}"),
        ("{ name }", "'{ name }' is not a name in braces", 0, "write {name}"),
        ("{order-count}", "'{order-count}' is not a name in braces", 0, "write {order_count}"),
        ("{a-b}", "'{a-b}' is not a name in braces", 0, None),
        ("{0}", "'{0}' is not a name in braces", 0, None),
        ("{a__b}", "'{a__b}' is not a name in braces", 0, None),
        ("{" + "x " * 30 + "}", "'{" + "x " * 18 + "...' is not a name in braces", 0, None),
    ],
)
def test_stray_brace_says_what_was_meant(
    text: str, message: str, offset: int, written_as: str | None
) -> None:
    (stray,) = stray_braces(text)
    general = (
        "write a name of the pack in one pair of braces, as in {account_id}, and no other brace"
    )
    assert (stray.message, stray.offset) == (message, offset)
    assert hint(stray, {"name", "order_count"}) == (written_as or general)


def test_placeholders_are_named_once_in_order() -> None:
    text = "{b}{a_1} {b}, {{c}} {D} \uff5be\uff5d {milestone}"
    assert placeholders(text) == ("b", "a_1", "milestone")
    assert placeholders("") == ()
    assert filled(text, str.upper) == "BA_1 B, {{c}} {D} \uff5be\uff5d MILESTONE"


def test_built_in_names_can_stand_in_braces() -> None:
    for name in BUILT_IN:
        assert placeholders(f"{{{name}}}") == (name,)


@given(st.text(st.sampled_from("{}\uff5b\uff5d ab_-A\n")))
def test_every_brace_is_of_a_placeholder_or_stray(text: str) -> None:
    without = filled(text, lambda name: "")
    strays = stray_braces(text)
    assert len(stray_braces(without)) <= len(strays)
    assert bool(strays) == any(brace in without for brace in BRACES)
    assert all(text[stray.offset] in BRACES for stray in strays)


def test_long_text_full_of_braces_is_read_at_once() -> None:
    assert len(stray_braces("{" * 50_000)) == 1
    assert len(stray_braces("{a" * 20_000)) == 20_000
    assert len(stray_braces("a" * 50_000 + "}")) == 1
