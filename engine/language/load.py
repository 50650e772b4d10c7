"""Loads a policy pack or a workspace, with every problem of every file at once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.errors import KamError, Location, Problem
from engine.language.build import SourceFile, build_policy
from engine.language.documents import Node
from engine.language.reading import parse_yaml, read_yaml
from engine.language.schema import located_problems
from engine.language.texts import DiskTexts, KeptTexts, Texts, absolute, normalised
from engine.language.workspace import WORKSPACE_FILE, Workspace, load_workspace
from engine.model import Policy, PolicyFile
from engine.nearest import did_you_mean
from engine.resources import policies_folder

__all__ = ["load_kept_pack", "load_pack", "load_policies", "load_workspace"]

PACK_FILE = "pack.yaml"
PACKAGED = "packaged:"


def load_pack(path: str | Path, texts: Texts | None = None) -> Policy:
    """The policy in a folder, or of its `pack.yaml`.

    `path` is on disk; with `texts` it is the folder's path there. Includes may reach the
    folder that holds the pack, and nothing above it. Raises `KamError` with the problems
    of all files: of their text, their form and of what cannot be built from them. Whether
    the names in it exist and fit together is for `engine.language.checks`.
    """
    if texts is None:
        full = absolute(path)
        full = full.parent if full.name == PACK_FILE else full
        texts, folder = DiskTexts(full.parent), full.name
    else:
        folder = posixpath.normpath(str(path))
    loader = PackLoader(folder, texts)
    loader.read_all()
    policy, problems = build_policy(loader.sources)
    found = [*loader.problems, *problems]
    if found or policy is None:
        raise KamError(found)
    return policy


def load_kept_pack(files: Iterable[PolicyFile], pack_file: str | None = None) -> Policy:
    """The policy again from `Policy.files`; its `hash` and elements are the same.

    `pack_file` is how locations named its pack.yaml at the time; they name it so again.
    """
    kept = {file.path: file.content for file in files}
    path = next(path for path in kept if posixpath.basename(path) == PACK_FILE)
    prefix = pack_file.removesuffix(path) if pack_file else ""
    return load_pack(posixpath.dirname(path), KeptTexts(kept, prefix))


def load_policies(workspace: Workspace, prefix: str | None = None) -> tuple[Policy, ...]:
    """The packs of a workspace, in the order of its `policies`.

    Locations are relative to the current folder; with a `prefix` (the empty text, say)
    they are that and the path in the workspace, the same from wherever one looks. Raises
    `KamError` with the problems of all packs.
    """
    problems: list[Problem] = []
    policies: list[Policy] = []
    for reference in workspace.policies:
        try:
            policies.append(load_pack(*pack_place(workspace, reference, prefix)))
        except KamError as error:
            problems.extend(error.problems)
    seen: dict[str, Policy] = {}
    for policy in policies:
        first = seen.setdefault(policy.id, policy)
        if first is not policy:
            message = f"the pack '{policy.id}' is already at {first.location}"
            problems.append(Problem("duplicate-id", message, policy.location))
    if problems:
        raise KamError(dict.fromkeys(problems))  # once each, though packs share files
    return tuple(policies)


def pack_place(
    workspace: Workspace, reference: str, prefix: str | None = None
) -> tuple[str, Texts]:
    """The folder of a pack and the texts in which it lies.

    Raises `KamError` at its line of kam.yaml: outside the workspace, or no folder of a pack.
    """
    if reference.startswith(PACKAGED):
        return packaged_place(reference, lambda: reference_place(workspace, reference))
    clean = normalised(reference)
    if clean is None or clean == ".":
        message = f"the pack '{reference}' is not a folder in the workspace"
        hint = f"write a path such as policies/my_rules, or {PACKAGED}NAME"
        place = reference_place(workspace, reference)
        raise KamError(Problem("path-outside", message, place, hint))
    parent, name = posixpath.split(clean)
    within = DiskTexts(workspace.root)
    within.check_inside(parent or ".")
    if not (workspace.root / clean / PACK_FILE).is_file():
        raise KamError(_no_pack(workspace, reference, clean))
    lead = None if prefix is None else prefix + (f"{parent}/" if parent else "")
    return name, DiskTexts(workspace.root / parent, lead)


def _no_pack(workspace: Workspace, reference: str, clean: str) -> Problem:
    """Of a folder that kam.yaml names and that holds no pack."""
    place = reference_place(workspace, reference)
    if (workspace.root / clean).is_dir():
        message = f"there is no {PACK_FILE} in the folder '{reference}'"
        hint = f"a pack is a folder with a {PACK_FILE} that begins with 'pack:'"
        return Problem("missing-file", message, place, hint)
    folders = {
        found.parent.relative_to(workspace.root).as_posix()
        for pattern in (f"*/{PACK_FILE}", f"*/*/{PACK_FILE}")
        for found in workspace.root.glob(pattern)
    }
    meant = posixpath.dirname(clean) if posixpath.basename(clean) == PACK_FILE else clean
    packaged = f"{PACKAGED}{posixpath.basename(meant)}"
    shipped = [f"{PACKAGED}{name}" for name in packaged_packs()]
    near = did_you_mean(meant, folders) or did_you_mean(packaged, shipped)
    return Problem("missing-folder", f"there is no folder '{reference}'", place, near)


def packaged_place(
    reference: str, place: Callable[[], Location | None] = lambda: None
) -> tuple[str, Texts]:
    """The folder of ``packaged:NAME`` and the texts in which it lies.

    Raises `KamError` (`unknown-pack`) at `place`, which is asked for only then.
    """
    name = reference.removeprefix(PACKAGED)
    known = packaged_packs()
    if name not in known:
        hint = did_you_mean(name, known, f"there are: {', '.join(known)}")
        raise KamError(Problem("unknown-pack", f"no pack '{name}' comes with kam", place(), hint))
    return name, DiskTexts(policies_folder(), PACKAGED)


def packaged_packs() -> tuple[str, ...]:
    """The names of the packs that come with kam."""
    return tuple(sorted(path.parent.name for path in policies_folder().glob(f"*/{PACK_FILE}")))


def reference_place(workspace: Workspace, reference: str) -> Location:
    """Where kam.yaml names a pack."""
    written = parse_yaml(workspace.files[0].content, WORKSPACE_FILE, workspace.location.file)
    return written.value_location(("policies", written.data["policies"].index(reference)))


class PackLoader:
    """Reads and validates the files of one pack."""

    def __init__(self, folder: str, texts: Texts) -> None:
        self.folder = folder
        self.texts = texts
        self.problems: list[Problem] = []
        self.sources: list[SourceFile] = []
        self.paths: set[str] = set()

    def read_all(self) -> None:
        """Read pack.yaml, the other files by name, then what pack.yaml includes."""
        names = self.texts.list(self.folder)
        if PACK_FILE not in names:
            place = Location(self.texts.shown(self.folder))
            hint = f"a pack is a folder with a {PACK_FILE} that begins with 'pack:'"
            raise KamError(Problem("missing-file", f"there is no {PACK_FILE}", place, hint))
        head = self.read(posixpath.join(self.folder, PACK_FILE), own_head=True)
        for name in names:
            if name != PACK_FILE and self.is_policy(name):
                self.read(posixpath.join(self.folder, name))
        if head is not None and isinstance(head.document.data.get("include"), list):
            for entry in head.document.root["include"].elements():
                if isinstance(entry.value, str) and head.sound(entry):
                    self.include(entry)

    def is_policy(self, name: str) -> bool:
        if name.startswith(".") or name.endswith(".test.yaml"):
            return False
        if name.lower().endswith((".yml", ".yaml")) and not name.endswith(".yaml"):
            place = Location(self.texts.shown(posixpath.join(self.folder, name)))
            hint = "give it a name that ends with .yaml"
            self.problems.append(Problem("unread-file", "the file is not read", place, hint))
        return name.endswith(".yaml")

    def include(self, entry: Node) -> None:
        path = normalised(posixpath.join(self.folder, entry.value))
        place = entry.value_location
        if path is None:
            message = f"'{entry.value}' lies outside the folder that holds the pack"
            self.problems.append(Problem("path-outside", message, place))
        elif path in self.paths:
            message = f"'{entry.value}' is already a file of the pack"
            self.problems.append(Problem("repeated-value", message, place))
        else:
            before = len(self.problems)
            self.read(path)
            # What cannot be found is a fault of the line that asks for it.
            for index in range(before, len(self.problems)):
                found = self.problems[index]
                if found.code in ("missing-file", "not-a-file", "path-outside"):
                    message = f"'{entry.value}': {found.message}"
                    self.problems[index] = Problem(found.code, message, place, found.hint)

    def read(self, path: str, *, own_head: bool = False) -> SourceFile | None:
        """Read and validate one file; what is wrong goes to `problems`."""
        self.paths.add(path)
        try:
            document = read_yaml(path, self.texts)
        except KamError as error:
            self.problems.extend(error.problems)
            return None
        self.problems.extend(document.problems)
        faults = located_problems(document, "pack")
        self.problems.extend(problem for _, problem in faults)
        source = SourceFile(document, document.spoilt.union(fault for fault, _ in faults))
        self.sources.append(source)
        self.check_head(document.root, own_head)
        return source

    def check_head(self, root: Node, own_head: bool) -> None:
        if own_head and "pack" not in root:
            hint = "begin the file with 'pack:' and its id, title, version, effective and owner"
            self.problems.append(
                Problem("missing-key", "the file needs the section 'pack'",
                        Location(root.document.file), hint)
            )  # fmt: skip
        if not own_head:
            for key in ("pack", "include"):
                if key in root:
                    message = f"the section '{key}' stands only in a pack's own {PACK_FILE}"
                    problem = Problem("misplaced-section", message, root[key].location)
                    self.problems.append(problem)
