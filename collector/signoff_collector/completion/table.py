"""The verbs, options and values of the command line, as `tests/write_manual.py` took them from it.

A file, since reading it costs a tenth of importing a verb with all that it needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_schemas.untyped import fields_of, is_items

TABLE: Final = Path(__file__).with_name("table.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one argument may be."""

    kind: str
    """`file`, `folder`, `command`, `episode`, `session`, `recording`, `choice`, or `text`."""

    choices: tuple[str, ...] = ()
    is_repeated: bool = False
    """Whether every argument from here on is such a one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option, with all its names."""

    names: tuple[str, ...]
    help: str
    value: Value | None
    """None: it takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb."""

    help: str
    options: tuple[Option, ...]
    values: tuple[Value, ...]
    """Those without an option, in their order."""


def read_table() -> Mapping[str, Verb]:
    """Return every verb by name, in the order of `signoff --help`."""
    parsed: object = json.loads(TABLE.read_bytes())
    return {name: _verb(one) for name, one in fields_of(parsed).items()}


def _verb(value: object) -> Verb:
    fields = fields_of(value)
    return Verb(
        help=str(fields["help"]),
        options=tuple(_option(one) for one in _items(fields["options"])),
        values=tuple(_value(one) for one in _items(fields["values"])),
    )


def _option(value: object) -> Option:
    fields = fields_of(value)
    takes = fields.get("value")
    return Option(
        names=tuple(map(str, _items(fields["names"]))),
        help=str(fields["help"]),
        value=None if takes is None else _value(takes),
    )


def _value(value: object) -> Value:
    fields = fields_of(value)
    return Value(
        kind=str(fields["kind"]),
        choices=tuple(map(str, _items(fields.get("choices", [])))),
        is_repeated=bool(fields.get("is_repeated")),
    )


def _items(value: object) -> list[object]:
    return list(value) if is_items(value) else []
