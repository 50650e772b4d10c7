"""Two versions of a pack → the elements that were edited, with the lines that were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import Any

from engine.errors import Location
from engine.model import Policy
from engine.proposal.elements import ORDER, WHOLE, Key, bare, changed_keys, elements
from engine.proposal.model import Edit, Written

LINES_AT_MOST = 8
"""Lines of an element that are shown."""


def edits_of(before: Sequence[Policy], after: Sequence[Policy]) -> tuple[Edit, ...]:
    """Every element that is other, numbered from 1 in the order of the packs and their files."""
    numbers = count(1)
    old, new = ({one.id: one for one in side} for side in (before, after))
    found: list[Edit] = []
    for pack in dict.fromkeys([*new, *old]):
        if pack in old and pack in new:
            listed: Iterable[Edit] = _edits(old[pack], new[pack], numbers)
        else:
            listed = [_whole(old.get(pack), new.get(pack), next(numbers))]
        found.extend(listed)
    return tuple(found)


def _whole(old: Policy | None, new: Policy | None, number: int) -> Edit:
    """A pack that comes or goes as a whole."""
    policy = new or old
    assert policy is not None
    place = policy.location
    written = Written(place.file, place.line, f"{policy.id} {policy.version}")
    if old is None:
        return Edit(number, policy.id, "pack", "", "added", None, written)
    return Edit(number, policy.id, "pack", "", "removed", written, None)


def _edits(old: Policy, new: Policy, numbers: Iterator[int]) -> Iterator[Edit]:
    before, after = elements(old), elements(new)
    for key in changed_keys(old, new):
        was, now = before.get(key), after.get(key)
        change: Any = "changed"
        if key[1] not in (ORDER, WHOLE) and key[0] != "pack":
            change = "added" if was is None else "removed" if now is None else "changed"
        lines = _written(old, _place(old, key, was)), _written(new, _place(new, key, now))
        yield Edit(
            next(numbers),
            new.id,
            *key,
            change,
            *_differing(*lines),
            inert=key == ("pack", "version")
            or (was is not None and now is not None and _decides(was) == _decides(now)),
        )


def _decides(value: object) -> object:
    return bare(value, decides_only=True)


def _place(policy: Policy, key: Key, value: object) -> Location | None:
    place = getattr(value, "location", None)
    if isinstance(place, Location):
        return place
    if key[0] == "pack":
        return policy.location
    return None if policy.tiers is None else policy.tiers.location


Lines = list[tuple[int, str]]
"""(number, text)."""


def _written(policy: Policy, place: Location | None) -> tuple[str, Lines]:
    """The file and the lines of the element that begins at a place."""
    if place is None:
        return "", []
    named = [one for one in policy.files if place.file.endswith(one.path)]
    if not named:
        return place.file, []
    file = max(named, key=lambda one: len(one.path))
    lines = file.content.decode("utf-8-sig").splitlines()
    return place.file, list(_block(lines, place.line))


def _block(lines: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    """The line `first` and those that are indented deeper, without comments and empty lines."""
    depth: int | None = None
    for number, line in enumerate(lines[first - 1 :], first):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if depth is None:
            depth = indent
        elif indent <= depth:
            return
        yield number, line[depth:].rstrip()


def _differing(
    old: tuple[str, Lines], new: tuple[str, Lines]
) -> tuple[Written | None, Written | None]:
    """What stands on one side alone; if the lines are the same, where the element stands."""
    (old_file, old_lines), (new_file, new_lines) = old, new
    matcher = SequenceMatcher(
        None, [text for _, text in old_lines], [text for _, text in new_lines], autojunk=False
    )
    gone: Lines = []
    come: Lines = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            gone += old_lines[start:end]
            come += new_lines[new_start:new_end]
    return _side(old_file, gone, old_lines), _side(new_file, come, new_lines)


def _side(file: str, differing: Lines, lines: Lines) -> Written | None:
    if not lines:
        return None
    shown = differing[:LINES_AT_MOST]
    text = "\n".join(line.strip() for _, line in shown)
    if len(differing) > len(shown):
        text += "\n…"
    return Written(file, (differing or lines)[0][0], text)
