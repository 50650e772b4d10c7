"""Titles, words and values of a report in one language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.model import Title
from engine.reports.html.words import WORDS
from engine.reports.overview.model import Account, Cut

ShowValue = Callable[[object, str, str, str], str | None]
"""(value, type, currency, language) → text; None for a missing value."""


@dataclass(frozen=True)
class Speech:
    """`visible` makes control characters of foreign texts harmless; escaping is the page's."""

    language: str
    currency: str
    show: ShowValue
    visible: Callable[[str], str]

    def word(self, key: str, **values: object) -> str:
        """A word of ours; a key that is none (of a later version, say) stands for itself."""
        known = WORDS.get(key)
        if known is None:
            return self.visible(key)
        return known[0 if self.language == "zh" else 1].format(**values)

    def counted(self, key: str, count: int) -> str:
        return self.word(f"{key}_one" if count == 1 else key, count=self.number(count))

    def title(self, title: Title | None) -> str:
        if title is None:
            return "–"
        return self.visible(title.zh if self.language == "zh" else title.en)

    def value(self, value: object, value_type: str) -> str:
        shown = self.show(value, value_type, self.currency, self.language)
        return "–" if shown is None else self.visible(shown)

    def scoped(self, value: float | None, value_type: str) -> str:
        """A value of a scope, which is kept as a double whatever its type."""
        if value is not None and value_type in ("integer", "days"):
            return self.value(round(value), value_type)
        if value is not None and value_type == "money":
            return self.value(Decimal(f"{value:.2f}"), value_type)
        return self.value(value, value_type)

    def share(self, value: float) -> str:
        return self.value(value, "ratio")

    def number(self, value: int) -> str:
        return f"{value:,}"

    def signed(self, value: int) -> str:
        return f"{value:+,}" if value else "±0"

    def day(self, day: date | None) -> str:
        return "–" if day is None else day.isoformat()

    def name(self, account: Account) -> str:
        return self.visible(account.name or account.id)

    def text(self, text: str | None) -> str:
        return "–" if text is None else self.visible(text)

    def owner(self, owner: str | None, role: Title | None) -> str:
        """The person; else the role that nobody holds."""
        if owner is not None:
            return self.visible(owner)
        return self.word("nobody") if role is None else self.title(role)

    def more(self, cut: Cut[object]) -> str:
        """How many rows of a list are not shown; empty if none."""
        return self.counted("more", cut.hidden) if cut.hidden else ""
