"""Applies patches without the code that made them."""

from __future__ import annotations

import re


def applied(patch: str, before: str) -> str:
    """Return what a unified patch makes of a text, hunk by hunk; fails if it does not fit."""
    old, new = lines(before), list[str]()
    at = 0
    rows = lines(patch)[2:]
    for place, row in enumerate(rows):
        head = re.match(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@\n", row)
        if head is not None:
            start = int(head[1]) - (head[2] != "0")
            assert start >= at
            new += old[at:start]
            at = start
            continue
        if row.startswith("\\"):
            continue
        has_end = not rows[place + 1 : place + 2] or not rows[place + 1].startswith("\\")
        line = row[1:] if has_end else row[1:].removesuffix("\n")
        if row[0] in " -":
            assert old[at] == line, (line, old[at])
            at += 1
        if row[0] in " +":
            new.append(line)
    return "".join([*new, *old[at:]])


def lines(text: str) -> list[str]:
    """Return the lines with their line feeds."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
