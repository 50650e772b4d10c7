"""An outline reads as rich's tree does, in whatever width and wherever it is written."""

from __future__ import annotations

from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from engine.console.outline import Outline

WORDS = st.lists(
    st.sampled_from(
        ["a", "tier", "远衡工程", "71.3%", "…", "a-long-word-without-end" * 2, "\t", "\n"]
    ),
    max_size=9,
).map(" ".join)
SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.tuples(WORDS, st.just(())),
    lambda inner: st.tuples(WORDS, st.lists(inner, max_size=4)),
    max_leaves=20,
)


def grown(kind: type[Tree], shape: Any) -> Tree:
    root = kind(label(shape[0]))
    add(root, shape[1])
    return root


def add(node: Tree, shapes: Any) -> None:
    for words, below in shapes:
        add(node.add(label(words)), below)


def label(words: str) -> Text:
    return Text("✓ ", style="green").append(words, style="bold")


def printed(tree: Tree, width: int, colours: bool) -> str:
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=colours,
        color_system="256" if colours else None,
    )
    console.print(tree)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@given(SHAPES, st.integers(30, 120), st.booleans())
def test_outline_is_printed_as_the_tree_of_rich_is(shape: Any, width: int, colours: bool) -> None:
    assert printed(grown(Outline, shape), width, colours) == printed(
        grown(Tree, shape), width, colours
    )
