"""What a proof opens: the values that a line saw, for a reader who may read all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.audit.leaves import Leaf
from engine.audit.privacy import Classes, Reader
from engine.audit.records import SeenText
from engine.audit.store import Run, Store
from engine.evidence.proof_documents import Opening
from engine.model import DEFAULT_CLASS, Classification


class Openings:
    """The openings of the leaves of one run.

    A commitment is to all values of a line at once, so one that the reader may not see keeps
    all of them closed. Personal values are tokens within the text and stay so.
    """

    def __init__(self, store: Store, run: Run, level: Classification | None) -> None:
        self._reader = None if level is None else Reader(store.connection, level)
        self._classes = (
            {} if self._reader is None else dict(self._reader.classes_by_pack(run.run_no))
        )

    def of(self, leaf: Leaf) -> Mapping[str, Opening]:
        """By name, as `sealed` in the leaf has them; nothing if the reader may not see it."""
        if leaf.opened is None or self._reader is None:
            return {}
        said = json.loads(leaf.content)
        salt, text = leaf.opened
        if not self._may_open(self._reader, said, text):
            return {}
        (name,) = said["sealed"]
        return {name: Opening(salt, text)}

    def _may_open(self, reader: Reader, said: Mapping[str, Any], text: str) -> bool:
        if "content" in said["sealed"]:  # of an event: facts and decisions under every policy
            return reader.may_read("confidential")
        pack = said.get("pack") or (said.get("rule") or {}).get("pack")
        classes: Classes = self._classes.get(str(pack), {})
        if not reader.may_read(classes.get("name", DEFAULT_CLASS)):
            return False
        return all(self._shows(reader, one, classes) for one in _evidence(said, text))

    def _shows(self, reader: Reader, text: str, classes: Classes) -> bool:
        seen = reader.evidence(text, classes)
        return not (isinstance(seen, SeenText) and seen.masked)


def _evidence(said: Mapping[str, Any], text: str) -> Iterator[str]:
    """The objects of values within what a leaf seals: of a decision several, else one."""
    if "values" not in said["sealed"]:
        yield json.loads(text)["evidence"] if "action" in said else text
        return
    sealed = json.loads(text)
    yield json.dumps(dict(sealed["scores"] or ()))
    for part in ("milestones", "waiting", "warnings"):
        yield from (one for one in sealed[part] or () if one is not None)
