"""What a reader may see of an explanation, or of anything that is made of its nodes.

Outcomes are shown as they are: that a condition holds is part of the decision. What is masked
are values, and everything from which a value could be worked out: how far it is from a threshold,
the points that it gives, its place among the others, the cut-off that it was held against.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import is_
from typing import Any, Protocol, TypeVar

from engine.explain.tree import Fact, Gap, PartNode, ScoreNode, TestNode, Value
from engine.model import Title
from engine.model.fields import field_names

Node = TypeVar("Node")


class Veil(Protocol):
    """What stands between a reader and one account, under one pack."""

    def hides(self, column: str) -> bool:
        """Whether the reader may not see the column."""
        ...

    def hides_many(self, column: str) -> bool:
        """Whether the reader may not see what is taken over the column of many accounts."""
        ...

    def value(self, column: str, value: Value) -> Value:
        """The value of a column, or what stands in its place."""
        ...

    def name(self, name: str | None) -> str | None:
        """The name of the account."""
        ...

    def staff(self, name: str | None) -> str | None:
        """The name of one of our own people."""
        ...


_STAFF = ("owner", "approver", "approved_by", "by", "person", "note")
"""Fields that name one of our own people, or hold what one wrote, where they hold a text."""

_APPROVED = "milestone_approved"
"""The kind of a line that says in the place of a new state who approved."""

_GIVEN = "override_applied"
"""The kind of a line whose reason is what a person wrote; those of others are words of kam."""


@dataclass(frozen=True)
class _Masking:
    """`earlier` is before what is told of an earlier night: a column may have had another class
    then, or the policy of today may not know it any more."""

    veil: Veil
    earlier: Veil

    def of(self, node: Any) -> Any:
        """What nothing is masked of is the node itself: most of it, and thousands of nodes."""
        if isinstance(node, tuple):
            parts = tuple(self.of(part) for part in node)
            return node if all(map(is_, parts, node)) else parts
        kind: type = type(node)
        named = field_names(kind)
        if named is None:
            return node
        masked: dict[str, Any] = {}
        for name in named:
            value = getattr(node, name)
            shown = self._field(name, value, named, node)
            if shown is not value:
                masked[name] = shown
        masked |= self._special(node)
        return replace(node, **masked) if masked else node

    def _field(self, name: str, value: Any, siblings: tuple[str, ...], node: Any) -> Any:
        if name == "name" and "account_id" in siblings:
            return self.veil.name(self.earlier.name(value))
        if isinstance(value, str) and (name in _STAFF or _is_given_reason(name, siblings, node)):
            return self.veil.staff(value)
        if name == "before" and "after" in siblings:
            return self._then.of(value)
        if name == "parts" and "before" in siblings:  # each as it was and as it is
            return tuple((self._then.of(one), self.of(two)) for one, two in value)
        return self.of(value)

    @property
    def _then(self) -> _Masking:
        return _Masking(self.earlier, self.earlier)

    def _special(self, node: Any) -> dict[str, Any]:
        veil = self.veil
        if isinstance(node, Fact):
            return {"value": veil.value(node.column, node.value)}
        if isinstance(node, TestNode):
            return self._test(node)
        if isinstance(node, Gap) and self._tells(node.test):
            return {"amount": None, "relative": None}
        if isinstance(node, PartNode) and veil.hides(node.input.column):
            return {"points": None, "contribution": None}
        if isinstance(node, ScoreNode) and veil.hides(node.score.column):
            return {"coverage": None}
        if getattr(node, "kind", None) == _APPROVED:
            return self._approved(node)
        return {}

    def _test(self, test: TestNode) -> dict[str, Any]:
        column, found = test.subject.column, dict[str, Any]()
        hidden = [one.column for one in test.others if self.veil.hides(one.column)]
        if hidden:
            found["thresholds"] = self._hidden(hidden[0], test.thresholds)
        if test.standing is not None and self.veil.hides_many(column):
            mark = self.veil.value(column, test.standing.cutoff)
            found["standing"] = replace(test.standing, cutoff=mark, place=None)
            found["thresholds"] = self._hidden(column, test.thresholds)  # they are the cut-off
        return found

    def _hidden(self, column: str, thresholds: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(self.veil.value(column, one) for one in thresholds)

    def _approved(self, line: Any) -> dict[str, Any]:
        if isinstance(line.after, Title):  # a person has one name in every language
            by = self.veil.staff(line.after.zh)
            return {"after": None if by is None else Title(by, by)}
        return {"after": self.veil.staff(line.after)}

    def _tells(self, test: TestNode) -> bool:
        """Whether the distance from the threshold would tell what is hidden."""
        return any(self.veil.hides(one.column) for one in (test.subject, *test.others))


def _is_given_reason(name: str, siblings: tuple[str, ...], node: Any) -> bool:
    """Whether the field holds the reason that somebody wrote who decided for an account."""
    if name != "reason":
        return False
    return "approver" in siblings or getattr(node, "kind", None) == _GIVEN


def masked(node: Node, veil: Veil, earlier: Veil | None = None) -> Node:
    """The node with everything below it, as the reader behind the veil may see it.

    `earlier` is the veil before what is told of an earlier night, if that is another one.
    """
    result: Node = _Masking(veil, earlier or veil).of(node)
    return result
