"""A tree of lines, written at once where nothing is coloured: into a file or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text
from rich.tree import Tree

_BLANK, _LINE, _FORK, _END = Tree.TREE_GUIDES[0]


class Outline(Tree):
    """As rich's tree, of labels that are all `Text`.

    Rich makes segments of each label, styles and measures them, and joins them to lines again.
    That is a tenth of the time in which an account is explained, and without colours nothing
    comes of it but the text.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if console.color_system is not None or options.legacy_windows or options.ascii_only:
            yield from super().__rich_console__(console, options)
        else:
            lines = _lines(self, "", "", console, options.max_width)
            yield Segment("".join(f"{line}\n" for line in lines))


def _lines(node: Tree, first: str, below: str, console: Console, width: int) -> Iterator[str]:
    """The lines of a node: its first begins with `first`, all others with `below`."""
    assert isinstance(node.label, Text)
    own = _folded(node.label, console, width - cell_len(first))
    yield first + own[0]
    last = len(node.children) - 1
    for line in own[1:]:
        yield below + line
    for number, child in enumerate(node.children):
        ends = number == last
        yield from _lines(
            child,
            below + (_END if ends else _FORK),
            below + (_BLANK if ends else _LINE),
            console,
            width,
        )


def _folded(label: Text, console: Console, width: int) -> Sequence[str]:
    plain = label.plain
    if cell_len(plain) <= width and "\n" not in plain and "\t" not in plain:
        return (plain,)
    return [line.plain for line in label.wrap(console, width)]
