"""Values as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.console.values import bare_value


@pytest.mark.parametrize(
    ("value", "value_type", "zh", "en"),
    [
        (Decimal("1234567"), "money", "1,234,567.00", "1,234,567.00"),
        (Decimal("0.1234"), "money", "0.1234", "0.1234"),
        (-1234.5, "money", "-1,234.50", "-1,234.50"),
        (Decimal("0.213"), "ratio", "21.3%", "21.3%"),
        (Decimal("0.2126"), "ratio", "21.3%", "21.3%"),
        (Decimal("1"), "ratio", "100%", "100%"),
        (45, "days", "45", "45"),
        (1234, "integer", "1,234", "1,234"),
        (Decimal("82.500000"), "score", "82.5", "82.5"),
        (-22, "nps", "-22", "-22"),
        (date(2026, 6, 30), "date", "2026-06-30", "2026-06-30"),
        ("2026-06-30", "date", "2026-06-30", "2026-06-30"),
        (False, "boolean", "否", "no"),
        ("国企", "enum", "国企", "国企"),
        (None, "money", "不详", "unknown"),
    ],
)
def test_bare_value_reads_without_its_unit(
    value: object, value_type: str, zh: str, en: str
) -> None:
    assert bare_value(value, value_type, "zh") == zh
    assert bare_value(value, value_type, "en") == en
