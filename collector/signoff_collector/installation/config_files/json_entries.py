"""Insert and remove list entries in a person's JSON file; every other byte is preserved.

JSON has no comments to mark our entries, so an entry is recognised by the program that it starts.
The text is edited in place, because rewriting the whole file would lose the person's formatting.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import TYPE_CHECKING, Final, cast

from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r"[-+.\w]+")
_USUAL_UNIT: Final = "  "
_MAX_DEPTH: Final = 64
_BOM: Final = "\ufeff"


@dataclass(slots=True, kw_only=True)
class _Value:
    """A value and where it stands."""

    start: int
    end: int
    kind: str
    """`object`, `list` or `plain`."""
    parts: list[_Part] = field(default_factory=list["_Part"])


@dataclass(slots=True, kw_only=True)
class _Part:
    """A member of an object, or an entry of a list."""

    start: int
    """Where it begins: at the key, where it has one."""
    key: str | None
    value: _Value


def with_entry(text: str, keys: Sequence[str], entry: object) -> str:
    """Return `text` with an entry at the end of the list that `keys` lead to from the top.

    Objects and the list are made where they are missing; a text of nothing but space becomes one.

    Raises:
        DamagedError: it is not JSON, or something else stands where an object or the list should.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    bare = text.removeprefix(_BOM)
    if not bare.strip():
        return f"{mark}{json.dumps(_wrapped(keys, [entry]), indent=2, ensure_ascii=False)}\n"
    top = _parse(bare)
    value, depth = top, 0
    for key in keys:
        if value.kind != "object":
            raise DamagedError(f"the value that should contain {key!r} is not an object")
        part = next((part for part in value.parts if part.key == key), None)
        if part is None:
            missing = _wrapped(keys[depth + 1 :], [entry])
            return mark + _added(bare, top, value, depth, missing, key=key)
        value, depth = part.value, depth + 1
    if value.kind != "list":
        raise DamagedError(f"{keys[-1]!r} is not a list")
    return mark + _added(bare, top, value, depth, entry)


def without_entries(text: str, keys: Sequence[str], is_ours: Callable[[object], bool]) -> str:
    """Return `text` without the entries that are ours in all lists of the object at `keys`.

    A list that held nothing else goes with its key, and so do the objects above it.

    Raises:
        DamagedError: it is not JSON.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    bare = text.removeprefix(_BOM)
    while (found := _ours(bare, keys, is_ours)) is not None:
        bare = _cut(bare, *found)
    return mark + bare


def holds_entries(text: str, keys: Sequence[str], is_ours: Callable[[object], bool]) -> bool:
    """Say whether an entry of ours stands there; no when the text is not JSON."""
    try:
        return _ours(text.removeprefix(_BOM), keys, is_ours) is not None
    except DamagedError:
        return False


def _wrapped(keys: Sequence[str], value: object) -> object:
    for key in reversed(keys):
        value = {key: value}
    return value


def _ours(
    text: str, keys: Sequence[str], is_ours: Callable[[object], bool]
) -> tuple[_Value, int] | None:
    """Return the innermost value to cut from and the place of the part that goes."""
    if not text.strip():
        return None
    chain: list[tuple[_Value, int]] = []
    value = _parse(text)
    for key in keys:
        place = next((n for n, part in enumerate(value.parts) if part.key == key), None)
        if place is None:
            return None
        chain.append((value, place))
        value = value.parts[place].value
    for number, member in enumerate(value.parts):
        if member.value.kind != "list" or member.key is None:
            continue
        for place, part in enumerate(member.value.parts):
            if not is_ours(json.loads(text[part.value.start : part.value.end])):
                continue
            for holder, at in ((member.value, place), (value, number), *reversed(chain)):
                if len(holder.parts) > 1:
                    return holder, at
            return chain[0]
    return None


def _added(
    text: str, top: _Value, holder: _Value, depth: int, value: object, *, key: str | None = None
) -> str:
    """Return the text with one more part at the end of a value, in the file's own manner."""
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = _unit(text, top)
    is_flat = unit is None
    written = json.dumps(value, indent=None if is_flat else unit, ensure_ascii=False)
    if key is not None:
        written = f"{json.dumps(key, ensure_ascii=False)}: {written}"
    if is_flat:
        before, after = (", " if holder.parts else ""), ""
    else:
        inner, outer = newline + (unit or "") * (depth + 1), newline + (unit or "") * depth
        written = written.replace("\n", inner)
        before, after = ("," if holder.parts else "") + inner, outer
    if holder.parts:
        at = holder.parts[-1].value.end
        return text[:at] + before + written + text[at:]
    return text[: holder.start + 1] + before + written + after + text[holder.end - 1 :]


def _cut(text: str, holder: _Value, place: int) -> str:
    """Return the text without one part, and without the comma that parted it from another."""
    part = holder.parts[place]
    if place > 0:
        return text[: holder.parts[place - 1].value.end] + text[part.value.end :]
    if len(holder.parts) > 1:
        return text[: part.start] + text[holder.parts[1].start :]
    return text[: holder.start + 1] + text[holder.end - 1 :]


def _unit(text: str, top: _Value) -> str | None:
    """Return what one level is indented by; None where the file is written in one line."""
    for holder in (top, *(part.value for part in top.parts)):
        if holder.parts:
            line_start = text.rfind("\n", holder.start, holder.parts[0].start) + 1
            space = text[line_start : holder.parts[0].start] if line_start else ""
            if holder is top and line_start and space and not space.strip():
                return space
    return None if top.parts and "\n" not in text.strip() else _USUAL_UNIT


def _parse(text: str) -> _Value:
    """Return where everything stands.

    Raises:
        DamagedError: it is not JSON, or a key occurs twice: programs differ in which holds.
    """
    try:
        json.loads(text)
        value, end = _value(text, _skip(text, 0), 0)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"it is not JSON: {error}") from error
    if _skip(text, end) != len(text):
        raise DamagedError("it is not JSON: something follows its end")
    return value


def _value(text: str, at: int, depth: int) -> tuple[_Value, int]:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    opening = text[at]
    if opening in "{[":
        return _holder(text, at, depth)
    if opening == '"':
        end = cast("tuple[str, int]", scanstring(text, at + 1, True))[1]
    else:
        found = _SCALAR.match(text, at)
        if found is None:
            raise ValueError("a value is missing")
        end = found.end()
    return _Value(start=at, end=end, kind="plain"), end


def _holder(text: str, start: int, depth: int) -> tuple[_Value, int]:
    """Read an object or a list that `json` found sound."""
    is_object = text[start] == "{"
    value = _Value(start=start, end=start, kind="object" if is_object else "list")
    at = _skip(text, start + 1)
    while text[at] not in "}]":
        begin, key = at, None
        if is_object:
            key, at = cast("tuple[str, int]", scanstring(text, at + 1, True))
            if any(part.key == key for part in value.parts):
                raise ValueError(f"the key {key!r} occurs twice")
            at = _skip(text, _skip(text, at) + 1)
        inner, at = _value(text, at, depth + 1)
        value.parts.append(_Part(start=begin, key=key, value=inner))
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    value.end = at + 1
    return value, at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
