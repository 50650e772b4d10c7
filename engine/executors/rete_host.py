"""durable-rules itself: nothing else in kam touches the library.

What the library does by itself, and what is done about it here:

* It consumes an *event* with the first rule that it matches; so everything is posted as a fact.
* It keeps the state of every session until it runs out of them; so there is one session, and its
  state is deleted after every account.
* It frees memory that it never set when the state of a session is deleted in which no action has
  run, and so crashes; so every session is opened with a fact that has an action of its own.
* It raises when a fact matches nothing, which is a normal outcome. In a batch that hides what the
  other facts matched; so facts are posted one by one, and the core says how it went.
* It swallows what an action raises, and takes two thirds of the time to call one; so matches are
  taken from its core and concluded here.
* It starts threads that run actions behind the back of whoever posted the fact, who then misses
  them; so there is one host for the process, and it starts no threads.
* It is not safe for threads; so one account is matched at a time (`MATCHING`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from engine.errors import KamError, Problem, problem
from engine.executors.rete_network import CONCLUSION, HOLDS, KIND, Ruleset

SESSION = "1"
OPENING = "opening"
SESSION_OPENED = 0
"""The kind of the fact that opens a session."""
MATCHED, UNMATCHED = 0, 1
"""What the core says of a fact. Anything else is that it stands already, or an error."""
MATCHING = threading.RLock()
"""Held by whoever compiles a network or matches an account."""

NOT_INSTALLED = Problem(
    "events-not-installed",
    "durable-rules, which matches single events, is not installed",
    hint="run 'make events' in the checkout, or install kam with its extra 'events'; "
    "a C compiler is needed",
)


def is_installed() -> bool:
    """Whether the library can be imported here."""
    try:
        _library()
    except KamError:
        return False
    return True


@cache
def _library() -> Any:
    """`durable.engine`. Raises `KamError` (`events-not-installed`)."""
    try:
        from durable import engine
    except ImportError as error:
        raise KamError(NOT_INSTALLED) from error
    return engine


def _core() -> Any:
    """The part of the library that is written in C."""
    return _library().durable_rules_engine


@cache
def _host() -> Any:
    """The only host of the process."""
    library = _library()

    class QuietHost(library.Host):  # type: ignore[misc, name-defined]
        """A host that runs no action unless a fact was posted."""

        def _run(self) -> None:
            """Instead of starting the threads."""

    return QuietHost()


_OPENING_RULE: dict[str, Any] = {"all": [{OPENING: {"$and": [{KIND: SESSION_OPENED}]}}]}


class Matcher:
    """One ruleset in the library, and what it has found about the account at hand."""

    def __init__(self, name: str, ruleset: Ruleset) -> None:
        """Register `ruleset`, under a `name` that nothing else has."""
        self.ruleset = ruleset
        self.found: set[str] = set()
        self._name = name
        self._opened = False
        self._heads = ruleset.heads
        with MATCHING:
            rules = {OPENING: _OPENING_RULE, **ruleset.to_json()}
            runnable = {rule: {**definition, "run": _nothing} for rule, definition in rules.items()}
            _attempt(name, _host().set_rulesets, {name: runnable})
            self._rules = _host().get_ruleset(name)

    def post(self, fact_id: str, kind: int, properties: Mapping[str, int]) -> None:
        """Assert a fact and conclude whatever follows from it and the facts before; see `found`.

        Raises `KamError` (`events-engine-failed`) if the library fails.
        """
        if not self._opened:
            self._assert(_OPENING_FACT)
            self._opened = True
        self._assert(_written(fact_id, kind, properties))

    def close(self) -> None:
        """Forget the account."""
        if self._opened:
            _attempt(self._name, self._rules.delete_state, SESSION)
        self._opened = False
        self.found = set()

    def unregister(self) -> None:
        """Free what the library keeps for the ruleset."""
        with MATCHING:
            host = _host()
            host._ruleset_list.remove(host._ruleset_directory.pop(self._name))
            _core().delete_ruleset(self._rules._handle)

    def _assert(self, fact: str) -> None:
        _attempt(self._name, self._match, fact)

    def _match(self, fact: str) -> None:
        """Every rule that a fact completes, until no conclusion makes another one match."""
        core, handle = _core(), self._rules._handle
        outcome, state = core.assert_fact(handle, fact)
        if outcome == UNMATCHED:
            return
        if outcome != MATCHED:
            raise RuntimeError(f"fact refused, outcome {outcome}")
        started = core.start_action_for_state(handle, state)
        matched = started[1] if started else None
        while matched:
            rule = _rule_of(matched)
            if rule != OPENING:
                self._conclude(self._heads[rule])
            matched = core.complete_and_start_action(handle, state)

    def _conclude(self, head: str) -> None:
        if head in self.found:
            return
        self.found.add(head)
        number = self.ruleset.numbers.get(head)
        if number is not None:
            fact = _written(f"{HOLDS} {number}", CONCLUSION, {HOLDS: number})
            _core().assert_fact(self._rules._handle, fact)


def _written(fact_id: str, kind: int, properties: Mapping[str, int]) -> str:
    """A fact in JSON. Its names need no escapes, and whole numbers no exponents.

    >>> _written("account", 1, {"visits.exact0": 6})
    '{"sid":"1","id":"account","kind":1,"visits.exact0":6}'
    """
    rest = "".join(f',"{name}":{value}' for name, value in properties.items())
    return f'{{"sid":"{SESSION}","id":"{fact_id}","{KIND}":{kind}{rest}}}'


_OPENING_FACT = _written(OPENING, SESSION_OPENED, {})


def _rule_of(matched: str) -> str:
    """The rule in what the library says of a match: ``{"rule": {…facts…}}``."""
    start = matched.index('"') + 1
    return matched[start : matched.index('"', start)]


def _nothing(closure: object) -> None:
    """The library wants an action for each rule; see `Matcher._run_actions`."""


def _attempt(name: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """The library raises bare exceptions with a number; they become one of kam's."""
    try:
        return call(*arguments)
    except Exception as error:
        raise _failed(name, error) from error


def _failed(name: str, error: BaseException) -> KamError:
    return problem(
        "events-engine-failed",
        f"durable-rules failed on '{name}': {type(error).__name__} {error}",
        hint="nothing was decided; the night decides by DuckDB and is not concerned",
    )
