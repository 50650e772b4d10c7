"""The evidence of a store: `kam verify`, `kam prove` and `kam keys`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.options import (
    WORKSPACE_FILE,
    language_option,
    reader_level,
    reader_option,
    workspace_argument,
    workspace_option,
)
from engine.errors import problem

if TYPE_CHECKING:
    from engine.evidence.notes import Verifier
    from engine.evidence.proof_documents import Proof

KEY_HELP = (
    "A public key to trust, as kam keys prints it, or a file that holds it; may be given "
    "several times (default: the keys that kam.yaml names)."
)


@click.command()
@workspace_argument
@click.option("--key", "keys", multiple=True, metavar="KEY", help=KEY_HELP)
@click.option(
    "--checkpoint",
    "witness",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A checkpoint that was kept elsewhere: the log must go on from it.",
)
@click.option(
    "--run", "runs", multiple=True, metavar="RUN", help="Read only this run line by line."
)
@click.option(
    "--proof",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Check this proof of kam prove instead; no store is needed, only --key.",
)
@click.option("--show-checkpoint", is_flag=True, help="Also print the last checkpoint.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON for a program.",
)
@language_option
def verify(
    workspace: Path,
    keys: tuple[str, ...],
    witness: Path | None,
    runs: tuple[str, ...],
    proof: Path | None,
    show_checkpoint: bool,
    form: str,
    lang: str,
) -> None:
    """Check the log against its evidence.

    Computes every hash again: the chain of checkpoints and their signatures, the root of each
    run over its decisions, log lines and actions, the files of each run, and the counts that
    must agree. Names what is not as it was recorded, and where. Exit code 1 if anything is.
    """
    if proof is not None:
        _check_proof(proof, keys, form)
        return
    from engine.console.verdict import verdict_json, verdict_text
    from engine.language.workspace import load_workspace
    from engine.verification.verify import verify_store

    loaded = load_workspace(workspace)
    verifiers = verifiers_of(keys or loaded.evidence.keys)
    note = None if witness is None else witness.read_text(encoding="utf-8")
    verdict = verify_store(
        loaded.store_folder,
        verifiers,
        runs=runs,
        witness=note,
        processes=os.cpu_count() or 1,
    )
    if form == "json":
        click.echo(verdict_json(verdict))
    else:
        click.echo(verdict_text(verdict, lang, with_checkpoint=show_checkpoint))
    if not verdict.is_sound:
        sys.exit(1)


def verifiers_of(keys: Sequence[str]) -> list[Verifier]:
    from engine.evidence.notes import Verifier

    return [Verifier.parse(line) for key in keys for line in _key_lines(key)]


def _key_lines(key: str) -> list[str]:
    """The keys that are named, or stand in a file: one at least, since none would mean that
    nothing has to be signed."""
    file = Path(key)
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else key
    except UnicodeDecodeError:
        text = ""
    if not text.split():
        what = f"the file {file} holds" if file.is_file() else f"'{key}' is"
        hint = "name a key as kam keys prints it, or a file with such a key"
        raise problem("verifier-key-missing", f"{what} no public key", hint=hint)
    return text.split()


def _check_proof(proof: Path, keys: Sequence[str], form: str) -> None:
    from engine.evidence.proofs import check_received, unsigned_checkpoints

    document = proof.read_bytes()
    checked = check_received(document, verifiers_of(keys))
    unsigned = unsigned_checkpoints(document)
    said = {
        "kind": checked.kind,
        "signed_by": list(checked.signed_by),
        "unsigned": list(unsigned),
        "run": checked.run,
        "run_entry": None if checked.run_leaf is None else dict(checked.run_leaf),
        "entries": [
            {"index": one.index, "leaf": dict(one.leaf), "opened": dict(one.opened)}
            for one in checked.entries
        ],
    }
    if form == "json":
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for one in checked.entries:
        leaf = one.leaf
        what = leaf.get("kind") or leaf.get("pack") or leaf.get("action")
        click.echo(f"leaf {one.index}: {leaf.get('account')} {what}")
        for text in one.opened.values():
            click.echo(f"  {text}")
    names = ", ".join(checked.new.signed_by)
    if not names:
        click.echo(
            f"The file agrees with itself: {checked.kind}. Its checkpoint is not signed, and "
            "nothing more is proven, unless you received the same lines before by another way."
        )
        return
    click.echo(f"The proof holds: {checked.kind}, signed by {names}.")
    if unsigned:
        click.echo(
            "Its old checkpoint is not signed: it proves something about the lines that you have "
            "kept yourself."
        )


@click.command()
@click.argument("account", required=False)
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--consistency",
    nargs=2,
    metavar="RUN RUN",
    help="Prove instead that the log of the second run goes on from that of the first.",
)
@click.option(
    "--everything",
    metavar="RUN",
    help="Prove instead the whole log of this run, so that nothing can be missing in it.",
)
@click.option(
    "--checkpoint",
    is_flag=True,
    help="Print the last checkpoint instead, to be kept elsewhere.",
)
@click.option(
    "--masked", is_flag=True, help="Leave out all values that the lines saw; the proof still holds."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it (default: the standard output).",
)
@click.option("--force", is_flag=True, help="Replace the file of an earlier proof.")
@reader_option
@workspace_option
def prove(
    account: str | None,
    run_id: str | None,
    consistency: tuple[str, str] | None,
    everything: str | None,
    checkpoint: bool,
    out: Path | None,
    force: bool,
    workspace: Path,
    **reading: Any,
) -> None:
    """Prove what a run said about an account.

    Writes a file with every decision, log line and action of RUN (the last one) about
    ACCOUNT, and the hashes that lead from them to a signed checkpoint. Whoever has the public
    key checks it without a store: kam verify --proof FILE --key KEY, or by hand as
    docs/proofs.md says.
    """
    from engine.language.workspace import load_workspace
    from engine.verification import proving

    if out is not None:
        _check_target(out, force)
    loaded = load_workspace(workspace)
    folder = loaded.store_folder
    level = None if reading["masked"] else reader_level(loaded, reading["reader"])
    if checkpoint:
        note = proving.checkpoint_note(folder, run_id or account)
        _write(note, out)
        _tell_unsigned("\n\n" not in note)
        return
    proof: Proof
    if consistency is not None:
        proof = proving.prove_consistency(folder, *consistency)
    elif everything is not None:
        proof = proving.prove_run(folder, everything, level)
    elif account is not None:
        run = run_id or proving.last_run(folder).run_id
        proof = proving.prove_inclusion(folder, account, run, level)
    else:
        raise click.UsageError(
            "name an ACCOUNT, --everything RUN, --consistency RUN RUN, or --checkpoint"
        )
    from engine.evidence.proofs import unsigned_checkpoints

    text = json.dumps(proof.document(), ensure_ascii=False, indent=1) + "\n"
    _write(text, out)
    _tell_unsigned(bool(unsigned_checkpoints(text)))


def _check_target(out: Path, force: bool) -> None:
    """Refuses to replace a file that `kam prove` has not written, and without --force any."""
    from engine.written_files import require_place

    require_place(out)
    if not out.exists():
        return
    is_ours = _is_proof(out)
    if force and is_ours:
        return
    what = "is an earlier proof" if is_ours else "is not a file that kam prove wrote"
    hint = "--force replaces it" if is_ours else "name another file"
    raise problem("file-exists", f"{out} exists, and {what}", hint=hint)


def _is_proof(path: Path) -> bool:
    """Whether a file is a proof, or a checkpoint."""
    from engine.errors import KamError
    from engine.evidence.checkpoints import Checkpoint
    from engine.evidence.notes import parse_note
    from engine.evidence.proofs import unsigned_checkpoints

    try:
        content = path.read_bytes()
        if content.startswith(b"{"):
            unsigned_checkpoints(content)
        else:
            text = content.decode()
            Checkpoint.parse(parse_note(text).text if "\n\n" in text else text)
    except (KamError, OSError, UnicodeDecodeError):
        return False
    return True


def _tell_unsigned(is_unsigned: bool) -> None:
    if is_unsigned:
        click.echo(
            "kam: the checkpoint is not signed: this shows only that the file agrees with itself, "
            "to whoever has not received the same lines by another way; `kam keys new` makes a key",
            err=True,
        )


def _write(text: str, out: Path | None) -> None:
    from engine.written_files import write_whole

    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text.encode())


@click.group()
def keys() -> None:
    """Make the key that signs the log, or show its public half."""


@keys.command()
@click.argument("origin")
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the secret key: outside every workspace.",
)
@workspace_option
def new(origin: str, out: Path, workspace: Path) -> None:
    """Make a key for the log ORIGIN.

    ORIGIN is the name of the log, such as example.com/kam. The secret key goes into a new file
    that only its owner can read; the public key is printed. Then set KAM_SIGNING_KEY_FILE to
    the file where the nights run, and write the origin and the public key into kam.yaml.
    """
    from engine.evidence.keys import new_key, write_key_file

    key = new_key(origin)
    # Without -w that is any folder that a person happens to stand in.
    is_workspace = (workspace / WORKSPACE_FILE).is_file()
    write_key_file(out, key.signer, workspace if is_workspace else None)
    click.echo(key.verifier)
    click.echo(
        f"The secret key is in {out}. Set KAM_SIGNING_KEY_FILE to it; in kam.yaml write\n"
        f"evidence: {{origin: {origin}, keys: ['{key.verifier}']}}",
        err=True,
    )


@keys.command()
@workspace_option
def show(workspace: Path) -> None:
    """Print the public half of the key that signs."""
    from engine.evidence.keys import FILE_VARIABLE, KEY_VARIABLE, signing_key

    signer = signing_key(os.environ, workspace)
    if signer is None:
        raise problem(
            "signing-key-missing",
            "there is no signing key",
            hint=f"set {FILE_VARIABLE} or {KEY_VARIABLE}; `kam keys new` makes a key",
        )
    click.echo(str(signer.verifier))
