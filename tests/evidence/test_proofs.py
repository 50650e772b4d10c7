"""Proof files: what holds is shown, and every single change is refused at its step."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError
from engine.evidence.canonical import canonical
from engine.evidence.notes import Verifier, sign
from engine.evidence.proof_documents import Opening, read_proof
from engine.evidence.proofs import check_proof
from tests.evidence import proven

TRUSTED = [proven.SIGNER.verifier]
Change = Callable[[dict[str, Any]], object]


def codes(document: object, verifiers: Sequence[Verifier] = TRUSTED, **options: bool) -> list[str]:
    with pytest.raises(KamError) as caught:
        check_proof(document, verifiers, **options)  # type: ignore[arg-type]
    return [found.code for found in caught.value.problems]


def put(*path: Any, to: Any) -> Change:
    """Sets one value of the document."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


def changed(document: dict[str, Any], *changes: Change) -> dict[str, Any]:
    document = copy.deepcopy(document)
    for change in changes:
        change(document)
    return document


def test_proof_shows_the_lines_and_what_was_opened() -> None:
    checked = check_proof(json.dumps(proven.inclusion()).encode(), TRUSTED)
    assert (checked.kind, checked.run) == ("inclusion", proven.RUN)
    assert checked.signed_by == (proven.ORIGIN,)
    assert checked.new.checkpoint.text() == proven.checkpoint()
    assert [entry.index for entry in checked.entries] == [2, 7]
    assert [entry.leaf["account"] for entry in checked.entries] == ["K2", "K7"]
    assert checked.entries[1].opened == {"internal": '{"revenue":"700.00"}'}
    assert checked.run_leaf is not None and checked.run_leaf["run"] == proven.RUN


@pytest.mark.parametrize("opened", [(), ("internal",), ("personal",), ("internal", "personal")])
@pytest.mark.parametrize("index", range(proven.LINES))
def test_every_line_is_proven_whatever_is_masked(index: int, opened: Sequence[str]) -> None:
    checked = check_proof(proven.inclusion([index], opened), TRUSTED)
    assert set(checked.entries[0].opened) == set(opened)


def test_entry_without_openings_has_none_in_the_file() -> None:
    document = proven.inclusion([0], [])
    assert "opened" not in document["entries"][0]
    assert check_proof(document, TRUSTED).entries[0].opened == {}


def test_proof_reads_back_as_it_was_written() -> None:
    for document in (proven.inclusion(), proven.consistency()):
        assert read_proof(json.dumps(document)).document() == document


ZEROS = "00" * 32
OPENED = ("entries", 1, "opened", "internal")
TAMPERED: dict[str, tuple[str, Change]] = {
    "another leaf": (
        "proof-entry-not-in-run",
        lambda one: one["entries"][1].update(leaf='{"account":"K7","seq":7}', opened={}),
    ),
    "leaf of another line": (
        "proof-entry-not-in-run",
        put("entries", 1, to=proven.inclusion([7], [])["entries"][0] | {"index": 6}),
    ),
    "another index": ("proof-entry-not-in-run", put("entries", 1, "index", to=6)),
    "index outside": ("proof-entry-not-in-run", put("entries", 1, "index", to=proven.LINES)),
    "another hash": ("proof-entry-not-in-run", put("entries", 1, "proof", 0, to=ZEROS)),
    "no proof": ("proof-entry-not-in-run", put("entries", 1, "proof", to=[])),
    "another salt": ("proof-opening-differs", put(*OPENED, "salt", to="00" * 32)),
    "another text": ("proof-opening-differs", put(*OPENED, "text", to='{"revenue":"1.00"}')),
    "another class": (
        "proof-opening-unknown",
        put("entries", 1, "opened", "secret", to={"salt": "00" * 32, "text": ""}),
    ),
    "another run": ("proof-run-tree-differs", put("run", to="2026-06-29.1")),
    "another run root": ("proof-run-tree-differs", put("run_tree", "root", to=ZEROS)),
    "another run size": ("proof-run-tree-differs", put("run_tree", "size", to=12)),
    "another run leaf": (
        "proof-run-not-in-store",
        put("run_entry", "leaf", to=proven.run_leaf(3, size=12).decode()),
    ),
    "another run index": ("proof-run-not-in-store", put("run_entry", "index", to=2)),
    "another run proof": ("proof-run-not-in-store", put("run_entry", "proof", 1, to=ZEROS)),
    "another text of the checkpoint": (
        "note-signature-wrong",
        lambda one: put("checkpoint", to=one["checkpoint"].replace("\n5\n", "\n6\n"))(one),
    ),
    "another signer": (
        "note-without-trusted-signature",
        put("checkpoint", to=sign(proven.checkpoint(), proven.OTHER)),
    ),
    "checkpoint of another state": (
        "proof-run-not-in-store",
        put("checkpoint", to=sign(proven.checkpoint(proven.RUN_LEAVES[:4]), proven.SIGNER)),
    ),
    "no checkpoint": ("note-malformed", put("checkpoint", to=proven.checkpoint())),
    "signed, but not a checkpoint": (
        "checkpoint-malformed",
        put("checkpoint", to=sign("text\n", proven.SIGNER)),
    ),
}


