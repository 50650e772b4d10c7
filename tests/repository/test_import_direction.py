"""A module imports only from its left: the one-way street of the architecture."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache

import pytest

from tests.repository.files import ROOT, Import, engine_modules, imports_of

STAGES = (
    "errors",
    "nearest",
    "model",
    "resources",
    "written_files",
    "language",
    "facts",
    "plan",
    "prepared",
    "checking",
    "executors",
    "lifecycle",
    "explain",
    "evidence",
    "audit",
    "actions",
    "guards",
    "reports",
    "policy_tests",
    "recall_facts",
    "recall",
    "day",
    "verification",
    "backup",
    "replay",
    "inquiry",
    "proposal",
    "console",
    "demo",
    "runner",
    "service",
    "commands",
)

# What a stage to the left may still not use, with the reason.
KEPT_APART = {
    ("runner", "console"): "the runner returns values; commands present them",
    ("runner", "demo"): "a night is the same for an invented book and a real one",
    ("demo", "console"): "the demo writes files; commands present them",
}

# Slow or far-reaching libraries, and where they may be imported at all.
HOMES = {
    "duckdb": (
        *("facts", "executors", "lifecycle", "audit", "reports", "policy_tests", "recall"),
        *("runner", "demo", "verification", "backup", "replay"),
        *("inquiry", "proposal", "recall_facts", "day"),
    ),
    "sqlglot": ("language", "plan", "executors", "facts"),
    "durable": ("executors",),
    "chinese_calendar": ("lifecycle",),
    "jinja2": ("reports",),
    "sqlite_utils": ("audit", "reports"),
    "yaml": ("language", "commands"),
    "jsonschema": ("language",),
    "jsonschema_rs": ("language",),
    "cryptography": ("evidence",),
    "rfc8785": ("evidence",),
    "apprise": ("actions",),
    "httpx": ("actions",),
    "starlette": ("service",),
    "uvicorn": ("service",),
    "prometheus_client": ("service",),
    "openpyxl": (),
    "pandas": (),
    "requests": (),
}

# `kam --help` has this long, start-up of Python included. The goal is 0.2 seconds and is measured
# in docs/benchmarks.md; here stands what even a busy machine keeps.
HELP_SECONDS = 1.0
LATE = (
    "duckdb",
    "sqlglot",
    "jsonschema",
    "jsonschema_rs",
    "sqlite_utils",
    "yaml",
    "rich",
    "durable",
    "jinja2",
    "cryptography",
    "apprise",
    "httpx",
    "starlette",
    "uvicorn",
    "prometheus_client",
)

MODULES = engine_modules()


@cache
def imports() -> list[Import]:
    """Of all modules; they are read when the first test asks, not when tests are collected."""
    return [found for name, path in MODULES.items() for found in imports_of(name, path, MODULES)]


def stage_of(module: str) -> str:
    """The stage of a module: the name below `engine`, or `kam`."""
    parts = module.split(".")
    return parts[1] if parts[0] == "engine" and len(parts) > 1 else parts[0]


def position(module: str) -> int:
    """How far to the right a module stands; `engine` itself is the very left, kam the right."""
    stage = stage_of(module)
    outermost = {"engine": -1, "kam": len(STAGES)}
    return outermost[stage] if stage in outermost else STAGES.index(stage)


def inner() -> list[Import]:
    return [found for found in imports() if found.target.split(".")[0] in {"engine", "kam"}]


def test_every_stage_has_a_place_in_the_order() -> None:
    unplaced = {stage_of(module) for module in MODULES} - set(STAGES) - {"engine", "kam"}
    assert not unplaced


def test_modules_import_only_from_their_left() -> None:
    wrong = [
        f"{found.module}:{found.line} imports {found.target}"
        for found in inner()
        if position(found.target) > position(found.module)
    ]
    assert not wrong


def test_stages_that_are_kept_apart_do_not_import_each_other() -> None:
    wrong = [
        f"{found.module}:{found.line} imports {found.target}: {KEPT_APART[pair]}"
        for found in inner()
        if (pair := (stage_of(found.module), stage_of(found.target))) in KEPT_APART
    ]
    assert not wrong


def test_imports_of_engine_modules_name_modules_that_exist() -> None:
    assert [found for found in inner() if found.target not in MODULES] == []


def test_modules_do_not_import_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in inner():
        if found.module != found.target and found.target in MODULES:
            graph[found.module].add(found.target)
    while leaves := {module for module, targets in graph.items() if not targets}:
        graph = {
            module: targets - leaves for module, targets in graph.items() if module not in leaves
        }
    assert not graph, "what is left imports in a circle"


@pytest.mark.parametrize("library", HOMES)
def test_libraries_are_imported_only_where_they_live(library: str) -> None:
    wrong = [
        f"{found.module}:{found.line}"
        for found in imports()
        if found.target.split(".")[0] == library and stage_of(found.module) not in HOMES[library]
    ]
    assert not wrong


def test_reference_evaluator_shares_no_arithmetic_with_the_database() -> None:
    """It is the oracle of the columnar executor, so it must not compute with the same engine."""
    reached = ["engine.executors.reference"]
    for module in reached:
        reached += {
            found.target
            for found in imports()
            if found.module == module and found.target not in reached
        }
    assert "duckdb" not in {module.split(".")[0] for module in reached}


@pytest.mark.parametrize("call", ["import kam", "from kam import main; main(['--help'])"])
def test_command_line_imports_no_engine_before_a_command_is_called(call: str) -> None:
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *[n for n in {LATE!r} if n in sys.modules]))\n"
        f"{call}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]


def test_help_answers_at_once() -> None:
    def seconds() -> float:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "kam.py", "--help"], cwd=ROOT, capture_output=True, check=True
        )
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < HELP_SECONDS
