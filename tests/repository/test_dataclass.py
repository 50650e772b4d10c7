"""`engine.dataclass` makes what the standard decorator makes, for less."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from functools import cached_property
from typing import Any

import pytest

from engine.dataclass import cheap_dataclass
from engine.errors import Problem

BOTH = pytest.mark.parametrize("decorator", [dataclasses.dataclass, cheap_dataclass])
"""Each claim holds for the standard decorator as well, or it would be no claim about it."""

Decorator = Callable[..., Any]


@cheap_dataclass(frozen=True)
class Kept:
    """At the top of the module, where pickle finds it."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)


def point(decorator: Decorator, *, frozen: bool = True) -> Any:
    @decorator(frozen=frozen)
    class Point:
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        note: str = field(default="", compare=False)
        secret: str = field(default="s", repr=False)
        unit: str = field(default="m", kw_only=True)

    return Point


@BOTH
def test_instance_has_what_was_given_and_defaults(decorator: Decorator) -> None:
    made = point(decorator)(1, tags=["a"], unit="km")
    assert (made.x, made.y, made.tags, made.note, made.unit) == (1, 2, ["a"], "", "km")
    assert asdict(made) == {
        "x": 1, "y": 2, "tags": ["a"], "note": "", "secret": "s", "unit": "km",
    }  # fmt: skip


@BOTH
def test_factory_makes_a_new_value_for_each_instance(decorator: Decorator) -> None:
    kind = point(decorator)
    assert kind(1).tags is not kind(1).tags


@BOTH
@pytest.mark.parametrize(
    ("values", "named", "said"),
    [
        ((), {}, "Point.__init__() missing 1 required positional argument: 'x'"),
        ((1, 2, [], "", "s", "m"), {}, "Point.__init__() takes from 2 to 6 positional arguments"),
        ((1,), {"z": 3}, "Point.__init__() got an unexpected keyword argument 'z'"),
        ((1,), {"x": 3}, "Point.__init__() got multiple values for argument 'x'"),
    ],
)
def test_wrong_call_says_what_is_wrong(
    decorator: Decorator, values: tuple[Any, ...], named: dict[str, Any], said: str
) -> None:
    kind = point(decorator)
    for _ in range(2):  # the first call writes the method, the second finds it
        with pytest.raises(TypeError) as found:
            kind(*values, **named)
        assert said in str(found.value)


@BOTH
def test_equal_are_instances_of_one_class_with_equal_compared_fields(decorator: Decorator) -> None:
    kind, other = point(decorator), point(decorator)
    assert kind(1, note="a") == kind(1, note="b")
    assert kind(1) != kind(2)
    assert kind(1) != other(1)
    assert kind(1).__eq__(1) is NotImplemented


@BOTH
def test_frozen_has_the_hash_of_its_compared_fields_and_others_have_none(
    decorator: Decorator,
) -> None:
    kind = point(decorator)
    assert hash(kind(1, tags=(), note="a")) == hash(kind(1, tags=(), note="b"))
    assert hash(kind(1, tags=())) == hash((1, 2, (), "s", "m"))
    with pytest.raises(TypeError, match="unhashable type: 'Point'"):
        hash(point(decorator, frozen=False)(1))


@BOTH
@pytest.mark.parametrize("number", [0, 1])
def test_class_of_few_fields_compares_and_hashes_as_a_tuple_does(
    decorator: Decorator, number: int
) -> None:
    kind = decorator(frozen=True)(
        type("Few", (), {"__annotations__": {"a": int} if number else {}})
    )
    values = (5,) * number
    assert kind(*values) == kind(*values)
    assert hash(kind(*values)) == hash(values)


@BOTH
def test_text_names_the_class_and_its_shown_fields(decorator: Decorator) -> None:
    shown = repr(point(decorator)(1))
    assert shown.endswith("Point(x=1, y=2, tags=[], note='', unit='m')")


@BOTH
def test_text_of_what_holds_itself_ends(decorator: Decorator) -> None:
    made = point(decorator)(1)
    made.tags.append(made)
    assert "tags=[...]" in repr(made)


@BOTH
def test_frozen_refuses_a_change_of_a_field(decorator: Decorator) -> None:
    made = point(decorator)(1)
    with pytest.raises(FrozenInstanceError, match=r"^cannot assign to field 'x'$"):
        made.x = 2
    with pytest.raises(FrozenInstanceError, match=r"^cannot assign to field 'new'$"):
        made.new = 2
    with pytest.raises(FrozenInstanceError, match=r"^cannot delete field 'x'$"):
        del made.x
    assert made.x == 1


@BOTH
def test_other_than_frozen_may_change(decorator: Decorator) -> None:
    made = point(decorator, frozen=False)(1)
    made.x = 5
    assert made.x == 5


