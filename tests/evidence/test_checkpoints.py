"""Checkpoints: the example of the specification, the way there and back, and what is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import EMPTY_ROOT

# From https://c2sp.org/tlog-checkpoint.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
LARGEST = 10**19 - 1

LINES = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda one: one >= " "), min_size=1)


def test_example_of_the_specification_is_read_and_written() -> None:
    checkpoint = Checkpoint.parse(EXAMPLE)
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, base64.b64decode(ROOT))
    assert checkpoint.text() == EXAMPLE


@given(
    LINES,
    st.integers(1, LARGEST),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES).map(tuple),
)
def test_text_says_what_the_checkpoint_says(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    checkpoint = Checkpoint(origin, size, root, extensions)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


@given(st.integers(0, len(EXAMPLE)), st.integers(0, 3), st.text(max_size=3))
def test_what_is_read_is_written_the_same(place: int, removed: int, put_in: str) -> None:
    text = EXAMPLE[:place] + put_in + EXAMPLE[place + removed :]
    try:
        checkpoint = Checkpoint.parse(text)
    except KamError:
        return
    assert checkpoint.text() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        EXAMPLE[:-1],
        f"{EXAMPLE}\n",
        f"\n{EXAMPLE}",
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n1 \n{ROOT}\n",
        f"a\n\u0661\n{ROOT}\n",
        f"a\n{LARGEST + 1}\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[:-5]}=\n",
        f"a\n1\n{ROOT.replace('I=', 'J=')}\n",
        f"a\n1\n {ROOT}\n",
        f"a\n1\n{ROOT}\n\n",
        f"a\n1\n{ROOT}\nb\n\n",
        f"a\n1\n{ROOT}\nb\tc\n",
        f"a\n1\n{ROOT}\r\n",
        f"a\n0\n{ROOT}\n",
    ],
)
def test_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(KamError, match="checkpoint-malformed"):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("evil\n999", 1, EMPTY_ROOT, ()),
        ("", 1, EMPTY_ROOT, ()),
        ("a", -1, EMPTY_ROOT, ()),
        ("a", True, EMPTY_ROOT, ()),
        ("a", 1, EMPTY_ROOT[:-1], ()),
        ("a", 1, EMPTY_ROOT, ("b\nc",)),
        ("a", 1, EMPTY_ROOT, ("",)),
    ],
)
def test_checkpoint_that_its_text_cannot_hold_is_not_made(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(KamError, match="checkpoint-malformed"):
        Checkpoint(origin, size, root, extensions)
