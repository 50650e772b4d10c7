"""Bearer tokens: how they are written, and who is let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import KamError
from engine.service.tokens import SHORTEST, read_tokens

A, B = "a" * SHORTEST, "b" * SHORTEST


def codes(environ: dict[str, str]) -> list[str]:
    with pytest.raises(KamError) as caught:
        read_tokens(environ)
    for one in caught.value.problems:
        assert A not in str(one) and B not in str(one)
    return [one.code for one in caught.value.problems]


def test_entry_names_a_caller_with_roles() -> None:
    tokens = read_tokens({"KAM_API_TOKENS": f"crm:send:{A}\n desk:send,read=internal,operate:{B}"})
    assert tokens is not None
    crm, desk = tokens.caller(A), tokens.caller(B)
    assert crm is not None and desk is not None
    assert (crm.name, crm.roles) == ("crm", {"send"})
    assert (desk.roles, desk.level) == ({"send", "read", "operate"}, "internal")
    assert tokens.caller(A + "a") is None and tokens.caller("") is None
    assert tokens.caller("é\udcff") is None


@pytest.mark.parametrize("environ", [{}, {"KAM_API_TOKENS": ""}, {"KAM_API_TOKENS": " \n"}])
def test_no_entry_is_no_tokens(environ: dict[str, str]) -> None:
    assert read_tokens(environ) is None


@pytest.mark.parametrize(
    ("most", "level"),
    [(None, "confidential"), ("internal", "internal"), ("personal", "confidential")],
)
def test_class_that_is_not_written_is_at_most_that_of_the_workspace(
    most: str | None, level: str
) -> None:
    tokens = read_tokens({"KAM_API_TOKENS": f"a:read:{A} b:read=personal:{B}"}, most)  # type: ignore[arg-type]
    assert tokens is not None
    plain, written = tokens.caller(A), tokens.caller(B)
    assert plain is not None and plain.level == level
    assert written is not None and written.level == "personal"


@pytest.mark.parametrize(
    "entry",
    [
        A,
        f"crm:{A}",
        f":send:{A}",
        f"c/m:send:{A}",
        f"crm::{A}",
        f"crm:write:{A}",
        f"crm:send=public:{A}",
        f"crm:read=secret:{A}",
        f"crm:send:{A[1:]}",
        "crm:send:",
        f"crm:send:{A}:{B}",
        f"crm:send:{A}é",
    ],
)
def test_entry_of_another_form_is_refused_without_its_token(entry: str) -> None:
    assert codes({"KAM_API_TOKENS": entry}) == ["bad-token"]


def test_every_wrong_entry_is_reported() -> None:
    assert len(codes({"KAM_API_TOKENS": f"crm:x:{A} desk:y:{B} ok:send:{A}"})) == 2


def test_same_token_twice_is_refused() -> None:
    assert codes({"KAM_API_TOKENS": f"a:send:{A} b:send:{A}"}) == ["bad-token"]


def test_file_has_an_entry_a_line(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# who may call\n\n  crm:send:{A}  \ndesk:read:{B}\n", encoding="utf-8")
    file.chmod(0o600)
    tokens = read_tokens({"KAM_API_TOKENS_FILE": str(file)})
    assert tokens is not None and len(tokens.entries) == 2
    both = {"KAM_API_TOKENS_FILE": str(file), "KAM_API_TOKENS": f"crm:send:{A}"}
    assert codes(both) == ["bad-token"]
    file.chmod(0o640)
    assert read_tokens({"KAM_API_TOKENS_FILE": str(file)}) is not None
    file.chmod(0o644)
    assert codes({"KAM_API_TOKENS_FILE": str(file)}) == ["exposed-tokens"]


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert codes({"KAM_API_TOKENS_FILE": str(tmp_path / "none")}) == ["bad-token"]
    assert codes({"KAM_API_TOKENS_FILE": str(tmp_path)}) != []
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "bytes").chmod(0o600)
    assert codes({"KAM_API_TOKENS_FILE": str(tmp_path / "bytes")}) == ["bad-token"]


def test_empty_file_is_no_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("# none\n", encoding="utf-8")
    file.chmod(0o600)
    assert read_tokens({"KAM_API_TOKENS_FILE": str(file)}) is None
