"""What a reader may see of the differences that a replay found, and of a backtest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.audit.kinds import NAMES_PERSON
from engine.audit.privacy import STAFF, Classes, Reader, mark
from engine.audit.records import SeenText
from engine.audit.store import Run
from engine.model import DEFAULT_CLASS, Classification, strictest
from engine.model.tokens import is_token
from engine.plan.steps import Plan
from engine.recall import KeptNight
from engine.replay.backtest import Backtest, BacktestNight
from engine.reports.veil import AccountVeil, token_veils

MANAGERS = "customer_manager"
"""The scope whose entities are our own people."""


def name_class(reader: Reader, run: Run, plan: Plan) -> Classification:
    """The class of the names of accounts in a night: the strictest that anybody gives them."""
    said = [one["name"] for one in reader.classes_by_pack(run.run_no).values() if "name" in one]
    return strictest(plan.classes.get("name", DEFAULT_CLASS), *said)


@dataclass(frozen=True)
class NightVeil:
    """What stands between a reader and the rows, lines and numbers of one night.

    Outcomes are shown as they are, values as the class of their column allows, by the plan of
    the night and by what the store says of it. Without a `reader` everything is shown.
    """

    reader: Reader
    name_class: Classification
    veils: Mapping[str, AccountVeil]
    scopes: Mapping[tuple[str, str], AccountVeil]
    """(pack, scope) → of the measures that are taken over many accounts."""
    classes: Classes
    """Of every name that a line may hold, under whichever pack it was written."""
    people: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, reader: Reader, night: KeptNight) -> NightVeil:
        run, plan = night.run, night.plan
        by_pack = reader.classes_by_pack(run.run_no)
        merged: dict[str, Classification] = {}
        for classes in by_pack.values():
            for name, one in classes.items():
                merged[name] = strictest(merged.get(name, one), one)
        scopes: dict[tuple[str, str], AccountVeil] = {
            (scope.pack_id, scope.scope): AccountVeil(reader, pack, by_pack.get(scope.pack_id, {}))
            for scope in plan.scopes
            for pack in scope.plan.packs
        }
        kept = night.manifest.get("scopes", {})
        people = {name for packs in kept.values() for name in packs.get(MANAGERS, ())}
        veils = token_veils(reader, run, plan, {})
        names = name_class(reader, run, plan)
        return cls(reader, names, veils, scopes, {**merged, "name": names}, frozenset(people))

    # --- rows ----------------------------------------------------------------------------

    def account(self, account: str | None) -> str | None:
        """The id of an account, or one of our own people in its place."""
        return self.reader.staff(account) if account in self.people else account

    def cell(self, file: str, pack: str | None, column: str, part: str, value: Any) -> Any:
        """A value of a row of one of the files; `part` is its key, where the cell has several."""
        if value is None:
            return None
        if column == "name":
            return self._text(value, self.name_class)
        if file == "facts":
            return self._fact(column, value)
        if column == "scores":
            return self._score(pack, part, value)
        if isinstance(value, dict) and isinstance(value.get("evidence"), str):
            return {**value, "evidence": self._evidence(value["evidence"])}
        return value

    def _fact(self, column: str, value: Any) -> Any:
        if isinstance(value, str) and is_token(value):
            return value
        hiding = [veil for veil in self.veils.values() if veil.hides(column)]
        return mark(hiding[0].of(column)) if hiding else value

    def _score(self, pack: str | None, name: str, value: Any) -> Any:
        veil = self.veils.get(pack or "")
        column = name if veil is None else veil.pack.columns.get(name, name)
        said = DEFAULT_CLASS if veil is None else veil.of(column)
        return value if self.reader.may_read(said) else mark(said)

    # --- lines ---------------------------------------------------------------------------

    def line(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """A line of the log, or an action, by its fields."""
        shown = dict(said)
        shown["account"] = self.account(said["account"])
        if said.get("account_name") is not None:
            shown["account_name"] = self._text(said["account_name"], self.name_class)
        if said.get("owner") is not None:
            shown["owner"] = self.reader.staff(said["owner"])
        if said.get("kind") in NAMES_PERSON:
            shown["to"] = self.reader.staff(said["to"])
        if isinstance(said.get("evidence"), str):
            shown["evidence"] = self._evidence(said["evidence"])
        return shown

    def _evidence(self, text: str) -> str:
        seen = self.reader.evidence(text, self.classes)
        return seen.marked if isinstance(seen, SeenText) else str(seen)

    def _text(self, value: str, classification: Classification) -> str | None:
        return self.reader.text(value, classification)

    # --- numbers of the whole ------------------------------------------------------------

    def path(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Where a number of the manifest stands; people stand in the places of some."""
        is_person = len(parts) > _PERSON and parts[0] == "scopes" and parts[2] == MANAGERS
        if not is_person:
            return parts
        return (*parts[:_PERSON], self.reader.staff(parts[_PERSON]) or "", *parts[_PERSON + 1 :])

    def number(self, parts: tuple[str, ...], value: Any) -> Any:
        """What stands there: a number, or everything that stands below."""
        if isinstance(value, dict):
            if len(parts) == _PERSON and parts[2] == MANAGERS and not self.reader.may_read(STAFF):
                return mark(STAFF)
            return {key: self.number((*parts, key), one) for key, one in value.items()}
        said = self._number_class(parts)
        return value if value is None or self.reader.may_read(said) else mark(said)

    def _number_class(self, parts: tuple[str, ...]) -> Classification:
        if parts[0] == "statistics" and len(parts) > 1:
            return strictest(*(veil.of(parts[1]) for veil in self.veils.values()), "public")
        if parts[0] == "scopes" and len(parts) > _MEASURE:
            veil = self.scopes.get((parts[1], parts[2]))
            if veil is not None:
                return veil.of(veil.pack.columns.get(parts[_MEASURE], parts[_MEASURE]))
        return "public" if parts[0] == "counts" else DEFAULT_CLASS


_PERSON, _MEASURE = 3, 4
"""Places in the path of a number: scopes, pack, scope, entity, measure."""


# --- a backtest ----------------------------------------------------------------------------


def masked_backtest(found: Backtest, reader: Reader) -> Backtest:
    """A backtest as the reader may see it."""
    runs = [one.run.run_no for one in found.nights]
    said = [
        one["name"]
        for run_no in runs
        for one in reader.classes_by_pack(run_no).values()
        if "name" in one
    ]
    names = strictest(found.name_class, *said)

    def night(one: BacktestNight) -> BacktestNight:
        moved = (replace(each, name=reader.text(each.name, names)) for each in one.moved)
        return replace(one, moved=tuple(moved))

    def warning(one: Any) -> Any:
        if one.scope == MANAGERS:
            told = {"account": reader.staff(one.account), "name": reader.staff(one.name)}
            return replace(one, **told)
        return replace(one, name=reader.text(one.name, names))

    return replace(
        found,
        nights=tuple(map(night, found.nights)),
        warnings=tuple(map(warning, found.warnings)),
    )
