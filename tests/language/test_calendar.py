"""`calendar:` of kam.yaml and the file that it names; what is refused stands in `broken/`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.language.calendar import CalendarRules
from engine.language.texts import KeptTexts
from engine.language.workspace import Workspace, load_workspace
from tests.language.broken_files import KAM


def load(calendar: str, overrides: str | None = None) -> Workspace:
    files = {"kam.yaml": KAM + f"calendar: {calendar}\n".encode()}
    if overrides is not None:
        files["calendar.yaml"] = overrides.encode()
    return load_workspace("/srv/demo", KeptTexts(files))


def test_workspace_without_calendar_has_plain_rules() -> None:
    workspace = load_workspace("/srv/demo", KeptTexts({"kam.yaml": KAM}))
    assert workspace.calendar == CalendarRules()
    assert workspace.calendar.weekend == {5, 6}


def test_country_alone_needs_no_file() -> None:
    workspace = load("{country: CN}")
    assert (workspace.calendar.country, workspace.calendar.file) == ("CN", None)
    assert str(workspace.calendar.location) == "kam.yaml:6:1"
    assert [file.path for file in workspace.files] == ["kam.yaml"]


def test_overrides_are_read_and_kept() -> None:
    text = (
        "weekend: [sunday]\n"
        "holidays:\n  2026-08-03: 高温假\n  2028-02-29: 闰日\n"
        "workdays: {2026-10-10: 调休}\n"
    )
    workspace = load("{country: CN, overrides: ./calendar.yaml}", text)
    rules = workspace.calendar
    assert rules.weekend == {6}
    assert rules.holidays == {date(2026, 8, 3), date(2028, 2, 29)}
    assert rules.workdays == {date(2026, 10, 10)}
    assert [file.path for file in workspace.files] == ["kam.yaml", "calendar.yaml"]
    assert workspace.files[1].content == text.encode()


def test_weekend_may_be_empty() -> None:
    assert load("{overrides: calendar.yaml}", "weekend: []").calendar.weekend == frozenset()


def test_problems_of_the_date_and_of_the_calendar_come_together() -> None:
    files = {
        "kam.yaml": KAM + b"as_of: 2026-02-30\ncalendar: {overrides: calendar.yaml}\n",
        "calendar.yaml": b"holidays: {2026-02-30: x, 2026-02-31: x}\n",
    }
    with pytest.raises(KamError) as caught:
        load_workspace("/srv/demo", KeptTexts(files))
    places = [str(problem.location) for problem in caught.value.problems]
    assert places == ["calendar.yaml:1:12", "calendar.yaml:1:27", "kam.yaml:6:8"]


def test_missing_file_is_said_at_the_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_bytes(KAM + b"calendar: {overrides: calendar.yaml}\n")
    with pytest.raises(KamError) as caught:
        load_workspace(tmp_path)
    (problem,) = caught.value.problems
    assert problem.code == "missing-file"
    assert problem.location is not None and problem.location.file.endswith("kam.yaml")
    assert (problem.location.line, problem.location.column) == (6, 23)
    (tmp_path / "calendar.yaml").mkdir()
    with pytest.raises(KamError, match=r"kam\.yaml:6:23: not-a-file"):
        load_workspace(tmp_path)


def test_file_may_not_be_a_link_out_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("weekend: [sunday]\n")
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kam.yaml").write_bytes(KAM + b"calendar: {overrides: calendar.yaml}\n")
    (root / "calendar.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(KamError, match=r"kam\.yaml:6:23: path-outside"):
        load_workspace(root)
