"""Where the text of a policy comes from: a folder on disk, or copies kept by a run.

A replay reads a policy from the copies that the run kept, so the loader asks for bytes by
a path relative to some root and never opens a file itself.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from engine.errors import Location, problem

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes; nobody writes a policy file of four mebibytes by hand."""


class Texts(Protocol):
    """Files by their path under a root, with ``/`` between its parts."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `KamError`: missing, unreadable, too big, outside."""
        ...

    def list(self, folder: str) -> tuple[str, ...]:
        """Names of the files in a folder, sorted. Raises `KamError` if there is none."""
        ...

    def shown(self, path: str) -> str:
        """How a location names the file: as the person who reads it would type it."""
        ...


def normalised(path: str) -> str | None:
    """The path without ``.`` and ``..``; None if it is absolute or leaves the root.

    >>> normalised("pack/../common/measures.yaml")
    'common/measures.yaml'
    >>> normalised("../secrets.yaml") is None
    True
    """
    if path.startswith(("/", "~")) or "\\" in path or "\0" in path or path[1:2] == ":":
        return None
    clean = posixpath.normpath(path or ".")
    return None if clean == ".." or clean.startswith("../") else clean


def absolute(path: str | Path) -> Path:
    """The path from the root of the disk, links left as they are written.

    A link to a pack is part of how its reader knows it, so it is not followed here.
    """
    return Path(os.path.normpath(Path.cwd() / path))


class DiskTexts:
    """Files under a folder on disk; nothing outside it, through ``..`` or a symbolic link.

    `prefix` stands before the path in locations. Without it a location is relative to the
    current folder where the file lies under it, and absolute otherwise.
    """

    def __init__(self, root: Path, prefix: str | None = None) -> None:
        self.root = absolute(root)
        self.prefix = prefix

    def shown(self, path: str) -> str:
        if self.prefix is not None:
            return self.prefix + path
        full = Path(os.path.normpath(self.root / path))
        try:
            return full.relative_to(absolute(".")).as_posix()
        except ValueError:
            return full.as_posix()

    def read(self, path: str) -> bytes:
        place = Location(self.shown(path))
        found = self._inside(path)
        try:
            status = found.stat()
            if stat.S_ISDIR(status.st_mode):
                raise problem("not-a-file", "a file is needed here, this is a folder", place)
            if not stat.S_ISREG(status.st_mode):
                raise problem("not-a-file", "only regular files are read", place)
            with found.open("rb") as stream:
                content = stream.read(SIZE_LIMIT + 1)
        except FileNotFoundError as error:
            raise problem("missing-file", "there is no such file", place) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise problem("unreadable-file", f"the file cannot be read: {reason}", place) from error
        if len(content) > SIZE_LIMIT:
            raise problem(
                "file-too-big",
                f"the file is bigger than {SIZE_LIMIT // 1024 // 1024} MiB",
                place,
                "policy is written by people; keep data in the sources that facts.yaml names",
            )
        return content

    def list(self, folder: str) -> tuple[str, ...]:
        place = Location(self.shown(folder))
        found = self._inside(folder)
        try:
            return tuple(sorted(entry.name for entry in found.iterdir() if not entry.is_dir()))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise problem("missing-folder", "there is no such folder", place) from error
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"the folder cannot be read: {reason}"
            raise problem("unreadable-file", message, place) from error

    def check_inside(self, path: str) -> None:
        """Raises `KamError` (`path-outside`) if the path, or what it links to, is outside."""
        self._inside(path)

    def _inside(self, path: str) -> Path:
        clean = normalised(path)
        place = Location(self.shown(path))
        if clean is None:
            raise problem("path-outside", f"{path!r} lies outside {self.root.name}/", place)
        full = self.root / clean
        try:
            inside = full.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
            raise problem("unreadable-file", f"{path!r} cannot be resolved", place) from error
        if not inside:
            raise problem(
                "path-outside",
                f"{path!r} is a link to a place outside {self.root.name}/",
                place,
                "copy the file instead of linking to it",
            )
        return full


class KeptTexts:
    """Files from a mapping of path to bytes, as a run keeps them for its replay."""

    def __init__(self, kept: Mapping[str, bytes], prefix: str = "") -> None:
        self.kept = dict(kept)
        self.prefix = prefix

    def shown(self, path: str) -> str:
        return self.prefix + path

    def read(self, path: str) -> bytes:
        try:
            return self.kept[normalised(path) or path]
        except KeyError as error:
            message = "there is no such file among the kept copies"
            raise problem("missing-file", message, Location(self.shown(path))) from error

    def list(self, folder: str) -> tuple[str, ...]:
        clean = normalised(folder)
        lead = "" if clean == "." else f"{clean}/"
        names = {path[len(lead) :] for path in self.kept if path.startswith(lead)}
        files = tuple(sorted(name for name in names if "/" not in name))
        if not files:
            message = "there is no such folder among the kept copies"
            raise problem("missing-folder", message, Location(self.shown(folder)))
        return files
