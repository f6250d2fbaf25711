"""How the rows of a table look at one revision, and how a row is one line of a file.

A line is a JSON object in ASCII with a name for each column, in the order of the table. Bytes are
base64, all else is itself; so a row of SQLite and one of PostgreSQL are the same line.
"""

from __future__ import annotations

import base64
import binascii
import json
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, assert_never

from sqlalchemy import JSON, BigInteger, Boolean, LargeBinary, MetaData, String, column, table
from sqlalchemy import Integer as _Integer

from signoff_hub.backups.kept import LEFT_OUT
from signoff_hub.database.database import Database
from signoff_hub.database.revision import MARK, move_up
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table, TableClause
    from sqlalchemy.types import TypeEngine

MAX_LINE_BYTES: Final = 64 << 20
_MOST: Final = 1 << 63
_DEEPEST: Final = 50


class Kind(Enum):
    """What a column holds, on either database."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    BYTES = "bytes"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column."""

    name: str
    kind: Kind
    is_nullable: bool
    most: int | None
    """Characters of a text; None: any number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One table."""

    name: str
    fields: tuple[Field, ...]
    counts_up: bool
    """Whether the database numbers new rows itself."""

    def target(self) -> TableClause:
        """Return the table to insert into, on either database."""
        return table(self.name, *(column(one.name, _type_of(one.kind)) for one in self.fields))


def shapes_of(revision: int) -> tuple[Shape, ...]:
    """Return the saved tables of a revision, whatever another refers to before it.

    They are read from tables that its migrations make, in memory.
    """
    found = MetaData()
    with closing(Database("sqlite:///:memory:")) as scratch, scratch.write() as connection:
        move_up(connection, revision)
        found.reflect(connection)
    return tuple(shape_of(one) for one in found.sorted_tables if one.name not in {MARK, *LEFT_OUT})


def shape_of(one: Table) -> Shape:
    """Return the shape of a table."""
    fields = tuple(
        Field(
            name=each.name,
            kind=_kind_of(each.type),
            is_nullable=bool(each.nullable),
            most=each.type.length if isinstance(each.type, String) else None,
        )
        for each in one.columns
    )
    return Shape(name=one.name, fields=fields, counts_up=one.name in _COUNTED)


def encode_row(shape: Shape, row: Mapping[str, object]) -> bytes:
    """Return a row as a line."""
    held = {one.name: _out(row[one.name]) for one in shape.fields}
    return json.dumps(held, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def decode_row(shape: Shape, line: bytes) -> dict[str, object]:
    """Return the row that a line holds.

    Raises:
        DamagedError: it is none of this table in its one form; the message repeats nothing of it.
    """
    try:
        held: object = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        held = None
    names = [one.name for one in shape.fields]
    if not is_fields(held) or list(held) != names:
        raise _damaged(shape, "holds a line that is no row of it")
    row = {one.name: _in(shape, one, held[one.name]) for one in shape.fields}
    if encode_row(shape, row) != line:
        raise _damaged(shape, "holds a line that is not in its one form")
    return row


_COUNTED: Final = frozenset({"job", "reading"})


def _kind_of(found: TypeEngine[Any]) -> Kind:
    match found:
        case Boolean():
            return Kind.TRUTH
        case JSON():
            return Kind.JSON
        case LargeBinary():
            return Kind.BYTES
        case _Integer():
            return Kind.NUMBER
        case _:
            return Kind.TEXT


def _type_of(kind: Kind) -> TypeEngine[Any]:
    match kind:
        case Kind.TEXT:
            return String()
        case Kind.NUMBER:
            return BigInteger()
        case Kind.TRUTH:
            return Boolean()
        case Kind.BYTES:
            return LargeBinary()
        case Kind.JSON:
            return JSON(none_as_null=True)
        case _:
            assert_never(kind)


def _out(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return value


def _in(shape: Shape, field: Field, value: object) -> object:
    if value is None:
        if not field.is_nullable:
            raise _damaged(shape, f"has a row without {field.name}")
        return None
    match field.kind:
        case Kind.TEXT:
            is_good = isinstance(value, str) and _is_text(value, field.most)
        case Kind.NUMBER:
            is_good = (
                isinstance(value, int) and not isinstance(value, bool) and -_MOST <= value < _MOST
            )
        case Kind.TRUTH:
            is_good = isinstance(value, bool)
        case Kind.JSON:
            is_good = _is_json(value, 0)
        case Kind.BYTES:
            found = _bytes_of(value)
            if found is not None:
                return found
            is_good = False
        case _:
            assert_never(field.kind)
    if not is_good:
        raise _damaged(shape, f"has a row whose {field.name} is none")
    return value


def _is_text(value: str, most: int | None) -> bool:
    """Tell whether both databases can hold a text: without NUL, and no half of a character."""
    is_short = most is None or len(value) <= most
    return is_short and "\0" not in value and _is_whole(value)


def _is_whole(value: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" for one in value)


def _is_json(value: object, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(value, str):
        return _is_text(value, None)
    if is_fields(value):
        return all(_is_text(name, None) and _is_json(one, depth + 1) for name, one in value.items())
    if is_items(value):
        return all(_is_json(one, depth + 1) for one in value)
    return value is None or isinstance(value, int)


def _bytes_of(value: object) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def _damaged(shape: Shape, what: str) -> DamagedError:
    return DamagedError(
        f"rows/{shape.name}.jsonl {what}",
        hint="Take another backup; docs/hub/disaster.md says what is left without one.",
    )
