"""The text of an action.

An action is stored as its template and the values seen; its text is made when it is read
or delivered, so that a corrected title does not have to be corrected in a million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.language.placeholders import filled
from engine.model import Title

Show = Callable[[object, str, str], str]
"""(value, type, language) → text; see `engine.console.values.bare_value`."""

LEVEL_TITLES: Mapping[str, Title] = {
    "red": Title(zh="红色", en="red"),
    "orange": Title(zh="橙色", en="orange"),
    "yellow": Title(zh="黄色", en="yellow"),
    "blue": Title(zh="蓝色", en="blue"),
}
"""The levels of a warning within a sentence."""


def render_action(
    text: Title,
    words: Mapping[str, Title | str | None],
    values: Mapping[str, object],
    types: Mapping[str, str],
    show: Show,
) -> Title:
    """The text of a template in both languages.

    `words` are texts that a template may name (``name``, ``account_id``, ``warning``,
    ``milestone``, ``level``, ``tier``), None where there is none: a milestone has no level.
    `values` are the evidence by the pack's names, `types` their types; words go before values.
    What neither has is shown as a missing value, because it was missing when the action was
    emitted.
    """
    return Title(
        zh=_fill(text.zh, "zh", words, values, types, show),
        en=_fill(text.en, "en", words, values, types, show),
    )


def _fill(
    text: str,
    language: str,
    words: Mapping[str, Title | str | None],
    values: Mapping[str, object],
    types: Mapping[str, str],
    show: Show,
) -> str:
    def value(name: str) -> str:
        if name not in words:
            return show(values.get(name), types.get(name, "text"), language)
        word = words[name]
        if isinstance(word, Title):
            return word.zh if language == "zh" else word.en
        return word if word is not None else show(None, "text", language)

    return filled(text, value)
