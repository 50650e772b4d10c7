"""A run → its overview: every question asked once, over its files and the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.audit.privacy import Reader
from engine.language.overrides import Overrides
from engine.plan.steps import Plan
from engine.reports.overview import book, work
from engine.reports.overview.model import Overview
from engine.reports.overview.night import opened_night
from engine.reports.overview.tiers import pack_night

if TYPE_CHECKING:
    from engine.audit.store import Run, Store


def build_overview(
    store: Store,
    run: Run,
    plan: Plan,
    manifest: Mapping[str, Any],
    overrides: Overrides,
    workspace: str,
    reader: Reader | None = None,
) -> Overview:
    """The night of `run`, as it stood then: later runs and marks change nothing in it.

    Names and measures that the reader may not see are left out, and so are values of single
    accounts that are personal, whoever reads.

    Raises: `KamError` if files of the run are gone; earlier nights that are gone are passed over.
    """
    sees = reader or Reader.usual(store.connection)
    with opened_night(store, run, plan, manifest, overrides, sees) as night:
        return Overview(
            workspace=workspace,
            run=run.run_id,
            as_of=run.as_of,
            previous=None if night.previous is None else night.previous.as_of,
            quarter=None if night.quarter is None else night.quarter.as_of,
            engine_version=run.engine_version,
            plan_hash=run.plan_hash,
            currency=plan.currency,
            accounts=run.counts["accounts"],
            packs=tuple(pack_night(night, pack) for pack in plan.packs),
            warning_counts=work.warning_counts(night),
            warnings=work.grave_warnings(night),
            obligations=work.obligations(night),
            concentration=book.concentration(night),
            portfolio=book.portfolio(night),
            managers=book.managers(night),
            proposals=work.proposals(night),
            overrides=work.overrides(night),
            overdue_actions=work.overdue_actions(night),
            late_actions=work.late_actions(night),
            open_actions=work.open_actions(night),
            quality=book.quality(night),
        )
