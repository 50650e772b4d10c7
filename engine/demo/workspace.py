"""What `kam demo` and `kam init` both write: a workspace around packaged policy packs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import Template

from engine.errors import problem
from engine.language.load import PACK_FILE, load_pack
from engine.model import Column, Policy, RecordType, Vocabulary
from engine.nearest import did_you_mean_first
from engine.resources import policies_folder, schemas_folder

TEMPLATES = Path(__file__).parent / "templates"

TESTS = ".test.yaml"
"""How the name of a file ends that tests a pack and is no part of it."""

RECORD_KEYS: Mapping[str, str] = {
    "issues": "issue_id",
    "deliveries": "delivery_id",
    "service_nodes": "node_id",
}
"""Record tables whose rows have an id of their own, by which an obligation names them."""

NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that some version of YAML does not read as text."""


# --- the folder --------------------------------------------------------------------------


@contextmanager
def new_workspace(folder: Path) -> Iterator[None]:
    """Makes `folder`, or takes an empty one; empties it again if the body does not succeed.

    Raises `KamError` (not-a-folder, folder-not-empty) before anything is written.
    """
    existed = folder.exists()
    if existed and not folder.is_dir():
        raise problem("not-a-folder", f"'{folder}' is a file", hint="name a new folder")
    if existed and any(folder.iterdir()):
        raise problem(
            "folder-not-empty",
            f"'{folder}' is not empty, and nothing in it is ever overwritten",
            hint="name a new folder, or an empty one",
        )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        _empty(folder)
        if not existed:
            folder.rmdir()
        raise


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


# --- policy packs ------------------------------------------------------------------------


def packaged_packs() -> tuple[str, ...]:
    """The names of the packs that come with kam, in order."""
    return tuple(sorted(path.parent.name for path in policies_folder().glob(f"*/{PACK_FILE}")))


def load_packaged(names: Iterable[str]) -> tuple[Policy, ...]:
    """The packs of these names, each once. Raises `KamError` (unknown-pack)."""
    known = packaged_packs()
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        if name not in known:
            raise problem(
                "unknown-pack",
                f"no pack that comes with kam is named '{name}'",
                hint=did_you_mean_first(name, known, f"the packs are {', '.join(known)}"),
            )
    return tuple(load_pack(policies_folder() / name) for name in unique)


def write_packs(policies: Iterable[Policy], folder: Path) -> None:
    """Copies every file of the packs, the tests beside them, and the schemas that their first
    lines point to."""
    for policy in policies:
        for file in policy.files:
            path = folder / "policies" / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        for test in sorted((policies_folder() / policy.id).glob(f"*{TESTS}")):
            (folder / "policies" / policy.id / test.name).write_bytes(test.read_bytes())
    (folder / "schemas").mkdir()
    for schema in sorted(schemas_folder().glob("*.json")):
        (folder / "schemas" / schema.name).write_bytes(schema.read_bytes())


def merged_vocabulary(policies: Iterable[Policy]) -> Vocabulary:
    """Every account column and record table of the packs; what two packs share is one."""
    accounts: dict[str, Column] = {}
    records: dict[str, RecordType] = {}
    for policy in policies:
        accounts |= policy.vocabulary.accounts
        records |= policy.vocabulary.records
    return Vocabulary(accounts, records)


# --- kam.yaml, README.md and other texts -------------------------------------------------


def write_template(template: str, path: Path, values: Mapping[str, str]) -> None:
    """Fills the ``$names`` of a file in `templates/`."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    path.write_text(Template(text).substitute(values), encoding="utf-8")


def policy_list(policies: Sequence[Policy]) -> str:
    """The packs as `policies:` of kam.yaml lists them."""
    return "\n".join(f"  - policies/{policy.id}" for policy in policies)


def other_packs(policies: Sequence[Policy], shelf: Iterable[Policy]) -> str:
    """The packs of the shelf that do not decide, as commented lines of `policies:`."""
    chosen = {policy.id for policy in policies}
    return "\n".join(f"  # - policies/{one.id}" for one in shelf if one.id not in chosen)


def workspace_id(folder: Path) -> str:
    """An id made of the folder's name, or ``workspace`` where the name has no use.

    >>> workspace_id(Path("/tmp/Key-Accounts 2026")), workspace_id(Path("大客户"))
    ('key_accounts_2026', 'workspace')
    """
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return name if name[:1].isalpha() else "workspace"


# --- facts.yaml --------------------------------------------------------------------------


def facts_text(vocabulary: Vocabulary, files: Mapping[str, str], renamed: Mapping[str, str]) -> str:
    """`facts.yaml` over the whole vocabulary.

    `files` has the path of each table's file; `renamed` what the file of accounts calls a
    column, where it is not the name in the vocabulary.
    """
    lines = [
        "# yaml-language-server: $schema=schemas/facts.schema.json",
        "# What is known about an account, and where it comes from. On the left the name that the",
        "# policies use; `from` is the name in the file, where that is another.",
        "accounts:",
        f"  source: {files['accounts']}",
        "  key: account_id",
        "  columns:",
    ]
    for column in vocabulary.accounts.values():
        lines.append(f"    {column.name}: {_column(column, renamed.get(column.name))}")
    lines.append("records:")
    for record in vocabulary.records.values():
        lines += _record(record, files[record.name])
    return "\n".join(lines) + "\n"


def _record(record: RecordType, file: str) -> Iterator[str]:
    yield f"  {record.name}:"
    yield f"    source: {file}"
    if record.name in RECORD_KEYS:
        yield f"    key: {RECORD_KEYS[record.name]}"
    yield "    account: account_id"
    if record.time is not None:
        yield f"    time: {record.time}"
    yield "    columns:"
    for column in stored_columns(record):
        yield f"      {column.name}: {_column(column, None)}"


def stored_columns(record: RecordType) -> tuple[Column, ...]:
    """The columns that a source has to supply; the others are computed."""
    return tuple(column for column in record.columns.values() if column.formula is None)


def _column(column: Column, source_name: str | None) -> str:
    details: dict[str, str] = {"type": column.type}
    if source_name is not None:
        details["from"] = yaml_text(source_name)
    if column.values:
        details["values"] = f"[{', '.join(yaml_text(value) for value in column.values)}]"
    if column.range is not None:
        details["range"] = f"[{', '.join(f'{limit:f}' for limit in column.range)}]"
    if column.classification != "internal":
        details["class"] = column.classification
    if len(details) == 1:
        return column.type
    return f"{{{', '.join(f'{key}: {value}' for key, value in details.items())}}}"


def yaml_text(text: str) -> str:
    """A text as a YAML scalar that is read as that text by every version of YAML.

    >>> yaml_text("customer_name"), yaml_text("no"), yaml_text("2: x")
    ('customer_name', '"no"', '"2: x"')
    """
    plain = re.fullmatch(r"[^\W\d]\w*", text) and text.lower() not in NOT_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)
