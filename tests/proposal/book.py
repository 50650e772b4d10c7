"""Eight accounts whose tiers, meetings and rebates are easily worked out by hand."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from engine.evidence.keys import new_key
from engine.proposal.approving import Approved, Approver, approve
from engine.proposal.model import PackChange, Proposal
from engine.proposal.propose import propose
from engine.runner import NightReport
from kam import main
from tests.books.tables import Table, facts_yaml, vocabulary_yaml
from tests.books.workspace import Workspace, kam_yaml, pack_head

NIGHT = date(2026, 6, 30)
NEXT_NIGHT = date(2026, 7, 1)
AT = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
PACK = "policies/levels/pack.yaml"

PEOPLE = """\
people: {sales: 王建国, finance: [周敏, 陈静], office: 赵明远, sponsor: 孙丽娟}
"""
KAM_YAML = kam_yaml("acme", "levels", PEOPLE)

TABLES = {
    "accounts": Table(
        {"name": "text", "purchase": "money", "fit": "integer", "complaints": "integer"},
        key="account_id",
    ),
    "contacts": Table({"met_on": "date", "kind": "text"}, time="met_on"),
    "assignments": Table(
        {"assigned_on": "date", "ended_on": "date", "role": "text", "person": "text"},
        time="assigned_on",
    ),
}

ROLES = """\
  customer_manager: {title: {zh: 客户经理, en: Customer manager}}
  sponsor: {title: {zh: 高管, en: Sponsor}}
  sales: {title: {zh: 销售, en: Sales}}
  finance: {title: {zh: 财务, en: Finance}}
"""

RULES = """\
parameters:
  gold_purchase: {value: 100万, owner: office, judgement: true}
  gold_fit: {value: 3, owner: office, judgement: true}
  silver_purchase: {value: 50万, owner: office, judgement: true}
  many_complaints: {value: 2, owner: office, judgement: true}

tiers:
  levels:
    gold:
      title: {zh: 金, en: Gold}
      when: {purchase: {gte: $gold_purchase}, fit: {gte: $gold_fit}}
    silver:
      title: {zh: 银, en: Silver}
      when: {purchase: {gte: $silver_purchase}}
  default: {id: plain, title: {zh: 普通, en: Plain}}

entitlements:
  visit:
    title: {zh: 每月两访, en: Two visits a month}
    kind: cadence
    tiers: [gold, silver]
    every: month
    at_least: 2
    met_by: {records: contacts}
    owner: customer_manager
  talk:
    title: {zh: 双周沟通, en: Talk every two weeks}
    kind: cadence
    tiers: [gold]
    every: 2 weeks
    met_by: {records: contacts, where: {kind: talk}}
    owner: customer_manager
  summit:
    title: {zh: 年度高层会晤, en: Summit every year}
    kind: cadence
    tiers: [gold]
    every: year
    met_by: {records: contacts, where: {kind: summit}}
    owner: sponsor
  rebate:
    title: {zh: 年度返利, en: Annual rebate}
    kind: pricing
    tiers: [gold, silver]
    measure: purchase
    schedule: [[0, 0%], [50万, 1%], [100万, 2%]]
  fund:
    title: {zh: 专项基金, en: Fund}
    kind: budget
    tiers: [gold]
    needs_approval_by: finance

warnings:
  complaints:
    title: {zh: 投诉, en: Complaints}
    layer: data
    levels:
      red: {when: {complaints: {gte: 5}}}
      yellow: {when: {complaints: {gte: $many_complaints}}}
    action: {yellow: call, red: call}

actions:
  call:
    title: {zh: 致电, en: Call}
    owner: customer_manager
    due: 1 day
    text: {zh: "致电 {name}", en: "Call {name}"}
