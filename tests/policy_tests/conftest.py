"""A small pack with tests beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.language.load import load_pack
from engine.language.texts import DiskTexts
from engine.policy_tests.running import PackResult, run_pack

PACK = """\
pack:
  id: small_rules
  title: {zh: 小制度, en: Small rules}
  version: "1"
  effective: {from: 2026-01-01}
  owner: office
  source: {id: X, title: 小制度}
roles:
  office: {title: {zh: 办公室, en: Office}}
vocabulary:
  accounts:
    name: {type: text}
    status: {type: enum, values: [active, closed]}
    size: integer
    unused: integer
  records:
    orders: {time: ordered_on, columns: {ordered_on: date, amount: money}}
    contacts: {time: contacted_on, columns: {contacted_on: date, kind: text}}
measures:
  purchase: {title: {zh: 采购, en: Purchase}, type: money, sum: orders.amount, window: 365 days}
  share: {title: {zh: 占比, en: Share}, type: ratio, formula: purchase / total(purchase)}
  largest: {title: {zh: 最大, en: Largest}, scope: portfolio, type: ratio, max: accounts.share}
tiers:
  population: {status: active}
  review: {every: quarter}
  exclude: {when: {size: {lt: 0}}}
  levels:
    gold: {title: {zh: 金, en: Gold}, when: {share: {gte: 20%}, purchase: {top: 10%}}}
    silver: {title: {zh: 银, en: Silver}, when: {size: {gte: 5}}}
  default: {id: plain, title: {zh: 一般, en: Plain}}
entitlements:
  desk: {kind: service, title: {zh: 服务台, en: Desk}, tiers: [gold, silver]}
  talk:
    kind: cadence
    title: {zh: 会谈, en: Talk}
    tiers: [gold]
    every: week
    met_by: {records: contacts, where: {kind: talk}}
milestones:
  grown:
    title: {zh: 成长, en: Grown}
    from: plain
    to: silver
    when: {size: {gte: 4}}
    effect: promote
warnings:
  small:
    title: {zh: 小, en: Small}
    levels:
      yellow: {when: {size: {lte: 2}}}
      red: {when: {size: {lte: 1}}}
    for: 1 night
    action: {red: call}
  dependent:
    title: {zh: 依赖, en: Dependent}
    scope: portfolio
    levels: {orange: {when: {largest: {gte: 50%}}}}
actions:
  call:
    title: {zh: 致电, en: Call}
    owner: office
    text: {zh: 致电, en: Call}
"""

Run = Callable[..., PackResult]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "small_rules"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    return folder


@pytest.fixture
def run(pack: Path) -> Run:
    """Runs the tests of a text beside the small pack."""

    def run_tests(text: str, only: str = "") -> PackResult:
        (pack / "one.test.yaml").write_text(text, encoding="utf-8")
        return run_pack(load_pack(pack), pack.name, DiskTexts(pack.parent, ""), only=only)

    return run_tests
