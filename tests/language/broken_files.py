"""Reads the files under `broken/`: each begins with the problems that it must give.

The comments at the top of a file are those problems, in order, without the file's name:
``# 3:1: duplicate-key: 'low' is already written on line 2; keep one of the two``.
The folder says what the file is: part of a pack, the head of a pack, kam.yaml, facts.yaml,
the calendar or the overrides that kam.yaml names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import KamError, Problem
from engine.language.checks.overrides import check_overrides
from engine.language.load import load_pack
from engine.language.overrides import read_overrides
from engine.language.schema import read_valid
from engine.language.texts import KeptTexts
from engine.language.workspace import load_workspace

BROKEN = Path(__file__).parent / "broken"

HEAD = b"""\
pack:
  id: broken
  title: {zh: x, en: x}
  version: "1"
  effective: {from: 2026-01-01}
  owner: office
"""

OTHER = b"""\
roles:
  office: {title: {zh: x, en: x}}
"""


KAM = b"""\
workspace: demo
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/rules]
"""


def load_part(name: str, content: bytes) -> None:
    load_pack("pack", KeptTexts({"pack/pack.yaml": HEAD, f"pack/{name}": content}))


def load_head(name: str, content: bytes) -> None:
    load_pack("pack", KeptTexts({"pack/pack.yaml": content, "pack/other.yaml": OTHER}))


def load_kam(name: str, content: bytes) -> None:
    load_workspace("anywhere", KeptTexts({"kam.yaml": content}))


def load_calendar(name: str, content: bytes) -> None:
    kam = KAM + f"calendar: {{country: CN, overrides: {name}}}\n".encode()
    load_workspace("anywhere", KeptTexts({"kam.yaml": kam, name: content}))


PEOPLE = "people: {chair: 王建国, office: [陈静, 李娜]}\n".encode()
RULES = b"""\
pack: {id: rules, title: {zh: x, en: x}, version: "1", effective: {from: 2026-01-01}, owner: office}
roles:
  office: {title: {zh: x, en: x}}
  chair: {title: {zh: x, en: x}}
  owner: {title: {zh: x, en: x}}
tiers:
  approvers: [chair]
  levels:
    strategic: {title: {zh: x, en: x}, when: {share: {gt: 20%}}}
    core: {title: {zh: x, en: x}, when: {share: {gt: 8%}}}
  default: {id: standard, title: {zh: x, en: x}}
milestones:
  candidate: {title: {zh: x, en: x}, to: strategic, when: {share: {gt: 10%}}, effect: propose}
  rise: {title: {zh: x, en: x}, to: core, when: {share: {gt: 9%}}, effect: promote}
  news: {title: {zh: x, en: x}, when: {share: {gt: 1%}}}
entitlements:
  funds:
    {kind: budget, title: {zh: x, en: x}, tiers: [strategic, core], needs_approval_by: office}
  hotline: {kind: channel, title: {zh: x, en: x}, tiers: [strategic, core]}
"""
"""A pack that overrides are about; the chair approves, and the office its budget."""


def load_overrides(name: str, content: bytes) -> None:
    kam = KAM + PEOPLE + f"overrides: {name}\n".encode()
    texts = KeptTexts({"kam.yaml": kam, name: content, "rules/pack.yaml": RULES})
    policy = load_pack("rules", texts)
    workspace = load_workspace("anywhere", texts)
    overrides = read_overrides(workspace, texts, [policy.id])
    found = check_overrides(overrides, [policy], workspace.people)
    if found:
        raise KamError(found)


def load_facts(name: str, content: bytes) -> None:
    read_valid(name, KeptTexts({name: content}), "facts")


LOADERS: Mapping[str, Callable[[str, bytes], None]] = {
    "pack": load_part,
    "head": load_head,
    "workspace": load_kam,
    "facts": load_facts,
    "calendar": load_calendar,
    "overrides": load_overrides,
}


def broken_files() -> list[Path]:
    return sorted(path for folder in LOADERS for path in (BROKEN / folder).glob("*.yaml"))


def expected(content: bytes) -> list[str]:
    """The problems that the comments at the top of a file announce."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    found = []
    for line in lines:
        if not line.startswith(b"# "):
            break
        found.append(line[2:].decode())
    return found


def raised(path: Path, content: bytes | None = None) -> tuple[Problem, ...]:
    """The problems that loading the file gives."""
    text = path.read_bytes() if content is None else content
    try:
        LOADERS[path.parent.name](path.name, text)
    except KamError as error:
        return error.problems
    return ()


def problems(path: Path, content: bytes | None = None) -> list[str]:
    """The same, as ``line:column: code: message; hint``."""
    return [str(problem).split(":", 1)[1] for problem in raised(path, content)]
