"""The files of the repository, for the tests of its own shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "benchmarks", "docs", "engine", "examples", "policies", "schemas", "tests")


def kept_files(*suffixes: str) -> Iterator[Path]:
    """Every file that people wrote, of these suffixes (of any, if none is given)."""
    beside = (path for path in ROOT.iterdir() if path.is_file())
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in sorted((*beside, *below)):
        if "__pycache__" not in path.parts and (not suffixes or path.suffix in suffixes):
            yield path


class Import(NamedTuple):
    """One import of one module, wherever it stands; `at_import` if it runs on import."""

    module: str
    target: str
    line: int
    at_import: bool


def engine_modules() -> dict[str, Path]:
    """Dotted name to file of every module that is shipped."""
    found = {"kam": ROOT / "kam.py"}
    for path in sorted((ROOT / "engine").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(module: str, path: Path, modules: dict[str, Path]) -> Iterator[Import]:
    """Every import of a module, also those inside functions and under TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node, at_import in _imports_in(tree, at_import=True):
        for target in _targets(node, modules):
            yield Import(module, target, node.lineno, at_import)


def _imports_in(
    outer: ast.AST, *, at_import: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Imports are statements: expressions, which are most of a tree, hold none."""
    for node in ast.iter_child_nodes(outer):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, at_import
        elif not isinstance(node, ast.expr):
            deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            deferred = deferred or _is_type_checking(node)
            yield from _imports_in(node, at_import=at_import and not deferred)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _targets(node: ast.Import | ast.ImportFrom, modules: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    for alias in node.names:
        submodule = f"{base}.{alias.name}"
        yield submodule if submodule in modules else base
