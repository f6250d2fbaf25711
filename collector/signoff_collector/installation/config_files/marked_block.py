"""Manage a block of our lines in another program's text file, between two marker comments."""

from __future__ import annotations

import re
from typing import Final

from signoff_schemas.errors import DamagedError

_BEGIN: Final = ">>> signoff setup >>>"
_END: Final = "<<< signoff setup <<<"
_BEGIN_LINE: Final = re.compile(rf"^[^\w\n]{{0,4}} ?{re.escape(_BEGIN)}[^\n]*$", re.MULTILINE)
_END_LINE: Final = re.compile(rf"^[^\w\n]{{0,4}} ?{re.escape(_END)}[^\n]*(?:\n|\Z)", re.MULTILINE)


def block(lines: str, *, comment: str) -> str:
    """Return `lines` between the marks, as a comment of that language; ends with a newline."""
    note = f"{comment} {_BEGIN} (`signoff uninstall` takes these lines away)"
    return f"{note}\n{lines.rstrip()}\n{comment} {_END}\n"


def find_block(text: str) -> tuple[int, int] | None:
    """Return where the block begins and ends, marks included; None when there is none.

    Raises:
        DamagedError: a mark has no partner, or there are several blocks.
    """
    begins, ends = list(_BEGIN_LINE.finditer(text)), list(_END_LINE.finditer(text))
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        raise DamagedError(
            f"it has {len(begins)} begin marks and {len(ends)} end marks of `signoff setup`",
            hint="Remove the lines between `>>> signoff setup >>>` and its end, marks included.",
        )
    return begins[0].start(), ends[0].end()


def with_block(text: str, ours: str, *, at_top: bool = False) -> str:
    """Return `text` with our block: in place of an older one, else at its end or top.

    Line ends follow the text. A first line with `-*-` settings stays first.

    Raises:
        DamagedError: the marks in the text do not pair.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    ours = ours.replace("\n", newline)
    place = find_block(text)
    if place is not None:
        return text[: place[0]] + ours + text[place[1] :]
    if at_top:
        first, rest = _split_settings(text)
        return first + ours + rest
    separator = "" if not text or text.endswith("\n") else newline
    return text + separator + ours


def without_block(text: str) -> str:
    """Return `text` without our block; as it is when there is none.

    Raises:
        DamagedError: the marks in the text do not pair.
    """
    place = find_block(text)
    return text if place is None else text[: place[0]] + text[place[1] :]


def _split_settings(text: str) -> tuple[str, str]:
    first, newline, rest = text.partition("\n")
    return (first + newline, rest) if "-*-" in first and newline else ("", text)
