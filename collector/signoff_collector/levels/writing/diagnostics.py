"""Diagnostics from the moment they came to stay until they went; flux of typing is left out."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import DiagnosticsStep, SaveStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_schemas.values import Diagnostic

STAY_NS: Final = 3_000_000_000
"""What went sooner after the end of the burst in which it came, and was not saved, is flux."""
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticSpan:
    """One finding of a language server."""

    path: str
    server: str
    code: str
    message: str
    line: int | None
    """Zero-based, when it came."""
    born: int
    """`seq` of the step in which it came."""
    gone: int | None
    """`seq` of the step in which it went; None while it stays to the end."""


def diagnostics(episode: Episode, found: Sequence[Burst]) -> tuple[DiagnosticSpan, ...]:
    """Return the findings that stayed, by when they came."""
    return _Following(episode, found).run()


class _Following:
    def __init__(self, episode: Episode, found: Sequence[Burst]) -> None:
        self._episode = episode
        self._bursts: dict[str, list[Burst]] = {}
        for burst in found:
            self._bursts.setdefault(burst.path, []).append(burst)
        self._saves: dict[str, list[int]] = {}
        for step in episode.steps:
            if isinstance(step, SaveStep) and step.path is not None:
                self._saves.setdefault(step.path, []).append(step.seq)
        self._open: dict[_Key, list[tuple[DiagnosticsStep, int | None]]] = {}
        self._spans: list[DiagnosticSpan] = []

    def run(self) -> tuple[DiagnosticSpan, ...]:
        for step in self._episode.steps:
            if isinstance(step, DiagnosticsStep) and step.path is not None:
                for one in step.cleared:
                    self._clear(step, step.path, one)
                for one in step.appeared:
                    key = _key(step, step.path, one)
                    self._open.setdefault(key, []).append((step, _line(one)))
        for key, left in self._open.items():
            self._spans.extend(_span(key, born, line, None) for born, line in left)
        return tuple(sorted(self._spans, key=lambda one: (one.born, one.line or 0, one.message)))

    def _clear(self, step: DiagnosticsStep, path: str, one: Diagnostic) -> None:
        """End the open finding with these words that stood nearest; lines may have moved."""
        key = _key(step, path, one)
        held = self._open.get(key)
        if not held:
            return
        line = _line(one) or 0
        nearest = min(range(len(held)), key=lambda at: abs((held[at][1] or 0) - line))
        born, place = held.pop(nearest)
        if self._stayed(path, born, step):
            self._spans.append(_span(key, born, place, step.seq))

    def _stayed(self, path: str, born: DiagnosticsStep, gone: DiagnosticsStep) -> bool:
        saves = self._saves.get(path, ())
        if bisect_right(saves, born.seq) < bisect_right(saves, gone.seq):
            return True
        near = self._bursts.get(path, ())
        place = bisect_right(near, born.seq, key=lambda burst: burst.first) - 1
        end_ns = max(born.t_ns, near[place].end_ns) if place >= 0 else born.t_ns
        return gone.t_ns - end_ns >= STAY_NS


def _key(step: DiagnosticsStep, path: str, one: Diagnostic) -> _Key:
    return path, one.server or step.server or "", one.code or "", " ".join(one.message.split())


def _line(one: Diagnostic) -> int | None:
    return None if one.range is None else one.range.start.line


def _span(key: _Key, born: DiagnosticsStep, line: int | None, gone: int | None) -> DiagnosticSpan:
    path, server, code, message = key
    return DiagnosticSpan(
        path=path,
        server=server,
        code=code,
        message=message,
        line=line,
        born=born.seq,
        gone=gone,
    )
