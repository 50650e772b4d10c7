"""Evaluations in a form in which a difference of type or scale is a difference."""

from __future__ import annotations

from typing import Any

from engine.executors.protocol import Evaluation


def comparable(evaluation: Evaluation) -> dict[str, Any]:
    """What two executors must agree on, to the last digit, column by column."""
    facts = {
        f"{row['account_id']}.{column}": _typed(value)
        for row in evaluation.facts
        for column, value in row.items()
    }
    statistics = {name: _typed(value) for name, value in evaluation.statistics.items()}
    statistics.pop("none", None)
    hits = [
        (hit.key, hit.level, {name: _typed(value) for name, value in hit.evidence.items()})
        for hit in evaluation.hits
    ]
    return {
        "facts": facts,
        "statistics": statistics,
        "candidates": {pack: tuple(tiers) for pack, tiers in evaluation.candidates.items()},
        "hits": hits,
        "unknowns": list(evaluation.unknowns),
    }


def differences(left: Evaluation, right: Evaluation) -> list[str]:
    """One line per disagreement, for a message that can be read."""
    found = []
    one, other = comparable(left), comparable(right)
    for part, expected in one.items():
        actual = other[part]
        if isinstance(expected, dict):
            for name in sorted({*expected, *actual}):
                if expected.get(name, "absent") != actual.get(name, "absent"):
                    a, b = expected.get(name, "absent"), actual.get(name, "absent")
                    found.append(f"{part} {name}: {a} against {b}")
        elif expected != actual:
            found.append(f"{part}: {expected} against {actual}")
    return found


def _typed(value: object) -> tuple[str, str]:
    """Zero has no sign here: no condition can tell -0.0 from 0.0."""
    if isinstance(value, float):
        return "float", repr(value + 0.0)
    return type(value).__name__, str(value)
