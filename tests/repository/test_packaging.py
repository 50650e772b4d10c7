"""Wheel, sdist and editable install all carry the schemas and the policies. Nothing here needs
a network; .ci/installed-wheel installs the wheel and runs it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from engine import __version__, resources
from engine.errors import KamError
from tests.repository.files import ROOT

pytestmark = pytest.mark.xdist_group("packaging")


def build(folder: Path, target: str, out: Path) -> Path:
    """What hatchling makes of a source folder: the path of the built file."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=100,
    )
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    wheel = build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))
    return set(zipfile.ZipFile(wheel).namelist())


def data_files() -> set[str]:
    """Every schema and policy of the checkout, as `schemas/…` and `policies/…`."""
    return {
        str(path.relative_to(ROOT))
        for folder in ("schemas", "policies")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }


def test_checkout_has_schemas_and_policies() -> None:
    assert {name.split("/")[0] for name in data_files()} == {"schemas", "policies"}


def test_wheel_carries_every_schema_and_policy_inside_the_package(wheel_names: set[str]) -> None:
    assert {f"engine/_data/{name}" for name in data_files()} <= wheel_names


def test_wheel_carries_every_module_and_statement(wheel_names: set[str]) -> None:
    shipped = {
        str(path.relative_to(ROOT))
        for suffix in ("*.py", "*.sql")
        for path in (ROOT / "engine").rglob(suffix)
    }
    assert shipped | {"kam.py"} <= wheel_names


def test_wheel_installs_nothing_else_at_the_top(wheel_names: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel_names}
    assert tops == {"engine", "kam.py", f"kam-{__version__}.dist-info"}


def test_wheel_built_from_the_sdist_is_the_same(
    sdist: Path, wheel_names: set[str], tmp_path: Path
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    wheel = build(source, "wheel", tmp_path / "wheel")
    assert set(zipfile.ZipFile(wheel).namelist()) == wheel_names


def test_editable_install_points_to_the_checkout_and_copies_nothing(tmp_path: Path) -> None:
    wheel = build(ROOT, "wheel:editable", tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (pointer,) = [name for name in names if name.endswith(".pth")]
        assert archive.read(pointer).decode().split() == [str(ROOT)]
    assert not [name for name in names if name.startswith("engine/")]


def test_resources_are_looked_for_inside_the_package_first(tmp_path: Path) -> None:
    package = tmp_path / "engine"
    (tmp_path / "schemas").mkdir()
    beside = resources._folder("schemas", package)
    (package / "_data" / "schemas").mkdir(parents=True)
    inside = resources._folder("schemas", package)
    assert (beside, inside) == (tmp_path / "schemas", package / "_data" / "schemas")


def test_resources_that_are_absent_are_named(tmp_path: Path) -> None:
    with pytest.raises(KamError) as raised:
        resources._folder("policies", tmp_path / "engine")
    (problem,) = raised.value.problems
    assert problem.code == "incomplete-installation"
    assert str(tmp_path / "policies") in problem.message
    assert problem.hint is not None


def test_resources_of_the_checkout_are_found() -> None:
    assert resources.schemas_folder() == ROOT / "schemas"
    assert resources.policies_folder() == ROOT / "policies"
