"""Finds the `schemas/` and `policies/` that come with the engine.

An installed wheel carries both inside the package, as ``engine/_data``; in a checkout and in
an editable install they lie beside `engine/`. The packaged copy is looked for first, because
what lies beside an installed package belongs to somebody else.
"""

from __future__ import annotations

from pathlib import Path

from engine.errors import problem

PACKAGED = "_data"
_PACKAGE = Path(__file__).absolute().parent


def schemas_folder() -> Path:
    """The folder of the JSON Schemas; raises `KamError` where the installation lacks it."""
    return _folder("schemas", _PACKAGE)


def policies_folder() -> Path:
    """The folder of the policy packs; raises `KamError` where the installation lacks it."""
    return _folder("policies", _PACKAGE)


def _folder(name: str, package: Path) -> Path:
    # A path, not a resource: packs include one another by relative path, and people are
    # told the file and line of a rule. Installers always unpack wheels, so there is one.
    candidates = (package / PACKAGED / name, package.parent / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise problem(
        "incomplete-installation",
        f"the folder '{name}' that comes with kam is not there; "
        f"looked for {' and '.join(str(candidate) for candidate in candidates)}",
        hint="install kam again, from its wheel or from a whole checkout",
    )
