"""Narrows unvalidated values from a decoder (JSON, MessagePack, TOML) by checks at run time.

Use these functions in place of casts, which the type checker believes without a check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeGuard


def is_fields(value: object) -> TypeGuard[dict[str, object]]:
    """Say whether a value is a mapping; our decoders allow only string keys."""
    return isinstance(value, dict)


def is_items(value: object) -> TypeGuard[list[object]]:
    """Say whether a value is a list."""
    return isinstance(value, list)


def fields_of(value: object) -> dict[str, object]:
    """Return a value if it is a mapping, else an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def items_of(value: object) -> Sequence[object]:
    """Return a value if it is a list or a tuple, else an empty tuple."""
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def list_of(value: object) -> list[object]:
    """Return a value if it is a list, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []
