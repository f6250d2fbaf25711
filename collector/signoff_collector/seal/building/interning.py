"""Interns the values that steps have in common, to save memory.

A day has some 20,000 steps, and a validated step takes 1.8 kB. Here names of fields, short strings,
actors and line spans are shared between steps, so that each costs a pointer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

from signoff_schemas.values import Actor, LineSpan, Value

if TYPE_CHECKING:
    from signoff_schemas.steps import KnownStep

_SHORT: Final = 256
_MOST: Final = 1 << 16
_OFTEN: Final = (Actor, LineSpan)
"""Types of values with few distinct instances in a day."""
Held = TypeVar("Held")


class Sharing:
    """The table of interned values of one sealing."""

    def __init__(self) -> None:
        self._seen: dict[object, object] = {}

    def step(self, step: KnownStep, *, seq: int) -> KnownStep:
        """Return a copy of a validated step with its number and interned values."""
        fields = {name: self._small(held) for name, held in vars(step).items()}
        return type(step).of_valid(fields | {"seq": seq})

    def _small(self, held: object) -> object:
        if type(held) is str:
            return self._once(held) if len(held) <= _SHORT else held
        if isinstance(held, Value):
            fields = vars(held)
            value = type(held).of_valid({name: self._small(one) for name, one in fields.items()})
            return self._once(value) if isinstance(held, _OFTEN) else value
        if type(held) is tuple and held:
            items = tuple(map(self._small, cast("tuple[object, ...]", held)))
            return self._once(items) if isinstance(items[0], _OFTEN) else items
        return held

    def _once(self, held: Held) -> Held:
        if len(self._seen) >= _MOST:
            return held
        return cast("Held", self._seen.setdefault(held, held))
