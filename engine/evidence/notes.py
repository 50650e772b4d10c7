"""Signed notes in the form of C2SP (https://c2sp.org/signed-note): text that is signed and stays
readable.

A note is a text, a blank line, and one line per signature::

    example.com/kam
    12
    8mUZ…=

    — example.com/kam Az3grlgt…=

Keys are written as by Go's sumdb/note: ``NAME+HASH+BASE64`` is given to everybody,
``PRIVATE+KEY+NAME+HASH+BASE64`` is the secret. Signatures are Ed25519.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import KamError, problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
PRIVATE = "PRIVATE+KEY+"
DASH = "\u2014 "
SIGNATURES_AT_MOST = 100
"""As in Go. The specification asks for 16; a bound keeps a hostile note from costing time."""


@dataclass(frozen=True)
class Verifier:
    """A key that is given to everybody: whose signature it is, and whether it is right."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell the keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """The text that `Verifier.parse` reads."""
        return _key_text(self, self.key)

    def verifies(self, text: str, signature: bytes) -> bool:
        """Is this the signature of this key under this text?"""
        # Here and below and not above: whoever only reads a store waits for no cryptography.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    @staticmethod
    def parse(text: str) -> Verifier:
        """Reads ``NAME+HASH+BASE64``. `KamError` ``verifier-key-malformed`` if it is none."""
        hint = "it reads NAME+HASH+BASE64, as kam keys prints it"
        if text.startswith(PRIVATE):
            hint = "this is the secret key; the one to give away is what kam keys prints"
        name, key_hash, key = _key_parts(text, "verifier-key-malformed", hint)
        verifier = Verifier(name, key)
        if verifier.key_id.hex() != key_hash:
            raise problem("verifier-key-malformed", "the verifier key is damaged", hint=hint)
        return verifier


@dataclass(frozen=True)
class Signer:
    """A secret key. It is left out of every representation but `secret_text`."""

    name: str
    seed: bytes = field(repr=False)

    @cached_property
    def verifier(self) -> Verifier:
        """The key that goes with it, for everybody."""
        return Verifier(self.name, self._private.public_key().public_bytes_raw())

    def secret_text(self) -> str:
        """The text that `Signer.parse` reads. It is a secret."""
        return PRIVATE + _key_text(self.verifier, self.seed)

    def sign(self, text: str) -> bytes:
        """The signature under a text."""
        return self._private.sign(text.encode())

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @staticmethod
    def parse(text: str) -> Signer:
        """Reads ``PRIVATE+KEY+NAME+HASH+BASE64``. `KamError` ``signing-key-malformed`` if it is
        none; the error does not repeat the text."""
        code, hint = "signing-key-malformed", f"it reads {PRIVATE}NAME+HASH+BASE64"
        if not text.startswith(PRIVATE):
            raise problem(code, f"the signing key does not begin with {PRIVATE}", hint=hint)
        name, key_hash, seed = _key_parts(text.removeprefix(PRIVATE), code, hint)
        signer = Signer(name, seed)
        if signer.verifier.key_id.hex() != key_hash:
            raise problem(code, "the signing key is damaged: its parts do not agree", hint=hint)
        return signer


def _key_text(verifier: Verifier, key: bytes) -> str:
    return f"{verifier.name}+{verifier.key_id.hex()}+{_base64(ED25519 + key)}"


def _key_parts(text: str, code: str, hint: str) -> tuple[str, str, bytes]:
    """Name, hash and 32 bytes of a key that is written as text."""
    name, _, rest = text.partition("+")
    key_hash, _, encoded = rest.partition("+")
    key = _from_base64(encoded)
    if not is_key_name(name) or key is None:
        raise problem(code, "the text is not a key", hint=hint)
    if key[:1] != ED25519 or len(key) != len(ED25519) + KEY_BYTES:
        raise problem(code, "the text is not an Ed25519 key", hint=hint)
    return name, key_hash, key[1:]


def is_key_name(name: str) -> bool:
    """May a key be called this? Not empty, no space of any kind, no plus, no control character."""
    return (
        bool(name)
        and "+" not in name
        and not any(character.isspace() or character < " " for character in name)
        and _is_unicode(name)
    )


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _from_base64(text: str) -> bytes | None:
    """The bytes, or None if the text is not exactly what encoding them gives."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if _base64(value) == text else None


