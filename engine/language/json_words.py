"""What is wrong with JSON that another program sent, in a person's words.

As `engine.language.schema` for the files that people write, but there is no text with lines to
point into: a place is named by its keys, as in ``values.amount``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.language.documents import Path
from engine.language.schema import is_valid, validator
from engine.language.schema_problems import WORDS, other_words, subject, without_echoes

_SUBJECT = {"the file": "the event", "entries with keys": "a JSON object"}
_OF_A_FILE = re.compile("|".join(_SUBJECT))

Finding = tuple[str, str | None]
"""Message and hint."""


def first_finding(schema: str, data: Any) -> Finding | None:
    """What is wrong with `data`, the first thing alone; None if it agrees with the schema."""
    try:
        if is_valid(schema)(data):
            return None
    except ValueError:  # half of a surrogate pair, which has no UTF-8
        return "a text has half of a surrogate pair", "send the text as UTF-8"
    errors = list(validator(schema).iter_errors(data))
    for error in without_echoes(errors, frozenset()):
        return _finding(error)
    # The two libraries differ in what $ admits at the end of a text.
    return "a text ends with a line break", None


def _finding(error: Any) -> Finding:
    path: Path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        return f"a key of '{path[0]}' is empty or longer than 200 characters", None
    if path and error.instance is None:
        return f"{subject(path)} has no value", _example(error.schema)
    _, message, hint = WORDS.get(str(error.validator), other_words)(error, path)
    place = "" if len(path) < 2 else f"{'.'.join(map(str, path))[:200]}: "
    message = _OF_A_FILE.sub(lambda found: _SUBJECT[found[0]], message)
    return f"{place}{message}", _example(error.schema) if _is_example(hint) else hint


def _is_example(hint: str | None) -> bool:
    return hint is not None and hint.startswith("for example: ")


def _example(schema: Any) -> str | None:
    """The example in JSON, where one for a file would be in YAML."""
    if "examples" not in schema:
        return None
    return f"for example: {json.dumps(schema['examples'][0], ensure_ascii=False)}"
