"""One account of a kept night, evaluated again, is what the night had computed."""

from __future__ import annotations

import duckdb
import pytest

from engine.executors.single import base_columns, evaluate_account, judge_account, kept
from engine.recall import KeptNight
from engine.recall_facts import KeptFiles, accounts_facts, open_facts
from tests.explain.conftest import Size


@pytest.mark.slow
def test_kept_base_row_gives_the_kept_facts_and_decisions_of_every_account(
    demo: KeptNight, size: Size
) -> None:
    plan, statistics = demo.plan, demo.statistics
    with duckdb.connect() as connection:
        open_facts(connection, demo.run, plan)
        files = KeptFiles(connection, demo.run, plan)
        ids = [one for (one,) in connection.execute("SELECT account_id FROM facts").fetchall()]
        facts = accounts_facts(connection, ids)
        assert len(plan.packs) == len(size.packs)
        assert len(facts) > size.accounts - 10
        for account, row in facts.items():
            base = {name: row[name] for name in base_columns(plan)}
            again = evaluate_account(plan, base, statistics, kept(row))
            assert again == {name: row[name] for name in again}
            assert {name: type(value) for name, value in again.items()} == {
                name: type(row[name]) for name in again
            }
            among = evaluate_account(plan, base, statistics, files.beside)
            assert among == again  # ranks and groups, found among the kept accounts
            decided = files.decisions(account)
            for pack in plan.packs:
                said = judge_account(pack, again, statistics, decided[pack.id]["tier"])
                assert said.candidate == decided[pack.id]["candidate"]
                assert said.in_population == decided[pack.id]["in_population"]
                firing = {one["rule"]: one["level"] for one in decided[pack.id]["warnings"]}
                for rule, level in firing.items():  # the first night: what holds fires
                    assert said.levels["warning", rule] == level