@pytest.mark.parametrize(("code", "change"), TAMPERED.values(), ids=TAMPERED)
def test_tampered_proof_is_refused_at_its_step(code: str, change: Change) -> None:
    assert codes(changed(proven.inclusion(), change)) == [code]


def test_problems_of_all_lines_are_named_at_once() -> None:
    document = changed(
        proven.inclusion(),
        put("entries", 0, "index", to=3),
        put(*OPENED, "text", to=""),
        put("entries", 1, "index", to=3),
    )
    with pytest.raises(KamError) as caught:
        check_proof(document, TRUSTED)
    assert [(one.code, one.message[:12]) for one in caught.value.problems] == [
        ("proof-entry-not-in-run", "$.entries[0]"),
        ("proof-entry-not-in-run", "$.entries[1]"),
        ("proof-opening-differs", "$.entries[1]"),
    ]


@pytest.mark.parametrize("changes", [{"size": True}, {"size": "11"}, {"root": None}, {"run": 1}])
def test_run_leaf_must_say_what_the_proof_says_in_the_same_type(changes: dict[str, Any]) -> None:
    leaves = [proven.run_leaf(at, **(changes if at == 3 else {})) for at in range(proven.RUNS)]
    assert codes(proven.inclusion(run_leaves=leaves)) == ["proof-run-tree-differs"]


def test_end_of_a_salt_is_not_taken_for_the_beginning_of_the_text() -> None:
    """SHA-256 sees salt and text as one; only the fixed length of salts tells them apart."""
    opening = Opening(b"0123456789abcdef0123456789abcde9", "00.00")
    shifted = {"salt": opening.salt[:-1].hex(), "text": "900.00"}
    assert codes(changed(proven.inclusion(), put(*OPENED, to=shifted))) == ["proof-malformed"]
    with pytest.raises(ValueError):
        Opening(opening.salt[:-1], "900.00").commitment()


MALFORMED: dict[str, tuple[str, Change]] = {
    "no index": ("$.entries[1]", lambda one: one["entries"][1].pop("index")),
    "no entries": ("$.entries", put("entries", to=[])),
    "entries that are no list": ("$.entries", put("entries", to={})),
    "entry that is no object": ("$.entries[0]", put("entries", 0, to=1)),
    "index that is true": ("$.entries[0].index", put("entries", 0, "index", to=True)),
    "index below zero": ("$.entries[0].index", put("entries", 0, "index", to=-1)),
    "index beyond the bound": ("$.entries[0].index", put("entries", 0, "index", to=2**53)),
    "index that is a fraction": ("$.entries[0].index", put("entries", 0, "index", to=2.0)),
    "short hash": ("$.run_tree.root", put("run_tree", "root", to="00" * 31)),
    "hash in capitals": ("$.run_tree.root", put("run_tree", "root", to="AA" * 32)),
    "hash with a space": ("$.run_tree.root", put("run_tree", "root", to="00 " * 32)),
    "hash that is a number": ("$.run_entry.proof[0]", put("run_entry", "proof", 0, to=7)),
    "unknown key": ("$.", put("verdict", to="fine")),
    "unknown key in an entry": ("$.entries[0]", put("entries", 0, "note", to="")),
    "opening of the run": ("$.run_entry", put("run_entry", "opened", to={})),
    "unknown kind": ("$.kind", put("kind", to="other")),
    "text with half a pair": ("$.run", put("run", to="\ud800")),
    "leaf that is no object": ("$.entries[0].leaf", put("entries", 0, "leaf", to="[]")),
    "leaf that is no JSON": ("$.entries[0].leaf", put("entries", 0, "leaf", to="{")),
    "leaf with a space": ("$.entries[0].leaf", put("entries", 0, "leaf", to='{"a": 1}')),
    "leaf with NaN": ("$.entries[0].leaf", put("entries", 0, "leaf", to='{"a":NaN}')),
    "leaf out of bounds": ("$.entries[0].leaf", put("entries", 0, "leaf", to=f'{{"a":{2**53}}}')),
    "leaf with a key twice": ("$.entries[0].leaf", put("entries", 0, "leaf", to='{"a":1,"a":1}')),
    "deep leaf": ("$.entries[0].leaf", put("entries", 0, "leaf", to="[" * 100_000)),
    "run leaf with a space": ("$.run_entry.leaf", put("run_entry", "leaf", to="{ }")),
}


