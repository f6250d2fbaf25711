"""The spans that `forget` removes from a session: parses `forget` lines in `control`.

A line is `forget <t_boot_ns> from=<t_boot_ns> to=<t_boot_ns> [path=<pattern>] [folding=1]`; times
are of the session's own boot, both ends are included. With a pattern (the syntax of `.gitignore`,
relative to the workspace) only what concerns matching files is forgotten, in every spelling of
their names where the disk folds them. Writers answer with a new segment
that begins with anchors. Every reader of journals skips what a span covers, also while the bytes
are not rewritten yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.ignoring import IgnoreFile, parse_ignore_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.capture.journal.control import ControlLine

VERB: Final = "forget"
_FOLDING: Final = "folding"
_MAX_DIGITS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenSpan:
    """A span of time in one session, limited to matching files if it has a pattern."""

    from_ns: int
    """Boot time, inclusive."""

    to_ns: int
    """Boot time, inclusive."""

    pattern: str | None = None
    patterns: IgnoreFile | None = None
    """`pattern`, compiled; None covers every record in the span."""

    is_folding: bool = False
    """Whether the disk of the workspace folds names (`system.files.spelling`)."""

    def covers(self, t_boot_ns: int, path: str | None) -> bool:
        """Whether a record at this time is forgotten.

        Args:
            t_boot_ns: when it was recorded.
            path: the file it concerns, relative to the workspace with forward slashes; None when
                it concerns none.
        """
        if not self.from_ns <= t_boot_ns <= self.to_ns:
            return False
        if self.patterns is None:
            return True
        if path is None:
            return False
        return self.patterns.hides(PurePosixPath(path).parts, is_folding=self.is_folding)


def make_span(
    from_ns: int, to_ns: int, pattern: str | None = None, *, is_folding: bool = False
) -> ForgottenSpan:
    """Create a span; with an invalid pattern it covers nothing."""
    compiled = None if pattern is None else parse_ignore_file(pattern.encode("utf-8", "replace"))
    return ForgottenSpan(
        from_ns=from_ns, to_ns=to_ns, pattern=pattern, patterns=compiled, is_folding=is_folding
    )


def exact_pattern(path: str) -> str:
    """Return the pattern that matches one file, relative to the workspace, and nothing else.

    A control character, which no line of `control` may contain, becomes the wildcard `?`.
    """
    return "/" + "".join(
        "?"
        if ord(char) < 0x20 or ord(char) == 0x7F
        else f"\\{char}"
        if char in "\\*?[]! #"
        else char
        for char in path
    )


def forgotten_spans(lines: Iterable[ControlLine]) -> tuple[ForgottenSpan, ...]:
    """Parse the spans of all `forget` requests of a session; other lines are skipped."""
    spans: list[ForgottenSpan] = []
    for line in lines:
        start, end = line.fields.get("from", ""), line.fields.get("to", "")
        if line.verb == VERB and _is_number(start) and _is_number(end):
            is_folding = line.fields.get(_FOLDING) == "1"
            pattern = line.fields.get("path")
            spans.append(make_span(int(start), int(end), pattern, is_folding=is_folding))
    return tuple(spans)


def span_fields(span: ForgottenSpan) -> dict[str, str]:
    """Return the fields of the control line that requests a span."""
    fields = {"from": str(span.from_ns), "to": str(span.to_ns)}
    if span.pattern is not None:
        fields["path"] = span.pattern
    if span.is_folding:
        fields[_FOLDING] = "1"
    return fields


def is_forgotten(spans: Iterable[ForgottenSpan], t_boot_ns: int, path: str | None) -> bool:
    """Whether any of the spans covers a record."""
    return any(span.covers(t_boot_ns, path) for span in spans)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < _MAX_DIGITS
