"""The answer to an event as JSON, as far as its reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.audit.kinds import NAMES_PERSON
from engine.audit.privacy import STAFF
from engine.day.events import Answer, Rejected
from engine.model import CLASSES, Classification

SEES_EVIDENCE: Classification = "confidential"
"""The highest class but personal, whose values an answer holds as tokens alone."""


def answer_document(answer: Answer | Rejected, level: Classification) -> dict[str, Any]:
    """What `schemas/answer.schema.json` describes, for a reader up to the class `level`.

    The values that a change was decided upon may be confidential; whoever may read less than
    that gets the change without them. The names of our own people have a class too.
    """
    if isinstance(answer, Rejected):
        return rejected_document(answer)
    document = dict(answer.document)
    if CLASSES.index(level) < CLASSES.index(SEES_EVIDENCE) and "changes" in document:
        document["changes"] = [_without_evidence(one) for one in document["changes"]]
    if CLASSES.index(level) < CLASSES.index(STAFF) and "actions" in document:
        document["actions"] = [{**one, "owner": None} for one in document["actions"]]
        document["changes"] = [
            {**one, "to": None} if one["kind"] in NAMES_PERSON else one
            for one in document["changes"]
        ]
    return document


def rejected_document(rejected: Rejected) -> dict[str, Any]:
    """
    >>> from engine.errors import Problem
    >>> rejected_document(Rejected(Problem("event-too-long", "too long"), None, 3))["line"]
    3
    """
    problem = rejected.problem
    said = {"code": problem.code, "message": problem.message, "hint": problem.hint}
    return {
        "event": rejected.event,
        "status": "rejected",
        "line": rejected.line,
        "problem": said,
    }


def _without_evidence(change: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in change.items() if key != "evidence"}