@pytest.mark.parametrize(("place", "change"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_proof_is_refused_with_its_place(place: str, change: Change) -> None:
    with pytest.raises(KamError, match=r"^proof-malformed: ") as caught:
        check_proof(changed(proven.inclusion(), change), TRUSTED)
    assert caught.value.problems[0].message.startswith(place.removesuffix("."))


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"null", b'{"kam_proof":1,"kam_proof":1}'])
def test_file_that_is_no_proof_is_refused(text: bytes) -> None:
    assert codes(text) == ["proof-malformed"]


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_unknown_version_is_refused(version: object) -> None:
    document = changed(proven.inclusion(), put("kam_proof", to=version))
    assert codes(document) == ["proof-version-unknown"]


@given(st.data())
def test_no_changed_character_of_a_proof_goes_unnoticed(data: st.DataObject) -> None:
    """A change either leaves what the file says as it was (white space) or is refused."""
    text = json.dumps(proven.inclusion(), ensure_ascii=False)
    place = data.draw(st.integers(0, len(text) - 1))
    put_in = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=2))
    bent = text[:place] + put_in + text[place + 1 :]
    try:
        checked = check_proof(bent, TRUSTED)
    except KamError:
        return
    assert checked == check_proof(text, TRUSTED)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (proven.checkpoint(), "note-malformed"),
        (sign(proven.checkpoint(), proven.OTHER), "note-without-trusted-signature"),
    ],
)
def test_unsigned_proof_holds_only_where_that_is_allowed(note: str, code: str) -> None:
    document = proven.inclusion(note=note)
    assert codes(document) == [code]
    checked = check_proof(document, TRUSTED, allow_unsigned=True)
    assert checked.signed_by == ()
    assert check_proof(document, [], allow_unsigned=True) == checked


def test_wrong_signature_is_refused_also_where_unsigned_proofs_are_allowed() -> None:
    forged = proven.inclusion(
        note=sign(proven.checkpoint(), proven.SIGNER).replace("\n5\n", "\n6\n")
    )
    assert codes(forged, allow_unsigned=True) == ["note-signature-wrong"]
    bent = changed(proven.inclusion(note=proven.checkpoint()), put("entries", 0, "index", to=3))
    assert codes(bent, allow_unsigned=True) == ["proof-entry-not-in-run"]


@pytest.mark.parametrize("new", range(proven.RUNS + 1))
def test_log_continues_every_earlier_state(new: int) -> None:
    for old in range(new + 1):
        checked = check_proof(json.dumps(proven.consistency(old, new)), TRUSTED)
        assert checked.kind == "consistency"
        assert checked.old is not None and checked.old.checkpoint.size == old
        assert checked.new.checkpoint.size == new
        assert checked.signed_by == (proven.ORIGIN,)


REWRITTEN = sign(
    proven.checkpoint([canonical({"run": "x"}), *proven.RUN_LEAVES[1:]]), proven.SIGNER
)
INCONSISTENT: dict[str, tuple[str, Change]] = {
    "rewritten log": ("proof-not-consistent", put("new", to=REWRITTEN)),
    "rewritten past": ("proof-not-consistent", put("old", to=REWRITTEN)),
    "another hash": ("proof-not-consistent", put("proof", 0, to=ZEROS)),
    "no proof": ("proof-not-consistent", put("proof", to=[])),
    "another log": (
        "proof-not-consistent",
        put(
            "old", to=sign(proven.checkpoint(proven.RUN_LEAVES[:2], "example.com/b"), proven.SIGNER)
        ),
    ),
    "turned round": (
        "proof-not-consistent",
        lambda one: one.update(old=one["new"], new=one["old"]),
    ),
    "old one unsigned": ("note-malformed", put("old", to=proven.checkpoint(proven.RUN_LEAVES[:2]))),
    "unknown key": ("proof-malformed", put("run", to="x")),
}


@pytest.mark.parametrize(("code", "change"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_log_that_does_not_continue_is_refused(code: str, change: Change) -> None:
    assert codes(changed(proven.consistency(), change)) == [code]


def test_one_unsigned_checkpoint_makes_the_proof_unsigned() -> None:
    bare = put("old", to=proven.checkpoint(proven.RUN_LEAVES[:2]))
    checked = check_proof(changed(proven.consistency(), bare), TRUSTED, allow_unsigned=True)
    assert checked.signed_by == ()
    assert checked.new.signed_by == (proven.ORIGIN,)
