"""A recorded night with everything that it depended on, as its run and the store kept it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.audit.choosing import night_run
from engine.audit.data_files import require_data_files
from engine.audit.events.queries import night_states
from engine.audit.kinds import KINDS_BY_STORE
from engine.audit.store import Run, Store
from engine.errors import KamError, Problem, problem
from engine.lifecycle.inputs import Mark, NightFiles, NightInputs
from engine.recall import KeptNight, kept_night
from engine.replay.personal import require_values

LogLine = tuple[Any, ...]
"""(account_id, kind, rule_no, from_value, to_value, evidence), as a night hands it over."""
ActionLine = tuple[Any, ...]
"""The fields of `ACTION_FIELDS`, as a night hands them over."""

LOG_FIELDS = ("account", "kind", "rule", "from", "to", "evidence")
ACTION_FIELDS = (
    *("action", "cause", "account", "account_name", "rule", "template", "level", "owner_role"),
    *("owner", "priority", "opened_on", "due_on", "evidence"),
)


@dataclass(frozen=True)
class PastNight:
    """A run, what it kept, and where it stands among the others.

    `state` is where it started from, `marks` what people had said by then.
    """

    kept: KeptNight
    state: NightFiles
    marks: tuple[Mark, ...]
    store: Store

    @property
    def run(self) -> Run:
        return self.kept.run

    @property
    def inputs(self) -> NightInputs:
        """What `decide_night` was given; the owners were resolved then, and are kept as such."""
        workspace = self.kept.workspace
        return NightInputs(
            timezone=workspace.timezone,
            files=self.state,
            overrides=self.kept.overrides,
            marks=self.marks,
            people=workspace.people,
            has_owners=True,
        )

    def known_actions(self, ids: Iterable[str], before: int | None = None) -> set[str]:
        """Those of `ids` that runs before this one (or before the run of that number) emitted."""
        first = self.run.run_no if before is None else before
        connection = self.store.connection
        wanted = list(ids)
        known: set[str] = set()
        for start in range(0, len(wanted), _IDS):
            group = wanted[start : start + _IDS]
            marks = ",".join("?" * len(group))
            query = f"SELECT action_id FROM actions WHERE run_no < ? AND action_id IN ({marks})"  # noqa: S608
            known.update(row[0] for row in connection.execute(query, (first, *group)))
        return known

    def log_lines(self) -> Iterator[LogLine]:
        """The lines that the night handed to the store, in their order."""
        by_store = ",".join("?" * len(KINDS_BY_STORE))
        query = (
            "SELECT account_id, kind, rule_no, from_value, to_value, evidence FROM decision_log "  # noqa: S608
            f"WHERE run_no = ? AND kind NOT IN ({by_store}) ORDER BY seq"
        )
        return self._rows(query, (self.run.run_no, *sorted(KINDS_BY_STORE)))

    def action_lines(self) -> Iterator[ActionLine]:
        """The actions that the run emitted, in their order, with the owner they had then."""
        return self._rows(_ACTION_LINES, (self.run.run_no,) * 2)

    def rules(self) -> dict[int, str]:
        """Number of a rule → ``kind id``, for people."""
        rows = self._rows("SELECT rule_no, kind || ' ' || rule_id FROM rules", ())
        return dict(rows)

    def _rows(self, query: str, values: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
        yield from self.store.connection.execute(query, values)


_IDS = 900
# People assign an action to another; the log has the owner to whom it was given first.
_ACTION_LINES = """
SELECT
  a.action_id, a.cause_id, a.account_id, a.account_name, a.rule_no, a.template_no, a.level,
  a.owner_role, emitted.owner, a.priority, a.opened_on, a.due_on, a.evidence
FROM actions AS a
JOIN (
  SELECT json_extract(evidence, '$.action') AS action_id, json_extract(evidence, '$.owner') AS owner
  FROM decision_log
  WHERE run_no = ? AND kind = 'action_emitted'
) AS emitted USING (action_id)
WHERE a.run_no = ?
ORDER BY a.action_no
"""


def past_night(path: Path, store: Store, run: Run) -> PastNight:
    """A run of the store of the workspace at `path`, which needs no more than its folder.

    Raises `KamError`: files or texts of the run that are gone or changed, and
    ``run-not-kept`` if it cannot be decided again: a run of version 0.2, which kept too little,
    or one whose facts have had their time.
    """
    kept = kept_night(path, store, run)
    if kept.manifest["manifest"] == 1:
        raise problem(
            "run-not-kept",
            f"run {run.run_id} was made by kam {run.engine_version}, which did not keep all that "
            "a night depends on",
            hint="runs from version 0.3 on can be replayed",
        )
    require_values(store, kept)
    before, recorded = state_runs(store, run)
    left_before, left_since = night_states(
        store.connection,
        0 if before is None else before.run_no,
        0 if recorded is None else recorded.run_no,
        run.as_of,
        run.run_no - 1,
    )
    state = NightFiles(
        previous_night=None if before is None else before.as_of,
        previous=None if before is None else before.path,
        recorded=None if recorded is None else recorded.path,
        previous_events=left_before,
        recorded_events=left_since,
    )
    marks = tuple(one for one in store.warning_marks() if one.mark_no <= run.last_mark)
    return PastNight(kept, state, marks, store)


def state_runs(store: Store, run: Run) -> tuple[Run | None, Run | None]:
    """The last run of an earlier day, and the run before: where the run started from."""
    earlier = [one for one in store.runs() if one.run_no < run.run_no]
    before = next((one for one in earlier if one.as_of < run.as_of), None)
    return before, earlier[0] if earlier else None


def touched_files(run: Run, names: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with the files of a run, each looked at to the last byte."""
    found: list[Problem] = []
    for name in names:
        try:
            require_data_files(run, name, whole=True)
        except KamError as error:
            found.extend(error.problems)
    return found


def chosen_runs(store: Store, wanted: Iterable[str]) -> list[Run]:
    """Nights by their ids, oldest first. Raises `KamError` ``unknown-run`` or ``not-a-night`` for
    the first that is none."""
    found = {run_id: night_run(store, run_id) for run_id in wanted}
    return sorted(found.values(), key=lambda run: run.run_no)
