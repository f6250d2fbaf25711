"""Detects the layout of a text: line endings, indentation, final newline."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_INDENT: Final = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_LOOKED_AT: Final = 200


def shape_of(text: str) -> dict[str, object]:
    """Return the fields of an `open` step that follow from its text."""
    return {
        "bom": text.startswith("\ufeff"),
        "eol": _eol(text),
        "indent": _indent(text),
        "final_newline": text.endswith(("\n", "\r")),
        "size_bytes": len(text.encode("utf-8", "surrogatepass")),
    }


def _eol(text: str) -> str:
    crlf = text.count("\r\n")
    counts = {"crlf": crlf, "lf": text.count("\n") - crlf, "cr": text.count("\r") - crlf}
    used = [name for name, count in counts.items() if count]
    return used[0] if len(used) == 1 else "mixed" if used else "none"


def _indent(text: str) -> str | None:
    """Return a tab, or the spaces of one level: the most common change of indentation."""
    starts = [match[1] for _, match in zip(range(_LOOKED_AT), _INDENT.finditer(text), strict=False)]
    if not starts:
        return None
    tabs = sum(start[0] == "\t" for start in starts)
    if tabs * 2 > len(starts):
        return "\t"
    widths = [len(start) for start in starts if start.strip(" ") == "" and len(start) <= 16]
    steps = Counter(abs(b - a) for a, b in zip([0, *widths], widths, strict=False) if a != b)
    return " " * steps.most_common(1)[0][0] if steps else None