class Signature(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        return f"{DASH}{self.name} {_base64(self.key_id + self.value)}\n"


class ParsedNote(NamedTuple):
    """A note that is well-formed. Nothing has been verified."""

    text: str
    signatures: tuple[Signature, ...]


class OpenedNote(NamedTuple):
    """The text of a note, and the names of the keys whose signatures were verified."""

    text: str
    names: tuple[str, ...]


def sign(text: str, *signers: Signer) -> str:
    """The note with this text and one signature of each signer.

    Raises `KamError` ``note-malformed`` for a text that a note cannot hold.
    """
    if not text.endswith("\n") or not _is_printable(text):
        raise _malformed("the text must end with a newline and have no control characters")
    signatures = (
        Signature(one.name, one.verifier.key_id, one.sign(text)).line() for one in signers
    )
    return f"{text}\n{''.join(signatures)}"


def parse_note(note: str | bytes) -> ParsedNote:
    """Text and signatures. `KamError` ``note-malformed`` says what is wrong with the form."""
    if isinstance(note, bytes):
        try:
            note = note.decode()
        except UnicodeDecodeError:
            raise _malformed("it is not UTF-8") from None
    if not _is_printable(note):
        raise _malformed("it has control characters")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise _malformed("a text, a blank line and lines with signatures are needed")
    found = lines.removesuffix("\n").split("\n")
    if len(found) > SIGNATURES_AT_MOST:
        raise _malformed(f"it has more than {SIGNATURES_AT_MOST} signatures")
    return ParsedNote(f"{text}\n", tuple(_signature(line) for line in found))


def _is_printable(text: str) -> bool:
    return _is_unicode(text) and not any(one < " " and one != "\n" for one in text)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    value = _from_base64(encoded)
    if not line.startswith(DASH) or not is_key_name(name) or not value or len(value) <= ID_BYTES:
        raise _malformed(f"this is not a signature line: {line!r}")
    return Signature(name, value[:ID_BYTES], value[ID_BYTES:])


def open_note(note: str | bytes, verifiers: Iterable[Verifier]) -> OpenedNote:
    """The text of a note that at least one of these keys signed.

    Signatures of other keys are ignored. `KamError` with the code ``note-malformed``,
    ``note-signature-wrong`` (a known key, but not its signature of this text), or
    ``note-without-trusted-signature``.
    """
    text, signatures = parse_note(note)
    known = {(one.name, one.key_id): one for one in verifiers}
    names: dict[str, None] = {}
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verifies(text, signature.value):
            raise problem(
                "note-signature-wrong",
                f"the signature of {signature.name} does not belong to this text",
                hint="the text was changed after it was signed, or the signature was",
            )
        names[signature.name] = None
    if not names:
        raise _not_trusted(signatures, known)
    return OpenedNote(text, tuple(names))


def _not_trusted(signatures: Iterable[Signature], known: Iterable[tuple[str, bytes]]) -> KamError:
    def listed(keys: Iterable[tuple[str, bytes]]) -> str:
        return ", ".join(sorted(f"{name}+{key_id.hex()}" for name, key_id in keys)) or "no key"

    signed = listed((one.name, one.key_id) for one in signatures)
    return problem(
        "note-without-trusted-signature",
        f"it is signed by {signed}; trusted: {listed(known)}",
        hint="give the verifier key of whoever signed, obtained from them and not from the note",
    )


def _malformed(why: str) -> KamError:
    return problem("note-malformed", f"this is not a signed note: {why}")
