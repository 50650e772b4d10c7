"""A small good pack, and ways to spoil it in one place.

`spoilt(old, new)` replaces one piece of text. A ``§`` in the new text marks where the
problem has to be reported and is removed before the pack is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import Location, Problem
from engine.language.checks.pack import check_pack
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.model import Policy

MARK = "§"
PACK = "rules/pack.yaml"
SHARED = "common/shared.yaml"

GOOD = """\
pack:
  id: rules
  title: {zh: 细则, en: Rules}
  version: "1"
  effective: {from: 2026-01-01}
  owner: office
  source: {id: D, title: 细则}
include: [../common/shared.yaml]
clauses:
  D1: 年度贡献超20%营收
  D2: 定期拜访
  D3: 数据备份
not_implemented: {D2: the document names no number}
engine_features: {D3: every run keeps its facts}
parameters:
  top_share: {value: 20%, source: D1}
  key_amount: {values: {2025-01-01: 400万, 2027-01-01: 500万}}
  silent_days: {value: 45 days, judgement: true, owner: office}
measures:
  purchase: {type: money, sum: orders.amount, window: 365 days}
  purchase_prior: {type: money, sum: orders.amount, window: 365 days, ending: 365 days ago}
  cost: {type: money, sum: orders.cost, window: 365 days}
  growth: {type: ratio, formula: purchase / purchase_prior - 1}
  share: {type: ratio, formula: purchase / total(purchase), source: D1}
  lines: {type: integer, count_distinct: orders.line, window: 365 days}
  complaints: {type: integer, count: issues, where: {class: complaint}, window: 90 days}
  silence: {type: days, days_since_last: contacts}
  satisfaction: {type: score, latest: surveys.satisfaction}
  promoters: {type: nps, nps: surveys.recommendation}
  stage: {type: enum, latest: contacts.stage}
scorecards:
  value_score:
    title: {zh: 综合评分, en: Value score}
    criteria:
      amount: {weight: 60, measure: share, points: [[0%, 0], [20%, 100]]}
      rating: {weight: 40, measure: credit_rating, points: {C: 0, B: 50, A: 100}}
tiers:
  population: {status: active}
  levels:
    strategic:
      title: {zh: 战略, en: Strategic}
      when: {share: {gt: $top_share}, lines: {gte: 3}}
    core:
      title: {zh: 核心, en: Core}
      when: {share: {gte: 8%}, purchase: {gte: $key_amount}}
    potential:
      title: {zh: 潜力, en: Potential}
      when:
        any:
          - share: {gte: 3%}
          - value_score: {top: 30%}
  default: {id: standard, title: {zh: 一般, en: Standard}}
entitlements:
  hotline: {kind: channel, title: {zh: 专线, en: Hotline}, tiers: [strategic, core]}
  rebate:
    kind: pricing
    title: {zh: 返利, en: Rebate}
    tiers: [core, strategic]
    measure: purchase
    schedule: [[0, 0%], [500万, 1%]]
  visit:
    kind: cadence
    title: {zh: 拜访, en: Visit}
    tiers: [strategic]
    every: quarter
    met_by: {records: contacts, where: {kind: visit}}
    owner: sponsor
    action: call
  reply:
    kind: response
    title: {zh: 回复, en: Reply}
    tiers: [core]
    records: issues
    from: opened_at
    to: replied_at
    within: 24 hours
    clock: calendar
  team:
    {kind: team, title: {zh: 团队, en: Team}, tiers: [core],
     roles: {manager: {at_least: 1, where: {years: {gte: 5}}}}}
milestones:
  rise:
    title: {zh: 晋级, en: Rise}
    from: potential
    to: core
    when: {growth: {gte: 30%}}
    effect: promote
    hold: 2 reviews
    progress: growth
