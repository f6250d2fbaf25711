"""Mask the strings of a step before any of them is truncated, so no partial value is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import UnknownStep, parse_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_schemas.steps import AnyStep

_OUR_WORDS: Final = frozenset({"kind", "source", "t_kind", "actor"})
"""Fields with fixed vocabulary, which hold no recorded text."""


def unmasked(text: str) -> str:
    """The identity, for episodes whose secrets were masked when they were sealed."""
    return text


def masked_step(step: AnyStep, mask: Callable[[str], str]) -> AnyStep:
    """Return a step masked for display; the same object if nothing has to be masked."""
    if mask is unmasked:
        return step
    fields = step.model_dump(mode="json", by_alias=True)
    shown = {
        key: value if key in _OUR_WORDS else masked_value(value, mask)
        for key, value in fields.items()
    }
    if shown == fields:
        return step
    try:
        return parse_step(shown)
    except DamagedError:  # a word of our own vocabulary was taken for a secret
        return UnknownStep.model_validate(
            {"seq": step.seq, "t_ns": step.t_ns, "source": "masked", "kind": "masked"}
        )


def masked_value(value: object, mask: Callable[[str], str]) -> object:
    """Mask every string in a JSON value, except field names."""
    if mask is unmasked:
        return value
    match value:
        case str():
            return mask(value)
        case dict():
            return {key: masked_value(item, mask) for key, item in value.items()}
        case list() | tuple():
            return [masked_value(item, mask) for item in value]
        case _:
            return value
