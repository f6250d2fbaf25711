"""Values from a decoder (JSON, msgpack, TOML) that nobody checked: narrowed here and only here.

A cast at each place would say what the checker should believe; these ask first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeGuard


def is_fields(value: object) -> TypeGuard[dict[str, object]]:
    """Say whether a value is a table of named fields; decoders allow no other names."""
    return isinstance(value, dict)


def is_items(value: object) -> TypeGuard[list[object]]:
    """Say whether a value is a list."""
    return isinstance(value, list)


def fields_of(value: object) -> dict[str, object]:
    """Return the named fields of a value, none where it is no table."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def items_of(value: object) -> Sequence[object]:
    """Return the items of a list or a tuple, none where it is neither."""
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def list_of(value: object) -> list[object]:
    """Return the items of a list, none where it is no list."""
    return cast("list[object]", value) if isinstance(value, list) else []
