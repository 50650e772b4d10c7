"""Signed notes: the vectors of Go's sumdb/note and of the specification, and what is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError
from engine.evidence.notes import (
    SIGNATURES_AT_MOST,
    Signer,
    Verifier,
    is_key_name,
    open_note,
    parse_note,
    sign,
)

# From the tests of golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "\u2014 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETER_LINE}"

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    is_key_name
)
SIGNERS = st.builds(Signer, NAMES, st.binary(min_size=32, max_size=32))
CHARACTERS = st.one_of(
    st.just("\n"), st.characters(exclude_categories=["Cs"]).filter(lambda one: one >= " ")
)
TEXTS = st.text(CHARACTERS).map(lambda text: f"{text}\n")


def code_of(note: str | bytes, *verifiers: Verifier) -> str:
    with pytest.raises(KamError) as caught:
        open_note(note, verifiers)
    (found,) = caught.value.problems
    return found.code


def test_published_note_verifies() -> None:
    verifier = Verifier.parse(PETER)
    assert open_note(NOTE, [verifier]) == (TEXT, ("PeterNeumann",))
    assert open_note(NOTE.encode(), [verifier]) == (TEXT, ("PeterNeumann",))
    assert str(verifier) == PETER


def test_published_key_signs_the_published_note() -> None:
    signer = Signer.parse(PETER_SECRET)
    assert sign(TEXT, signer) == NOTE
    assert signer.secret_text() == PETER_SECRET
    assert str(signer.verifier) == PETER


def test_signatures_of_other_keys_are_ignored() -> None:
    peter, enoch = Verifier.parse(PETER), Verifier.parse(ENOCH)
    note = NOTE + ENOCH_LINE
    assert open_note(note, [peter]).names == ("PeterNeumann",)
    assert open_note(note, [enoch]).names == ("EnochRoot",)
    assert open_note(note, [enoch, peter, peter]).names == ("PeterNeumann", "EnochRoot")
    assert open_note(NOTE + PETER_LINE, [peter]).names == ("PeterNeumann",)


def test_key_of_the_same_name_is_another_key() -> None:
    other = Signer("PeterNeumann", bytes(32))
    assert open_note(sign(TEXT, other) + PETER_LINE, [Verifier.parse(PETER)]).names
    assert code_of(NOTE, other.verifier) == "note-without-trusted-signature"
    assert code_of(NOTE, Verifier.parse(ENOCH)) == "note-without-trusted-signature"
    assert code_of(NOTE) == "note-without-trusted-signature"


def test_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    peter, enoch = Verifier.parse(PETER), Verifier.parse(ENOCH)
    changed = NOTE.replace("answer", "Answer")
    assert code_of(changed, peter) == "note-signature-wrong"
    longer = PETER_LINE[:60] + "ABCD" + PETER_LINE[60:]
    assert code_of(f"{TEXT}\n{longer}", peter) == "note-signature-wrong"
    # Even where another key vouches for it.
    assert code_of(f"{TEXT}\n{longer}{ENOCH_LINE}", peter, enoch) == "note-signature-wrong"
    assert open_note(f"{TEXT}\n{longer}{ENOCH_LINE}", [enoch]).names == ("EnochRoot",)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        NOTE[:-1],
        f"\x01{NOTE}",
        f"\t{NOTE}",
        NOTE.replace("\n", "\r\n"),
        b"\xff" + NOTE.encode(),
        f"\ud800{NOTE}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad+Name')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad' + chr(0x2003) + 'Name')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann ', '')}",
        f"{TEXT}\n{PETER_LINE.replace(chr(0x2014), '-')}",
        f"{TEXT}\n\u2014 PeterNeumann x08gow==\n",  # a key id without a signature
        f"{TEXT}\n\u2014 PeterNeumann x08go!!=\n",
        f"{TEXT}\n{PETER_LINE.replace('nAM=', 'nAN=')}",  # the same bytes, otherwise encoded
        f"{NOTE}Unexpected line.\n",
        f"{TEXT}\n{PETER_LINE * (SIGNATURES_AT_MOST + 1)}",
    ],
)
def test_malformed_note_is_refused(note: str | bytes) -> None:
    assert code_of(note, Verifier.parse(PETER)) == "note-malformed"


def test_note_may_have_as_many_signatures_as_the_bound() -> None:
    note = f"{TEXT}\n{PETER_LINE * SIGNATURES_AT_MOST}"
    assert len(parse_note(note).signatures) == SIGNATURES_AT_MOST
    assert open_note(note, [Verifier.parse(PETER)]).names == ("PeterNeumann",)


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "a\x00\n", "\udc00\n"])
def test_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(KamError, match="note-malformed"):
        sign(text, Signer.parse(PETER_SECRET))


@given(TEXTS, st.lists(SIGNERS, min_size=1, max_size=3))
def test_signed_note_opens_and_no_other_text_does(text: str, signers: list[Signer]) -> None:
    note = sign(text, *signers)
    verifiers = [signer.verifier for signer in signers]
    names = tuple(dict.fromkeys(signer.name for signer in signers))
    assert open_note(note, verifiers) == (text, names)
    assert open_note(note.encode(), verifiers) == (text, names)
    assert code_of(f"x{note}", *verifiers) == "note-signature-wrong"


@given(SIGNERS)
def test_keys_read_back_as_they_were_written(signer: Signer) -> None:
    assert Signer.parse(signer.secret_text()) == signer
    assert Verifier.parse(str(signer.verifier)) == signer.verifier


def damaged(key: str) -> list[str]:
    """As Go's own tests do: every part of the text, and every character replaced by the next."""
    parts = [key[start:end] for start in range(len(key)) for end in range(start + 1, len(key) + 1)]
    bent = [
        f"{key[:place]}{chr(ord(key[place]) + 1)}{key[place + 1 :]}" for place in range(len(key))
    ]
    return [text for text in (*parts, *bent, "") if text != key]


def test_damaged_verifier_key_is_refused() -> None:
    others = [
        # An adjusted hash, with a key that is too long, and with an unknown kind of key.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f20a3", "C74F20A3"),
    ]
    for text in (*damaged(PETER), *others):
        with pytest.raises(KamError, match="verifier-key-malformed"):
            Verifier.parse(text)


def test_damaged_signing_key_is_refused_without_being_repeated() -> None:
    secret = PETER_SECRET.rpartition("+")[2]
    for text in damaged(PETER_SECRET):
        with pytest.raises(KamError, match="signing-key-malformed") as caught:
            Signer.parse(text)
        assert secret[:8] not in str(caught.value)


def test_secret_key_in_the_place_of_a_verifier_key_is_named_and_not_repeated() -> None:
    with pytest.raises(KamError, match="this is the secret key") as caught:
        Verifier.parse(PETER_SECRET)
    assert PETER_SECRET.rpartition("+")[2] not in str(caught.value)


def test_secret_stays_out_of_representations() -> None:
    signer = Signer.parse(PETER_SECRET)
    for secret in (PETER_SECRET, repr(signer.seed), signer.seed.hex()):
        assert secret not in f"{signer} {signer!r}"
    assert base64.b64encode(signer.seed).decode() not in repr(signer)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\x00b", "a\nb", "\ud800"]
)
def test_key_names_without_spaces_and_plus_signs(name: str) -> None:
    assert not is_key_name(name)
    assert is_key_name("example.com/kam")
    assert is_key_name("\u5927\u5ba2\u6237")