"""

HEAD = pack_head("levels", "分级制度", "Levels") + ROLES
PACK_YAML = "\n".join([HEAD, vocabulary_yaml(TABLES), RULES])

ACCOUNTS_CSV = """\
account_id,name,purchase,fit,complaints
a1,长江重工,2000000.00,5,0
a2,黄河电气,1200000.00,2,2
a3,泰山水泥,900000.00,4,3
a4,东海造船,600000.00,1,0
a5,昆仑化工,500000.00,3,5
a6,祁连制药,499999.99,3,0
a7,秦岭纺织,100000.00,3,1
a8,太湖仪表,900000.00,2,0
"""

ASSIGNMENTS_CSV = """\
account_id,assigned_on,ended_on,role,person
a1,2025-01-01,,customer_manager,张伟
a2,2025-01-01,,customer_manager,张伟
a3,2025-01-01,,customer_manager,张伟
a4,2025-01-01,,customer_manager,李静
a5,2025-01-01,,customer_manager,李静
a6,2025-01-01,,customer_manager,王芳
"""

CONTACTS_CSV = """\
account_id,met_on,kind
a1,2026-06-03,visit
a1,2026-06-17,talk
a4,2026-06-10,visit
"""

FILES = {
    "kam.yaml": KAM_YAML,
    "facts.yaml": facts_yaml(TABLES),
    PACK: PACK_YAML,
    "data/accounts.csv": ACCOUNTS_CSV,
    "data/assignments.csv": ASSIGNMENTS_CSV,
    "data/contacts.csv": CONTACTS_CSV,
}

LOWER_PURCHASE = ("gold_purchase: {value: 100万", "gold_purchase: {value: 90万")
LOWER_FIT = ("gold_fit: {value: 3", "gold_fit: {value: 2")
FEWER_COMPLAINTS = ("many_complaints: {value: 2", "many_complaints: {value: 1")


class Book(Workspace):
    """The workspace in a folder; `keys` are the secrets of the roles that approve."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.keys: dict[str, str] = {}

    @classmethod
    def make(cls, root: Path) -> Book:
        book = cls(root)
        book.write_all(FILES)
        return book

    def copy(self, root: Path) -> Book:
        shutil.copytree(self.root, root)
        return Book(root)

    def edit(self, *changes: tuple[str, str], file: str = PACK) -> None:
        for old, new in changes:
            self.replace(file, old, new)

    def run(self, as_of: date | None = NIGHT) -> NightReport:
        return super().run(as_of)

    def propose(self, **options: Any) -> Proposal:
        return propose(self.root, **options)

    def change(self, **options: Any) -> PackChange:
        (pack,) = self.propose(**options).packs
        return pack

    def kam(self, *arguments: str, **environment: str) -> Result:
        """A command in English, in this workspace."""
        line = [*arguments, "-w", str(self.root), "--lang", "en"]
        return CliRunner().invoke(main, line, env=environment or None)

    # --- approvals -----------------------------------------------------------------------

    def ask_for(self, *roles: str, guarded: bool = True) -> None:
        """Lets kam.yaml ask for approvals of roles, each with a new key."""
        lines = ["approval:", f"  roles: [{', '.join(roles)}]", "  keys:"]
        for role in roles:
            key = new_key(f"acme/{role}")
            self.keys[role] = key.signer
            lines.append(f"    {role}: '{key.verifier}'")
        if guarded:
            lines.append("guards: {approved_policy: true}")
        self.write("kam.yaml", KAM_YAML + "\n".join(lines) + "\n")

    def save(self, name: str = "plan.json") -> Path:
        """`kam plan --save`, as of the night if there is none yet."""
        file = self.root.parent / name
        early = () if (self.store / "kam.db").exists() else ("--as-of", str(NIGHT))
        result = self.kam("plan", "--save", str(file), *early)
        assert result.exit_code in (0, 2), result.output
        return file

    def approve(
        self, file: Path, role: str, by: str | None = None, key: str | None = None
    ) -> Approved:
        secret = self.keys.get(role) if key is None else key
        environment = {} if secret is None else {"KAM_APPROVAL_KEY": secret}
        return approve(self.root, file, Approver(role, by, environment, AT))


def moved(pack: PackChange) -> dict[str, tuple[str | None, str | None]]:
    """Account → tier before and after, of those whose tier tonight is another."""
    return {one.account: (one.before, one.after) for one in pack.moves if one.before != one.after}
