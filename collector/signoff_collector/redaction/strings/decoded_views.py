"""Decode views of a line: escapes undone, adjacent literals joined, hexadecimal decoded.

Source code writes characters as escapes, concatenates literals and lists character codes; URLs and
markup have escapes of their own. Each view has a source map into the line, so that what is found
in the view can be masked in the line.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Final, NamedTuple

from signoff_collector.redaction.strings.byte_dumps import byte_lists
from signoff_collector.text.offsets import add_offsets

_ESCAPE: Final = re.compile(
    r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]{1,6})\}|\\U00([0-9A-Fa-f]{6})"
    r"|%([0-9A-Fa-f]{2})|&#[xX]([0-9A-Fa-f]{1,5});|&#(\d{1,6});|\\([0-7]{3})"
    r"|&(amp|lt|gt|quot|apos);|\\([^\w\s])"
)
_HEX_GROUPS: Final = 6
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SEAM: Final = re.compile(
    r"[\"'`][ \t]*(?:[-+.,&|]|\.\.)?[ \t]*(?:[bfru]{0,2})[\"'`]|['\"]{2}"
    r"|[\"'`][ \t]*(?:[+.&\\]|\.\.)?[ \t]*\r?\n[ \t]*(?:[+.&]|\.\.)?[ \t]*[bfru]{0,2}[\"'`]"
    r"(?![\"']{2})"  # a docstring is no literal to join
)
_HEX_RUN: Final = re.compile(
    r"(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}|(?:0x[0-9A-Fa-f]{2},? ?){8,}"
)
_HEX_PAIR: Final = re.compile(r"(?:0x)?([0-9A-Fa-f]{2}),? ?")


class View(NamedTuple):
    """One view of a line, with a source map."""

    text: str
    starts: array[int]
    """Offset in the line at which each character begins."""
    ends: array[int]
    """Offset at which it ends; removed characters in between belong to none."""


def may_be_decoded(line: str) -> bool:
    """Return whether a line may have a decoded view. A quick test: most have none."""
    return (
        "\\" in line
        or "%" in line
        or "&" in line
        or _has_seams(line)
        or _HEX_RUN.search(line) is not None
        or next(byte_lists(line), None) is not None
    )


def decoded_views(line: str) -> Iterator[View]:
    """Yield the decoded views of a line; most lines have none."""
    view = View(line, array("i"), array("i"))
    if "\\" in line or "%" in line or "&" in line:
        unescaped = _unescaped(line)
        if unescaped is not None:
            view = unescaped
            yield view
    if _has_seams(view.text):
        joined = _joined(view)
        if joined is not None:
            yield joined
    for match in _HEX_RUN.finditer(line):
        spelled = _from_hex(match)
        if spelled is not None:
            yield spelled
    for listed in byte_lists(line):
        yield View(*listed)


def _has_seams(text: str) -> bool:
    return text.count('"') + text.count("'") + text.count("`") > 2


def _unescaped(line: str) -> View | None:
    pieces: list[str] = []
    starts, ends, place = array("i"), array("i"), 0
    for match in _ESCAPE.finditer(line):
        pieces += (line[place : match.start()], _spelled(match))
        add_offsets(starts, place, match.start() + 1)
        add_offsets(ends, place + 1, match.start() + 1)
        place = match.end()
        ends.append(place)
    if not place:
        return None
    pieces.append(line[place:])
    add_offsets(starts, place, len(line))
    add_offsets(ends, place + 1, len(line) + 1)
    return View("".join(pieces), starts, ends)


def _spelled(match: re.Match[str]) -> str:
    """Return the character that an escape encodes."""
    groups = match.groups()
    code = next((group for group in groups[:_HEX_GROUPS] if group is not None), None)
    decimal, octal, entity, plain = groups[_HEX_GROUPS:]
    if code is not None:
        number = int(code, 16)
    elif decimal is not None or octal is not None:
        number = int(decimal) if decimal is not None else int(octal, 8)
    else:
        return _ENTITIES[entity] if entity is not None else plain
    return chr(number) if number < 0x110000 else "\ufffd"


def _joined(view: View) -> View | None:
    """Join adjacent string literals: remove the quotes and operators between them."""
    text = view.text
    pieces: list[str] = []
    starts, ends, place = array("i"), array("i"), 0
    for match in (*_SEAM.finditer(text), None):
        if match is None and not place:
            return None
        high = len(text) if match is None else match.start()
        pieces.append(text[place:high])
        if view.starts:
            starts += view.starts[place:high]
            ends += view.ends[place:high]
        else:
            add_offsets(starts, place, high)
            add_offsets(ends, place + 1, high + 1)
        place = 0 if match is None else match.end()
    return View("".join(pieces), starts, ends)


def _from_hex(match: re.Match[str]) -> View | None:
    """Decode a run of hexadecimal bytes; None unless all of them are printable."""
    chars: list[str] = []
    starts, ends, base = array("i"), array("i"), match.start()
    for pair in _HEX_PAIR.finditer(match[0]):
        code = int(pair[1], 16)
        if not 0x20 <= code < 0x7F:
            return None
        chars.append(chr(code))
        starts.append(base + pair.start())
        ends.append(base + pair.end())
    return View("".join(chars), starts, ends)
