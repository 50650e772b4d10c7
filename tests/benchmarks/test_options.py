"""What each form of the command measures."""

from __future__ import annotations

import pytest

from benchmarks.options import PARTS, read_options


def test_without_options_every_part_is_measured_up_to_100_000_accounts() -> None:
    options = read_options([])
    assert options.parts == PARTS
    assert options.nights == (300, 100_000)
    assert options.engines == (1_000, 100_000)
    assert options.rules == (20, 60, 200)
    assert (options.tpch, options.runs, options.markdown) == ("0.1", 3, False)


def test_full_adds_a_million_accounts_and_the_whole_of_tpch() -> None:
    options = read_options(["--full", "--runs", "1"])
    assert options.nights[-1] == options.engines[-1] == 1_000_000
    assert (options.tpch, options.runs) == ("1", 1)


def test_quick_leaves_row_engines_to_the_small_book() -> None:
    options = read_options(["--quick"])
    assert (options.nights, options.rules, options.row_seconds) == ((300,), (20,), 0)
    assert not {"evidence", "floor"} & set(options.parts)
    assert read_options(["--quick", "--only", "evidence"]).parts == ("evidence",)


def test_sizes_given_replace_the_usual_ones() -> None:
    given = ["--accounts", "500", "--accounts", "200", "--rules", "7", "--only", "engines"]
    options = read_options(given)
    assert options.nights == options.engines == (200, 500)
    assert (options.rules, options.parts) == ((7,), ("engines",))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--runs", "0"],
        ["--accounts", "0"],
        ["--rules", "-1"],
        ["--only", "days"],
        ["--quick", "--full"],
    ],
)
def test_options_that_make_no_sense_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        read_options(arguments)
    assert stopped.value.code == 2
    assert "python -m benchmarks" in capsys.readouterr().err