@BOTH
def test_subclass_of_a_frozen_class_may_have_attributes_beside_the_fields(
    decorator: Decorator,
) -> None:
    class Beside(point(decorator)):  # type: ignore[misc]
        @cached_property
        def doubled(self) -> int:
            return int(self.x) * 2

    made = Beside(1)
    made.other = 3
    assert (made.doubled, made.other) == (2, 3)
    with pytest.raises(FrozenInstanceError):
        made.x = 2


@BOTH
def test_dataclass_inherits_the_fields_of_another(decorator: Decorator) -> None:
    base = point(decorator)

    @decorator(frozen=True)
    class Solid(base):  # type: ignore[misc]
        z: int = 3

    assert [one.name for one in fields(Solid)] == ["x", "y", "tags", "note", "secret", "unit", "z"]
    assert Solid(1, z=9).z == 9
    assert base(1) != Solid(1)
    assert base(1).y == Solid(1).y  # each has its own __init__


@BOTH
def test_methods_that_the_class_has_itself_stay(decorator: Decorator) -> None:
    @decorator
    class Own:
        a: int

        def __init__(self) -> None:
            self.a = 7

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 11

    assert (Own().a, repr(Own()), Own() == 3, hash(Own())) == (7, "own", True, 11)


@BOTH
def test_frozen_class_with_its_own_equality_is_hashed_by_its_fields(decorator: Decorator) -> None:
    @decorator(frozen=True)
    class Own:  # noqa: PLW1641 - that is the case
        a: int

        def __eq__(self, other: object) -> bool:
            return True

    assert hash(Own(1)) == hash((1,))


@BOTH
def test_field_outside_the_call_is_set_by_its_factory_or_afterwards(decorator: Decorator) -> None:
    @decorator
    class Counter:
        start: int
        seen: list[int] = field(default_factory=list, init=False)
        steps: int = field(default=0, init=False)
        doubled: int = field(init=False)

        def __post_init__(self) -> None:
            self.doubled = self.start * 2

    made = Counter(4)
    assert (made.seen, made.steps, made.doubled) == ([], 0, 8)


@BOTH
def test_replace_copy_and_match_work(decorator: Decorator) -> None:
    made = point(decorator)(1)
    assert replace(made, y=5).y == 5
    assert copy.deepcopy(made) == made
    match made:
        case object(x=1, y=2):
            pass
        case _:
            pytest.fail("no match")
    assert type(made).__match_args__ == ("x", "y", "tags", "note", "secret")


def test_instance_is_pickled_into_a_process_that_has_made_none() -> None:
    made = Kept("a", {"b": 1})
    assert pickle.loads(pickle.dumps(made)) == made
    code = (
        "import pickle, sys; from engine.errors import Problem\n"
        "kept = pickle.loads(sys.stdin.buffer.read())\n"
        "print(kept, hash(kept) == hash(Problem('a', 'b')), kept == Problem('a', 'b'))"
    )

    told = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(Problem("a", "b")),
        capture_output=True,
        check=True,
    )
    assert told.stdout.decode().split() == ["a:", "b", "True", "True"]


@BOTH
def test_ordered_instances_of_one_class_are_compared_by_their_fields(decorator: Decorator) -> None:
    @decorator(frozen=True, order=True)
    class Place:
        line: int
        column: int = 0
        note: str = field(default="", compare=False)

    @decorator(frozen=True, order=True)
    class Other:
        line: int
        column: int = 0

    assert sorted([Place(2), Place(1, 5), Place(1)]) == [Place(1), Place(1, 5), Place(2)]
    assert Place(1, 2) < Place(1, 3) <= Place(1, 3, "b") >= Place(1, 3) > Place(1, 2)
    with pytest.raises(TypeError, match="'<' not supported between instances of 'Place'"):
        Place(1) < Other(2)  # noqa: B015


@BOTH
def test_rare_options_are_the_standard_ones(decorator: Decorator) -> None:
    @decorator(frozen=True, order=True, slots=True)
    class Ordered:
        a: int
        b: int = 0

    assert sorted([Ordered(2), Ordered(1, 5), Ordered(1)]) == [
        Ordered(1),
        Ordered(1, 5),
        Ordered(2),
    ]
    assert not hasattr(Ordered(1), "__dict__")


def test_first_instances_may_be_made_by_many_threads_at_once() -> None:
    for _ in range(50):
        kind, made = point(cheap_dataclass), []
        start = threading.Barrier(4)

        def make(kind: Any = kind, made: list[Any] = made, start: Any = start) -> None:
            start.wait()
            made.append(kind(1, tags=()))

        threads = [threading.Thread(target=make) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert made == [kind(1, tags=())] * 4
