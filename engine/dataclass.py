"""The dataclasses of the standard library, at a tenth of what it costs to define them.

`dataclasses.dataclass` writes up to eight methods for every class as text and compiles each of
them: about a millisecond a class. A command imports some 250 classes, and so that was a quarter
of the time in which `kam explain` answers. Only ``__init__`` differs from class to class in more
than the names of the fields: the other methods are written here, once, and ``__init__`` is
compiled when the first instance is made.

What comes out is a dataclass like any other: `fields`, `replace`, `asdict`, pickling and
``match`` work with it, and it compares, hashes, prints and refuses changes as the standard ones
do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter, ge, gt, le, lt
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

SET = "_set_field_"
NOT_GIVEN = "_not_given_"
"""Names in the text of an ``__init__`` that no field has."""


def cheap_dataclass(
    cls: type | None = None, /, *, frozen: bool = False, order: bool = False, **options: Any
) -> Any:
    """As `dataclasses.dataclass`, which also makes what is rare: ``slots`` and the like.

    >>> @cheap_dataclass(frozen=True)
    ... class Place:
    ...     line: int
    ...     column: int = 1
    >>> Place(3), Place(3) == Place(3, 1), dataclasses.replace(Place(3), line=4)
    (Place(line=3, column=1), True, Place(line=4, column=1))
    """
    if options:
        return dataclasses.dataclass(cls, frozen=frozen, order=order, **options)
    if cls is None:
        return lambda decorated: _equipped(decorated, frozen, order)
    return _equipped(cls, frozen, order)


if not TYPE_CHECKING:
    dataclass = cheap_dataclass


def _equipped(cls: type, frozen: bool, order: bool) -> type:
    if not cls.__doc__:
        cls.__doc__ = cls.__name__  # else the standard decorator writes a signature for it
    dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    known = _fields(cls)
    methods: dict[str, Any] = {"__init__": _first_init(cls, frozen), "__repr__": _repr(known)}
    methods |= _comparing(cls, frozen, known)
    if order:
        methods |= _ordering(known)
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    if frozen:
        _freeze(cls, known)
    return cls


def _fields(cls: Any) -> tuple[Field[Any], ...]:
    return fields(cls)


def _first_init(cls: type, frozen: bool) -> Callable[..., None]:
    """An ``__init__`` that writes the real one, puts it in its own place, and calls it."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        written = _written_init(cls, frozen)
        cls.__init__ = written  # type: ignore[misc]
        written(self, *values, **named)

    return __init__


def _written_init(cls: type, frozen: bool) -> Callable[..., None]:
    """``__init__`` with a parameter for each field, as the standard decorator writes it."""
    given: dict[str, Any] = {SET: object.__setattr__, NOT_GIVEN: object()}
    positional: list[str] = ["self"]
    named: list[str] = []
    body: list[str] = []
    for field in _fields(cls):
        name = field.name
        if field.init:
            (named if field.kw_only else positional).append(_parameter(field, given))
        elif field.default_factory is MISSING:
            continue  # its default stands at the class, or __post_init__ sets it
        value = _value(field, given)
        body.append(f"{SET}(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *named] if named else [])])
    text = f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"])
    exec(text, given)  # noqa: S102 - of names in our own source, and nothing that anybody wrote
    written: Callable[..., None] = given["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _parameter(field: Field[Any], given: dict[str, Any]) -> str:
    if field.default_factory is not MISSING:
        return f"{field.name}={NOT_GIVEN}"
    if field.default is MISSING:
        return field.name
    given[f"_default_{field.name}_"] = field.default
    return f"{field.name}=_default_{field.name}_"


def _value(field: Field[Any], given: dict[str, Any]) -> str:
    """What a field is set to, as the text of an expression."""
    if field.default_factory is MISSING:
        return field.name
    given[f"_make_{field.name}_"] = field.default_factory
    made = f"_make_{field.name}_()"
    return f"{made} if {field.name} is {NOT_GIVEN} else {field.name}" if field.init else made


def _repr(known: tuple[Field[Any], ...]) -> Callable[[Any], str]:
    names = [field.name for field in known if field.repr]

    @recursive_repr()
    def __repr__(self: Any) -> str:  # noqa: N807
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return __repr__


def _comparing(cls: type, frozen: bool, known: tuple[Field[Any], ...]) -> dict[str, Any]:
    """``__eq__`` and ``__hash__``; what may change has no hash."""
    of = _values_of([field.name for field in known if field.compare])

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807
        return of(self) == of(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(of(self))

    # A class that says how it is compared has a __hash__ of None, which is not its own doing.
    explicit = cls.__dict__.get("__hash__", MISSING)
    if explicit is None and "__eq__" in cls.__dict__:
        del cls.__hash__
    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _ordering(known: tuple[Field[Any], ...]) -> dict[str, Any]:
    of = _values_of([field.name for field in known if field.compare])

    def method(compare: Callable[[Any, Any], bool]) -> Callable[[Any, object], Any]:
        return lambda self, other: (
            compare(of(self), of(other)) if other.__class__ is self.__class__ else NotImplemented
        )

    return {"__lt__": method(lt), "__le__": method(le), "__gt__": method(gt), "__ge__": method(ge)}


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _freeze(cls: Any, known: tuple[Field[Any], ...]) -> None:
    names = frozenset(field.name for field in known)

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    cls.__setattr__ = __setattr__
    cls.__delattr__ = __delattr__