warnings:
  silent:
    title: {zh: 沉默, en: Silent}
    levels:
      yellow: {when: {silence: {gt: $silent_days}}}
      red: {when: {silence: {gt: $silent_days}, tier: {gte: core}}}
    escalate: {after: 3 workdays, to: sponsor}
    action: {yellow: call, red: call}
  unhappy:
    title: {zh: 不满, en: Unhappy}
    levels:
      orange: {when: {satisfaction: {lt: 80}, complaints: {gte: 2}}}
      red: {when: {promoters: {lt: -20}}}
    action: call
actions:
  call:
    title: {zh: 致电, en: Call}
    owner: sponsor
    text: {zh: "{name}:{warning},已 {silence} 天", en: "{name}: {warning}, {silence} days"}
"""

COMMON = """\
roles:
  office: {title: {zh: 办公室, en: Office}}
  sponsor: {title: {zh: 高层, en: Sponsor}}
parameters:
  unused_elsewhere: {value: 1}
vocabulary:
  accounts:
    name: text
    status: {type: enum, values: [prospect, active, closed]}
    credit_rating: {type: ordinal, values: [C, B, A]}
    since: date
    is_listed: boolean
  records:
    orders:
      time: ordered_on
      columns:
        ordered_on: date
        amount: money
        cost: money
        line: text
        margin: {type: money, formula: amount - cost}
    issues:
      time: opened_at
      columns:
        opened_at: datetime
        replied_at: datetime
        class: {type: enum, values: [routine, complaint]}
    contacts:
      time: contacted_on
      columns:
        contacted_on: date
        kind: {type: enum, values: [call, visit]}
        stage: {type: enum, values: [new, stable]}
    surveys:
      time: surveyed_on
      columns:
        surveyed_on: date
        satisfaction: score
        recommendation: {type: integer, range: [0, 10]}
    assignments:
      columns: {role: {type: enum, values: [manager, deputy]}, years: number}
"""


@dataclass(frozen=True)
class Spoilt:
    """A pack with one fault, and where it must be reported."""

    policy: Policy
    place: Location

    def problems(self) -> tuple[Problem, ...]:
        return check_pack(self.policy)

    def only(self) -> Problem:
        """The problem of the pack, which must have no other."""
        found = self.problems()
        assert len(found) == 1, "\n".join(str(problem) for problem in found)
        return found[0]


def load(pack: str = GOOD, common: str = COMMON) -> Policy:
    return load_pack("rules", KeptTexts({PACK: pack.encode(), SHARED: common.encode()}))


def spoilt(old: str, new: str, *, also: tuple[tuple[str, str], ...] = ()) -> Spoilt:
    """The good pack with `old` replaced by `new`, in whichever of its files has it."""
    texts = {PACK: GOOD, SHARED: COMMON}
    for before, after in ((old, new), *also):
        file = PACK if before in texts[PACK] else SHARED
        assert texts[file].count(before) == 1, f"{before!r} must stand in the pack once"
        texts[file] = texts[file].replace(before, after)
    place = Location(PACK)
    for file, text in texts.items():
        if MARK in text:
            head, _, tail = text.partition(MARK)
            column = len(head) - head.rfind("\n")
            place = Location(file, head.count("\n") + 1, column)
            texts[file] = head + tail
    return Spoilt(load(texts[PACK], texts[SHARED]), place)


class Broken(NamedTuple):
    """A change that breaks the good pack, and the one problem that it must have."""

    code: str
    old: str
    new: str
    hint: str = ""
    """A part of the hint; empty where there is none."""
    severity: str = "error"
    also: tuple[tuple[str, str], ...] = ()
    """Changes that keep the pack good apart from this."""

    def assert_found(self) -> Problem:
        case = spoilt(self.old, self.new, also=self.also)
        found = case.only()
        assert (found.code, found.location) == (self.code, case.place), str(found)
        assert found.severity == self.severity
        assert self.hint in (found.hint or ""), str(found)
        assert bool(self.hint) == (found.hint is not None), str(found)
        return found
