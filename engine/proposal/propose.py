"""A changed policy over the facts of the last night: what would be other.

Both the policy of the last run and the changed one are decided over what that run kept, as of its
date and from the state that it started from. So a policy that nobody changed changes nothing,
whatever the date of today.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from engine import __version__
from engine.audit.night_files import RESULTS
from engine.audit.opening import DATABASE_FILE
from engine.audit.store import Run, Store, open_store
from engine.errors import Problem, problem
from engine.language.workspace import Workspace
from engine.model import DEFAULT_CLASS, Policy
from engine.proposal.attribution import TRIALS, Attribution, Trial
from engine.proposal.comparing import action_changes, pack_change
from engine.proposal.editing import edits_of
from engine.proposal.first import first_outcome
from engine.proposal.model import Edit, FactsState, PackChange, PolicyState, Proposal
from engine.proposal.outcome import Outcome, keep_nothing, keep_outcome, side_by_side
from engine.proposal.policies import Proposed, policy_state, proposed_policies
from engine.proposal.workload import role_loads
from engine.replay.evaluate import Case, evaluated
from engine.replay.past import PastNight, past_night
from engine.replay.policies import plan_of

Progress = Callable[[str], None]


def propose(
    root: Path,
    changed: str | None = None,
    as_of: date | None = None,
    trials: int = TRIALS,
    progress: Progress = lambda step: None,
) -> Proposal:
    """What the policies of the workspace at `root` (or those at `changed`) would change.

    Before the first run they are decided over the sources, as of a date or today, and compared
    with nothing. `trials` bounds the nights that are decided to find which edit moves whom.
    Nothing is written. Raises `KamError`: policies with errors, ``facts-not-kept``, and
    ``plan-as-of`` for a date where there is a last run, whose date counts.
    """
    progress("reading policies")
    proposed = proposed_policies(root, changed)
    folder = proposed.workspace.store_folder
    if (folder / DATABASE_FILE).exists():
        with open_store(folder, create=False, read_only=True) as store:
            last = store.last_run()
            if last is not None:
                return _after_run(root, store, last, proposed, as_of, trials, progress)
    return _first(proposed, as_of, progress)


def _first(proposed: Proposed, as_of: date | None, progress: Progress) -> Proposal:
    with tempfile.TemporaryDirectory(prefix="kam-plan-") as work:
        folders = _folders(Path(work))
        progress("deciding by the first policy")
        after, facts = first_outcome(proposed, as_of, next(folders))
        before = keep_nothing(after.plan, next(folders))
        sides = _Sides(before, after, (), proposed.policies)
        return sides.proposal(proposed, facts, None, None, 0)


def _after_run(
    root: Path,
    store: Store,
    run: Run,
    proposed: Proposed,
    as_of: date | None,
    trials: int,
    progress: Progress,
) -> Proposal:
    if as_of is not None:
        raise problem(
            "plan-as-of",
            f"a plan is as of the last run, {run.as_of} ({run.run_id})",
            hint="leave --as-of out; it is for the plan of a first policy",
        )
    past = past_night(root, store, run)
    state = policy_state(past.kept.policies)
    with tempfile.TemporaryDirectory(prefix="kam-plan-") as work:
        course = _Course(past, _folders(Path(work)), progress)
        progress(f"deciding the night of {run.as_of} by the policy of run {run.run_id}")
        before = course.decided(past.kept.policies)
        after = before
        if state.hash != proposed.state.hash:
            progress("deciding it by the changed policy")
            after = course.decided(proposed.policies)
        facts = FactsState(run.run_id, run.as_of, run.facts_fingerprint, run.manifest_sha256)
        sides = _Sides(before, after, past.kept.policies, proposed.policies)
        return sides.proposal(
            proposed, facts, state, course.tried, trials, tuple(_other_texts(root, past))
        )


def _folders(work: Path) -> Iterator[Path]:
    """New folders, one after another."""
    for number in count():
        folder = work / str(number)
        folder.mkdir()
        yield folder


@dataclass
class _Course:
    """Decides one past night again and again."""

    past: PastNight
    folders: Iterator[Path]
    progress: Progress
    tries: int = 0

    def decided(self, policies: tuple[Policy, ...]) -> Outcome:
        case = Case.as_it_was(self.past)
        if policies is not self.past.kept.policies:
            case = case.under(policies, plan_of(self.past.kept, policies))
        folder = next(self.folders)
        with evaluated(self.past, case, folder) as night:
            outcome = keep_outcome(night.connection, case.plan, policies, folder)
        for name in RESULTS:  # large, and not looked at again
            (folder / f"{name}.parquet").unlink(missing_ok=True)
        return outcome

    def tried(self, policy: Policy) -> Outcome:
        """The night under one pack alone: no pack decides for another."""
        self.tries += 1
        self.progress(f"finding which edit moves whom ({self.tries})")
        return self.decided((policy,))


@dataclass(frozen=True)
class _Sides:
    """Two outcomes, and the policies that they are of."""

    before: Outcome
    after: Outcome
    old: tuple[Policy, ...]
    new: tuple[Policy, ...]

    def proposal(
        self,
        proposed: Proposed,
        facts: FactsState,
        state: PolicyState | None,
        trial: Trial | None,
        trials: int,
        notes: tuple[Problem, ...] = (),
    ) -> Proposal:
        edits = edits_of(self.old, self.new) if state is not None else ()
        with side_by_side(self.before, self.after) as connection:
            attribution = Attribution(connection, trial or self._never, trials)
            self._explain(attribution, edits)
            ids = dict.fromkeys(one.id for one in (*self.new, *self.old))
            packs = tuple(
                pack_change(connection, pack, self.before, self.after, attribution) for pack in ids
            )
            actions = tuple(action_changes(connection, self.before, self.after))
        return Proposal(
            workspace=proposed.workspace.name,
            currency=proposed.workspace.currency,
            engine=__version__,
            facts=facts,
            before=state,
            after=proposed.state,
            edits=edits,
            packs=packs,
            roles=role_loads(packs),
            actions=actions,
            trials=attribution.trials,
            is_cut_off=attribution.is_cut_off,
            notes=(*notes, *_refused(proposed.workspace, packs)),
            name_class=self.after.plan.classes.get("name", DEFAULT_CLASS),
        )

    def _explain(self, attribution: Attribution, edits: tuple[Edit, ...]) -> None:
        old = {policy.id: policy for policy in self.old}
        for policy in self.new:
            of_pack = [one for one in edits if one.pack == policy.id]
            if policy.id in old and of_pack:
                attribution.explain(old[policy.id], policy, of_pack)
        for edit in edits:
            if edit.element == "":  # the pack itself comes or goes
                attribution.explain_whole(edit)

    @staticmethod
    def _never(policy: Policy) -> Outcome:
        raise AssertionError(f"{policy.id} has nothing before it")


def _refused(workspace: Workspace, packs: Sequence[PackChange]) -> Iterator[Problem]:
    """A note for each pack that moves so many accounts that the night would be refused."""
    limit = workspace.guards.tier_changes_at_most
    if limit is None:
        return
    for pack in packs:
        moved = sum(
            number
            for (old, new), number in pack.tonight.items()
            if old is not None and new not in (None, old)
        )
        if moved > limit * pack.accounts_before:
            yield Problem(
                "guard-tier-changes",
                f"{pack.id}: {moved} of {pack.accounts_before} accounts would change tier, more "
                "than guards.tier_changes allows: the night would be refused",
                None,
                "raise the guard in kam.yaml for that night if the moves are wanted",
                "warning",
            )


def _other_texts(root: Path, past: PastNight) -> Iterator[Problem]:
    """A note for facts.yaml, where it is not what the last run read."""
    for file in past.kept.catalog.files:
        try:
            digest = hashlib.sha256((root / file.path).read_bytes()).hexdigest()
        except OSError:
            digest = None
        if digest != file.sha256:
            yield Problem(
                "facts-mapped-otherwise",
                f"{file.path} is not what run {past.run.run_id} read; the plan reads the facts "
                "as that run did",
                None,
                "run the night, then plan again",
                "warning",
            )
