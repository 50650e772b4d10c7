"""Who may see what of one account in a night: a `Reader` before the nodes of an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.audit.opened_files import account_tokens
from engine.audit.privacy import Classes, Reader, mark
from engine.audit.store import Run
from engine.explain.tree import Value
from engine.model import DEFAULT_CLASS, Classification, laxest, strictest
from engine.plan.classes import MANY
from engine.plan.steps import PackPlan, Plan


@dataclass(frozen=True)
class AccountVeil:
    """See `engine.explain.masking.Veil`.

    `classes` are what the store says of the pack's names; `tokens` are those of the account's
    personal values, by column.
    """

    reader: Reader
    pack: PackPlan
    classes: Classes
    tokens: Mapping[str, str] = field(default_factory=dict)

    def of(self, column: str) -> Classification:
        """The class of a column, the stricter of what the plan and the store say."""
        said = [self.classes[name] for name, one in self.pack.columns.items()
                if one == column and name in self.classes]  # fmt: skip
        return strictest(self.pack.classes.get(column, DEFAULT_CLASS), *said)

    def hides(self, column: str) -> bool:
        return not self.reader.may_read(self.of(column))

    def hides_many(self, column: str) -> bool:
        return not self.reader.may_read(laxest(self.of(column), MANY))

    def value(self, column: str, value: Value) -> Value:
        """A personal value that is hidden, or gone, is shown as its token."""
        token = self.tokens.get(column)
        if token is not None and (value is None or self.hides(column)):
            return token
        if value is None or not self.hides(column):
            return value
        return mark(self.of(column))

    def name(self, name: str | None) -> str | None:
        found = self.value("name", name)
        return found if isinstance(found, str) else None

    def staff(self, name: str | None) -> str | None:
        return self.reader.staff(name)


def account_veils(reader: Reader, run: Run, plan: Plan, account: str) -> dict[str, AccountVeil]:
    """Pack → what stands between the reader and an account, of which the run has facts."""
    import duckdb

    with duckdb.connect() as connection:
        return token_veils(reader, run, plan, account_tokens(connection, run, account))


def token_veils(
    reader: Reader, run: Run, plan: Plan, tokens: Mapping[str, str]
) -> dict[str, AccountVeil]:
    """As `account_veils`, of an account whose tokens have been read."""
    classes = reader.classes_by_pack(run.run_no)
    return {
        pack.id: AccountVeil(reader, pack, classes.get(pack.id, {}), tokens) for pack in plan.packs
    }
