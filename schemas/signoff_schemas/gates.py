"""The gates of quality that a data set may ask an episode to pass (docs/quality.md)."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field, SerializerFunctionWrapHandler

Gate = Literal[
    "replay",
    "coverage",
    "authors",
    "tests",
    "repair",
    "steady-tests",
    "environment",
    "task",
    "readable",
]
"""Name of a measure that one episode alone decides."""
GATES: Final[tuple[Gate, ...]] = get_args(Gate)
Required = Annotated[tuple[Gate, ...], Field(max_length=len(GATES))]
"""Gates that each episode has to pass, each once, in the order of `GATES`."""


def in_order(gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """Return gates as a document holds them.

    Raises:
        ValueError: one is there twice, or they stand in another order.
    """
    if gates != tuple(gate for gate in GATES if gate in gates):
        raise ValueError("gates stand in the order of the list, each once")
    return gates


def without_empty(model: object, write: SerializerFunctionWrapHandler) -> dict[str, object]:
    """Write a document without `gates` where none are asked for: as before there were any."""
    fields: dict[str, object] = write(model)
    if not fields.get("gates"):
        fields.pop("gates", None)
    return fields
