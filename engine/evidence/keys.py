"""The key that signs checkpoints: made, written and found. It never lies in a workspace, because
whoever may edit the policy must not be able to sign what came of it."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import KamError, problem
from engine.evidence.notes import Signer, is_key_name

KEY_VARIABLE = "KAM_SIGNING_KEY"
FILE_VARIABLE = "KAM_SIGNING_KEY_FILE"
APPROVAL_VARIABLES = ("KAM_APPROVAL_KEY", "KAM_APPROVAL_KEY_FILE")
"""The variables of the key by which a person approves a policy."""
KEY_FILE_BYTES = 4096
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NewKey(NamedTuple):
    """A new key as two texts: `signer` is the secret, `verifier` is for everybody."""

    signer: str
    verifier: str


def new_key(origin: str) -> NewKey:
    """A new key for the log `origin`; the key is called as the log is.

    Raises `KamError` ``key-name-malformed``.
    """
    if not is_key_name(origin):
        raise problem(
            "key-name-malformed",
            f"a key cannot be called {origin!r}",
            hint="use a name without spaces and plus signs, such as example.com/kam",
        )
    signer = Signer(origin, Ed25519PrivateKey.generate().private_bytes_raw())
    return NewKey(signer.secret_text(), str(signer.verifier))


def signing_key(
    environment: Mapping[str, str],
    forbidden: Path,
    variables: tuple[str, str] = (KEY_VARIABLE, FILE_VARIABLE),
) -> Signer | None:
    """The key of KAM_SIGNING_KEY (its text) or of the file that KAM_SIGNING_KEY_FILE names.

    None if neither is set. `forbidden` is the workspace folder; `variables` are other names of
    the two. Raises `KamError`: ``signing-key-twice``, ``signing-key-missing``,
    ``signing-key-in-workspace``, ``signing-key-exposed``, ``signing-key-malformed``.
    """
    key_variable, file_variable = variables
    text, file = environment.get(key_variable), environment.get(file_variable)
    if text is not None and file is not None:
        raise problem(
            "signing-key-twice",
            f"{key_variable} and {file_variable} are both set",
            hint="unset one of them",
        )
    for name, value in ((key_variable, text), (file_variable, file)):
        if value is not None and not value.strip():
            # An empty variable is mostly a secret that did not arrive. Going on unsigned would
            # hide that.
            raise problem(
                "signing-key-missing",
                f"{name} is set but empty",
                hint="give it its value, or unset it to go on without signatures",
            )
    if file is not None:
        text = _read_key_file(Path(file), forbidden, file_variable)
    return None if text is None else Signer.parse(text.strip())


def _read_key_file(path: Path, forbidden: Path, variable: str) -> str:
    _refuse_inside(path, forbidden)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            # Asked of the open file, so that it is the one that is read.
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _missing(path, variable, "it is not a file")
            _refuse_exposed(path, status.st_mode)
            return file.read(KEY_FILE_BYTES).decode()
    except OSError as error:
        raise _missing(path, variable, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise problem("signing-key-malformed", f"{path} does not hold a signing key") from None


def _missing(path: Path, variable: str, why: str) -> KamError:
    return problem(
        "signing-key-missing",
        f"{variable} names {path}, which cannot be read: {why}",
        hint="name the file that kam keys wrote",
    )


def _refuse_exposed(path: Path, mode: int) -> None:
    if os.name == "posix" and mode & OTHERS:
        raise problem(
            "signing-key-exposed",
            f"{path} is open to others than its owner (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 600 {shlex.quote(str(path))}; if others may have read it, make a new key",
        )


def _refuse_inside(path: Path, forbidden: Path) -> None:
    if path.resolve().is_relative_to(forbidden.resolve()):
        raise problem(
            "signing-key-in-workspace",
            f"{path} lies in the workspace {forbidden}",
            hint="keep the key in a folder that those who edit the policy cannot read",
        )


def _refuse_inside_any(path: Path) -> None:
    """No workspace and no store is a place for a secret, whichever was named: there it is read by
    who edits the policy, and taken along by whoever copies the folder."""
    for folder in path.resolve().parents:
        for mark, what in _MARKS.items():
            if (folder / mark).is_file():
                raise problem(
                    "signing-key-in-workspace",
                    f"{path} lies in the {what} {folder}",
                    hint="keep the key in a folder that those who edit the policy cannot read",
                )


_MARKS = {"kam.yaml": "workspace", "kam.db": "store"}
"""The file by which a folder is known → what the folder is."""


def write_key_file(path: Path, text: str, forbidden: Path | None = None) -> None:
    """Write a secret key into a new file that only its owner can read, outside `forbidden` and
    every workspace and store.

    Raises `KamError`: ``signing-key-in-workspace``, ``key-file-exists``,
    ``key-file-not-written``. An existing file is left as it is: it may be the only copy of a key.
    """
    if forbidden is not None:
        _refuse_inside(path, forbidden)
    _refuse_inside_any(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise problem(
            "key-file-exists",
            f"{path} is there already and is kept",
            hint="choose another name, or move the file away",
        ) from None
    except OSError as error:
        raise _not_written(path, error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _not_written(path, error) from None


def _not_written(path: Path, error: OSError) -> KamError:
    why = error.strerror or type(error).__name__
    return problem("key-file-not-written", f"{path} cannot be written: {why}")
