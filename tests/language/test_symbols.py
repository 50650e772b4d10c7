"""Symbols of comparison and spaces of another kind are named, and what to write instead."""

from __future__ import annotations

import pytest

from engine.errors import KamError
from engine.language.checks.pack import check_pack
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from tests.language.broken_files import HEAD

PACK = """\
vocabulary:
  accounts:
    lines: {type: integer, title: {zh: x, en: x}}
    wait: {type: days, title: {zh: x, en: x}}
    rating: {type: ordinal, values: [low, high], title: {zh: x, en: x}}
milestones:
  won:
    title: {zh: x, en: x}
    effect: report
    when:"""


def hints(when: str) -> list[tuple[str, str | None]]:
    """Code and hint of every problem on the lines of the condition."""
    texts = KeptTexts({"pack/pack.yaml": HEAD, "pack/x.yaml": f"{PACK}{when}\n".encode()})
    try:
        problems = check_pack(load_pack("pack", texts))
    except KamError as error:
        problems = error.problems
    first = PACK.count("\n") + 1
    return [
        (one.code, one.hint)
        for one in problems
        if one.location and one.location.file == "pack/x.yaml" and one.location.line >= first
    ]


@pytest.mark.parametrize(
    ("when", "operator"),
    [
        (" {lines: ≥3}", "gte"),
        (" {lines: >= 3}", "gte"),
        (" {lines: >=3}", "gte"),
        ("\n      lines: >= 3", "gte"),
        ("\n      lines: > 3", "gt"),
        ("\n      lines: >3", "gt"),
        (" {lines: '>3'}", "gt"),
        (" {lines: \uff1e3}", "gt"),
        (" {lines: \uff1e\uff13}", "gt"),
        (" {lines: ≤3}", "lte"),
        (" {lines: <= 3}", "lte"),
        ("\n      lines: <3", "lt"),
        (" {lines: \uff1c3}", "lt"),
        (" {lines: = 3}", "eq"),
        (" {lines: ≠3}", "ne"),
        (" {lines: != 3}", "ne"),
        (" {lines: !=3}", "ne"),
    ],
)
def test_a_symbol_before_a_number_is_answered_with_the_operator_that_it_means(
    when: str, operator: str
) -> None:
    ((_, hint),) = hints(when)
    assert hint == f"write {{{operator}: 3}}"


def test_the_value_behind_a_symbol_is_repeated_as_it_was_written() -> None:
    assert hints(" {wait: ≥180 days}") == [("type-mismatch", "write {gte: 180 days}")]
    assert hints(" {lines: ≥$most}") == [("type-mismatch", "write {gte: $most}")]
    assert hints(" {rating: ≥high}") == [("unknown-value", "write {gte: high}")]


@pytest.mark.parametrize("symbol", ["≥", ">="])
def test_a_symbol_in_the_place_of_an_operator_and_a_whole_comparison_are_known(symbol: str) -> None:
    assert hints(f" {{lines: {{'{symbol}': 3}}}}") == [("unknown-operator", "write 'gte'")]
    told = hints(f"\n      all:\n        - lines {symbol} 3")
    assert told == [("wrong-type", "write {lines: {gte: 3}}")]


def test_a_text_that_is_folded_may_still_stand_below_its_key() -> None:
    texts = {"pack/pack.yaml": HEAD.replace(b"owner: office", b"owner: >2\n    office")}
    assert load_pack("pack", KeptTexts(texts)).owner.strip() == "office"


@pytest.mark.parametrize(
    ("space", "name"),
    [
        ("\u00a0", "a no-break space"),
        ("\u3000", "a full-width space"),
        ("\u202f", "a narrow no-break space"),
        ("\u2009", "a space of another width"),
    ],
)
def test_a_space_of_another_kind_is_named_with_its_column(space: str, name: str) -> None:
    ((code, hint),) = hints(f" {{wait: {{gt: 180{space}days}}}}")
    assert code == "unclear-quantity"
    assert hint is not None
    assert hint.startswith(f"line 10, column 26 has {name}; write 180 days")
    ((code, hint),) = hints(f" {{wait: {{gt{space}: 1 day}}}}")
    assert (code, hint) == ("unknown-operator", f"line 10, column 21 has {name}; write a space")
    ((code, hint),) = hints(f" {{rating: high{space}}}")
    assert (code, hint) == (
        "unknown-value",
        f"character 5 of it is {name}; did you mean 'high'?",
    )


def test_a_quantity_in_quotes_with_a_space_of_another_kind_says_which_one() -> None:
    told = hints(" {wait: {gt: '180\u00a0days'}}")
    assert told == [("type-mismatch", "character 4 of it is a no-break space; write a space")]


def test_a_period_with_a_space_of_another_kind_says_where_it_stands() -> None:
    texts = KeptTexts(
        {
            "pack/pack.yaml": HEAD,
            "pack/x.yaml": b"measures:\n  m: {title: {zh: x, en: x}, type: integer, count: orders, "
            + "window: 90\u00a0days}\n".encode(),
        }
    )
    with pytest.raises(KamError) as caught:
        load_pack("pack", texts)
    assert any(
        "has a no-break space; write a space" in (one.hint or "") for one in caught.value.problems
    )
