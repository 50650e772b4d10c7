"""kam.py: the list of commands, and what becomes of what a command raises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

import kam
from engine import __version__
from engine.errors import KamError, Location, Problem
from tests.repository.files import ROOT

Run = Callable[[BaseException | None], Result]


@pytest.fixture
def run_raising(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls a command that raises what it is given (nothing, for None)."""

    def call(error: BaseException | None) -> Result:
        @click.command()
        def probe() -> None:
            """Raise something."""
            click.echo("began")
            if error is not None:
                raise error

        module = ModuleType("probe_commands")
        module.probe = probe  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "probe_commands", module)
        entry = kam.Entry("probe_commands", "probe", "Raise something.")
        monkeypatch.setitem(kam.COMMANDS, "probe", entry)
        return CliRunner().invoke(kam.main, ["probe"])

    return call


@pytest.mark.parametrize("name", kam.COMMANDS)
def test_command_has_the_help_that_the_list_shows(name: str) -> None:
    entry = kam.COMMANDS[name]
    command = getattr(import_module(entry.module), entry.attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").splitlines()[0] == entry.help


def test_help_lists_every_command_with_its_line() -> None:
    shown = CliRunner().invoke(kam.main, ["--help"]).output
    for name, entry in kam.COMMANDS.items():
        assert f"  {name} " in shown
        assert entry.help in shown


def test_version_is_the_version_of_the_engine() -> None:
    assert CliRunner().invoke(kam.main, ["--version"]).output == f"kam, version {__version__}\n"


def test_unknown_command_is_a_usage_error_with_a_proposal() -> None:
    result = CliRunner().invoke(kam.main, ["chekc"])
    assert result.exit_code == 2
    assert "'check'" in result.stderr


def test_success_exits_with_zero(run_raising: Run) -> None:
    result = run_raising(None)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "began\n", "")


def test_problems_exit_with_one_and_are_all_shown(run_raising: Run) -> None:
    place = Location("policies/x/tiers.yaml", 14, 9)
    result = run_raising(
        KamError(
            (
                Problem("unknown-measure", "'revenu' is not a measure", place, "write 'revenue'"),
                Problem("missing-source", "there is no orders.csv"),
            )
        )
    )
    assert result.exit_code == 1
    assert result.stdout == "began\n"
    for part in ("tiers.yaml:14:9", "unknown-measure", "write 'revenue'", "missing-source"):
        assert part in result.stderr
    assert "Traceback" not in result.stderr


def test_refusal_by_the_operating_system_is_not_called_a_defect(run_raising: Run) -> None:
    result = run_raising(PermissionError(13, "Permission denied", "store/kam.db"))
    assert result.exit_code == 1
    assert "Permission denied" in result.stderr
    assert "store/kam.db" in result.stderr
    assert "defect" not in result.stderr


def test_defect_is_one_line_that_says_whose_it_is(run_raising: Run) -> None:
    result = run_raising(ZeroDivisionError("first line\nsecond line"))
    assert result.exit_code == 70
    assert len(result.stderr.splitlines()) == 1
    assert "defect in kam" in result.stderr
    assert "ZeroDivisionError: first line second line" in result.stderr


def test_defect_shows_its_place_when_asked(
    run_raising: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAM_DEBUG", "1")
    result = run_raising(ZeroDivisionError("no"))
    assert result.exit_code == 70
    assert "Traceback" in result.stderr
    assert __file__ in result.stderr


def test_interruption_exits_as_shells_expect(run_raising: Run) -> None:
    result = run_raising(KeyboardInterrupt())
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr


def test_usage_error_of_a_command_keeps_its_exit_code(run_raising: Run) -> None:
    result = run_raising(click.BadParameter("is no date"))
    assert result.exit_code == 2
    assert "is no date" in result.stderr


@pytest.mark.parametrize(("module", "spared"), [("json", "True True"), ("duckdb", "False False")])
def test_garbage_is_hardly_looked_for_as_the_process_ends_and_duckdb_does_not_complain(
    module: str, spared: str
) -> None:
    code = (
        "import atexit, gc\n"
        "def spared(): print(gc.isenabled(), gc.get_freeze_count() > 0)\n"
        "atexit.register(spared)\n"  # the last to be called
        f"import kam, {module}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == (f"{spared}\n", "")


@pytest.mark.skipif(os.name != "posix", reason="closed pipes are told by signals of POSIX")
def test_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "kam.py", "--help"],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""
