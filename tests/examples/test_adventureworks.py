"""The night over 701 real resellers against answers that were computed elsewhere.

The data is found through KAM_ADVENTUREWORKS, or beside the checkout; without it the tests skip.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.runner import NightReport, run_night

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "adventureworks"

Row = dict[str, Any]


DATA = Path(
    os.environ.get("KAM_ADVENTUREWORKS") or ROOT.parent / "shared" / "data" / "adventureworks"
).resolve()

pytestmark = pytest.mark.skipif(
    not (DATA / "kam_customers.csv").is_file(),
    reason="the AdventureWorks files are not here; KAM_ADVENTUREWORKS names their folder",
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NightReport]:
    workspace = tmp_path_factory.mktemp("adventureworks") / "workspace"
    shutil.copytree(EXAMPLE, workspace, ignore=shutil.ignore_patterns("store"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAM_DATA", str(DATA))
        yield run_night(workspace)


def kept(night: NightReport, query: str) -> list[Row]:
    """Rows of a query over the views ``facts`` and ``decisions`` of the night."""
    folder = night.workspace.store_folder / "runs" / night.run_id
    with duckdb.connect() as connection:
        for name in ("facts", "decisions"):
            connection.read_parquet(str(folder / f"{name}.parquet")).create_view(name)
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def facts(night: NightReport) -> dict[str, Row]:
    """By reseller, under the names that the pack of all resellers gives its measures."""
    pack = next(one for one in night.plan.packs if one.id == "pareto_all")
    return {
        row["account_id"]: {name: row[column] for name, column in pack.columns.items()}
        for row in kept(night, "SELECT * FROM facts")
    }


def answers(name: str) -> list[dict[str, str]]:
    with (DATA / "answers" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exactly(value: Decimal | float | None, given: str) -> bool:
    """Equal to the last digit given; an empty answer is a missing value."""
    if given == "":
        return value is None
    if value is None:
        return False
    digits = Decimal(given)
    seen = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return seen == digits


def differing(
    facts: dict[str, Row], name: str, columns: dict[str, str]
) -> list[tuple[str, str, object, str]]:
    """(reseller, answer's column, our value, the answer) wherever the two differ."""
    listed = answers(name)
    assert len(listed) == 701
    return [
        (answer["customer_id"], theirs, facts[answer["customer_id"]][ours], answer[theirs])
        for answer in listed
        for theirs, ours in columns.items()
        if not exactly(facts[answer["customer_id"]][ours], answer[theirs])
    ]


def test_every_source_row_is_used(night: NightReport) -> None:
    used = {one.name: (one.rows_read, one.rows_used) for one in night.sources}
    assert used == {"accounts": (701, 701), "orders": (60_855, 60_855)}


def test_revenue_and_share_equal_the_answers_to_the_last_digit(facts: dict[str, Row]) -> None:
    columns = {"rev_t365": "annual_purchase", "share_t365": "revenue_share"}
    assert differing(facts, "a_revenue_share_rank", columns) == []


def test_rank_breaks_ties_by_reseller_id(facts: dict[str, Row]) -> None:
    columns = {"rownum_t365": "purchase_rank", "orders_t365": "orders_in_year"}
    assert differing(facts, "a_revenue_share_rank", columns) == []


def test_growth_equals_the_answers_to_the_last_digit(facts: dict[str, Row]) -> None:
    columns = {"rev_prev365": "annual_purchase_prior", "yoy_growth": "purchase_growth"}
    assert differing(facts, "c_growth", columns) == []


def test_recency_equals_the_answers_and_is_missing_for_who_never_ordered(
    facts: dict[str, Row],
) -> None:
    assert differing(facts, "d_recency", {"days_since_last_order": "days_since_order"}) == []
    assert sum(row["days_since_order"] is None for row in facts.values()) == 66


def test_margin_equals_the_answers_to_the_last_digit(facts: dict[str, Row]) -> None:
    columns = {
        "margin_t365": "gross_margin",
        "margin_all": "all_margin",
        "categories_t365": "product_categories",
    }
    assert differing(facts, "f_margin", columns) == []


def test_purchases_ever_are_zero_where_the_answers_say_nothing(facts: dict[str, Row]) -> None:
    """A sum over no records is 0, where the answers leave a blank."""
    differences = differing(facts, "f_margin", {"rev_all": "all_purchases"})
    assert len(differences) == 66
    assert {(ours, theirs) for _, _, ours, theirs in differences} == {(Decimal(0), "")}


@pytest.mark.parametrize("pack", ["pareto_active", "pareto_all", "abc_active", "abc_all"])
def test_bands_equal_the_answers(night: NightReport, pack: str) -> None:
    decided = kept(night, f"SELECT account_id, tier FROM decisions WHERE pack = '{pack}'")
    bands = {
        row["account_id"]: "INACTIVE" if row["tier"] is None else row["tier"].upper()
        for row in decided
    }
    expected = {row["customer_id"]: row[pack] for row in answers("b_pareto_abc")}
    assert bands == expected


def test_the_packs_that_come_with_kam_say_what_they_cannot_decide(night: NightReport) -> None:
    """Nothing is known about payments, contacts or complaints here: unknown, never false."""
    unknown = night.counts["packs"]["key_account_rules"]["unknown_rules"]
    assert unknown["warning:complaint_surge"] == 701
    assert night.counts["packs"]["key_account_rules"]["in_population"] == 701
