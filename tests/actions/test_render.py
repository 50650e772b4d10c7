"""The text of an action in both languages."""

from __future__ import annotations

from decimal import Decimal

from engine.actions.render import LEVEL_TITLES, render_action
from engine.console.values import bare_value
from engine.model import WARNING_LEVELS, Title


def rendered(text: str, **values: object) -> Title:
    return render_action(
        Title(zh=text, en=text),
        {
            "name": "华东{x}重工",
            "warning": Title(zh="投诉频次上升", en="Complaints rising"),
            "level": None,
        },
        values,
        {"purchase": "money", "share": "ratio", "silent": "days", "due": "date", "ok": "boolean"},
        bare_value,
    )


def test_action_text_is_filled_by_type_in_both_languages() -> None:
    text = rendered(
        "{name}: {warning} {purchase} {share} {silent} {due} {ok}",
        purchase=Decimal("1234567.5"), share=Decimal("0.213"), silent=45,
        due="2026-06-30", ok=True,
    )  # fmt: skip
    assert text.zh == "华东{x}重工: 投诉频次上升 1,234,567.50 21.3% 45 2026-06-30 是"
    assert text.en == "华东{x}重工: Complaints rising 1,234,567.50 21.3% 45 2026-06-30 yes"


def test_action_text_says_what_is_missing() -> None:
    assert rendered("{purchase}/{other}", purchase=None) == Title(
        zh="不详/不详", en="unknown/unknown"
    )


def test_action_text_reaches_no_attributes() -> None:
    text = "{name.__class__} {0} {} {{name}} {Name}"
    assert rendered(text).en == "{name.__class__} {0} {} {{name}} {Name}"


def test_action_text_prefers_words_to_values_of_the_same_name() -> None:
    assert rendered("{warning}", warning=5).en == "Complaints rising"
    assert rendered("{level}", level=5) == Title(zh="不详", en="unknown")


def test_every_warning_level_has_a_word() -> None:
    assert set(LEVEL_TITLES) == set(WARNING_LEVELS)
