"""Next edits: what the person did before and saw, and what the person typed next.

A record has the names of Zed's `ExampleSpec`, and more. Its target is one burst of typing that was
observed to be the person's; its history are the bursts before, whoever wrote them, each with its
author. docs/next_edit.md has the fields.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.content import encode_text
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.verdicts import RED
from signoff_collector.levels.writing.bursts import Burst, bursts
from signoff_datasets.exports.patches import unified_patch
from signoff_datasets.exports.related_files import RelatedFiles
from signoff_schemas.steps import DiagnosticsStep, SelectStep, TestsStep, ViewStep
from signoff_schemas.words import BASES, ActorClass, Basis, is_restored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.steps import AnyStep
    from signoff_schemas.values import Diagnostic

EXPORT_VERSION: Final = 2
MARKER: Final = "<|user_cursor|>"
MOST_HISTORY: Final = 16
"""Bursts before, as many as Zed keeps."""
MOST_VIEWS: Final = 8
MOST_FINDINGS: Final = 20
MOST_FAILED: Final = 20
MOST_BYTES: Final = 64 * 1024
"""Of the file with the cursor: Zed captures no larger one."""
_EXCERPT_LINES: Final = 10
"""Around the cursor, doubled until the excerpt stands once in the file."""
_MS: Final = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEdit:
    """One record."""

    row: dict[str, object]
    """Its JSON form."""
    path: str
    before: str
    """The file with the cursor before the target."""
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEdits:
    """The records of one episode, and how many bursts are no target, by reason."""

    records: tuple[NextEdit, ...]
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A burst, with the texts before and after."""

    burst: Burst
    before: str
    after: str
    patch: str
    basis: Basis | None
    """How it is known who wrote it; None where that differs from edit to edit."""
    start: int
    """Offset at which its first edit changed the text, and how much it removed there."""
    removed: int
    is_restored: bool


def next_edits(episode: Episode, sha256: str) -> NextEdits:
    """Return the records of an episode by rising step.

    Args:
        episode: one's own, or a shared one.
        sha256: of its file; names the records.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    moments = Moments(episode)
    changes = tuple(_changes(episode, moments))
    around = _Around(episode)
    is_open = episode.header.base.spdx is not None
    related = RelatedFiles(episode, moments, _is_fit, is_open=is_open)
    rows = _Rows(header=episode.header, sha256=sha256, around=around, related=related)
    left_out = Counter[str]()
    records: list[NextEdit] = []
    for place, change in enumerate(changes):
        history = changes[max(0, place - MOST_HISTORY) : place]
        why = _why_not(change, history, around.masks)
        if why is not None:
            left_out[why] += 1
            continue
        row = rows.row(place, changes, history)
        records.append(
            NextEdit(row=row, path=change.burst.path, before=change.before, after=change.after)
        )
    return NextEdits(records=tuple(records), left_out=dict(sorted(left_out.items())))


def _changes(episode: Episode, moments: Moments) -> Iterator[_Change]:
    """Yield each burst with its texts: the actions of a buffer lead from one to the next."""
    texts = {(life.path, life.buffer, life.since): life.initial for life in moments.lives()}
    edits = episode.edits
    restoring = [place for place, said in enumerate(edits.evidence_sets) if is_restored(said)]
    for burst in bursts(episode, moments):
        name = (burst.path, burst.buffer, burst.life)
        before = texts[name]
        texts[name] = after = before if burst.action is None else burst.action.apply(before)
        own = slice(edits.count_until(burst.first - 1), edits.count_until(burst.last))
        bases = {BASES[basis] for basis in np.unique(edits.basis[own]).tolist()}
        yield _Change(
            burst=burst,
            before=before,
            after=after,
            patch=unified_patch(burst.path, before, after),
            basis=bases.pop() if len(bases) == 1 else None,
            start=int(edits.start[own.start]),
            removed=int(edits.deleted[own.start]),
            is_restored=bool(np.isin(edits.evidence[own], restoring).any()),
        )


def _why_not(change: _Change, history: Sequence[_Change], masks: Sequence[str]) -> str | None:
    """Return why a burst is no target, or None where it is one."""
    burst, before = change.burst, change.before
    shown = (burst.path, before, change.after, *(one.patch for one in history))
    is_typed = burst.actor == ActorClass.TYPED and change.basis is Basis.OBSERVED
    reasons = {
        "no_change": burst.action is None,
        "not_typed_by_person": not is_typed,
        "restored": change.is_restored,
        "no_history": not any(one.patch for one in history),
        "masked": any(mask in change.patch for mask in masks),
        "holds_marker": any(MARKER in text for text in shown),
        "no_unicode": not all(map(_is_utf8, shown)),
        "too_large": len(encode_text(before)) > MOST_BYTES,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _is_utf8(text: str) -> bool:
    """Say whether a text holds no lone half of a surrogate pair, which JSON readers refuse."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _is_fit(text: str) -> bool:
    """Say whether a text that was only seen can stand in a record."""
    return MARKER not in text and _is_utf8(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Writes records."""

    header: EpisodeHeader
    sha256: str
    around: _Around
    related: RelatedFiles

    def row(
        self, place: int, changes: Sequence[_Change], history: Sequence[_Change]
    ) -> dict[str, object]:
        change, base = changes[place], self.header.base
        burst = change.burst
        later = changes[place + 1].burst if place + 1 < len(changes) else None
        cursor, source = self.around.cursor(change)
        begin, end = _excerpt(change.before, cursor)
        before_cursor = change.before[:cursor]
        events = [_event(one, burst.start_ns, is_open=base.spdx is not None) for one in history]
        return {
            "name": f"{self.sha256[:12]}/b{place}",
            "repository_url": base.repository or f"urn:signoff:{self.header.workspace}",
            "revision": base.commit or f"unknown-{self.sha256[:12]}",
            "uncommitted_diff": "",
            "cursor_path": burst.path,
            "cursor_position": change.before[begin:cursor] + MARKER + change.before[cursor:end],
            "edit_history": "".join(one.patch for one in history),
            "expected_patches": [change.patch],
            "captured_prompt_input": {
                "cursor_file_content": change.before,
                "cursor_offset": len(before_cursor.encode()),
                "cursor_row": before_cursor.count("\n"),
                "cursor_column": len(before_cursor[before_cursor.rfind("\n") + 1 :].encode()),
                "events": [event for event in events if event["diff"]],
                "related_files": self.related.before(burst.path, burst.first),
            },
            "cursor_source": source,
            **self.around.seen_before(burst),
            "target_author": "human_typed",
            "settled_ms": None if later is None else (later.start_ns - burst.end_ns) // _MS,
            "episode_sha256": self.sha256,
            "seq": [burst.first, burst.last],
            "licence": base.spdx,
            "export_version": EXPORT_VERSION,
        }


def _event(change: _Change, now_ns: int, *, is_open: bool) -> dict[str, object]:
    """Return a burst of the history, by the names of Zed's events, with its author."""
    burst = change.burst
    return {
        "path": burst.path,
        "old_path": burst.path,
        "diff": change.patch,
        "predicted": burst.actor == ActorClass.ASSISTANT,
        "in_open_source_repo": is_open,
        "author": burst.actor,
        "basis": str(change.basis or Basis.NONE),
        "ms_ago": (now_ns - burst.end_ns) // _MS,
    }


def _excerpt(text: str, cursor: int) -> tuple[int, int]:
    """Return the lines around a cursor, as many as make them stand once in the text."""
    begin = end = cursor
    count = _EXCERPT_LINES
    while True:
        for _ in range(count):
            begin = text.rfind("\n", 0, max(begin - 1, 0)) + 1
            at = text.find("\n", end)
            end = len(text) if at < 0 else at + 1
        if (begin, end) == (0, len(text)):
            return begin, end
        if text.find(text[begin:end], text.find(text[begin:end]) + 1) < 0:
            return begin, end
        count *= 2


class _Around:
    """What the person saw before each burst; asked in rising order of steps."""

    def __init__(self, episode: Episode) -> None:
        self._cursors: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self._steps: list[AnyStep] = []
        for step in episode.steps:
            if isinstance(step, SelectStep) and step.path and step.cursor is not None:
                name = (step.path, step.buffer or 0)
                self._cursors.setdefault(name, []).append((step.seq, step.cursor))
            elif isinstance(step, (ViewStep, DiagnosticsStep, TestsStep)):
                self._steps.append(step)
        self._edited: dict[tuple[str, int], list[int]] = {}
        edits = episode.edits
        columns = (edits.seq.tolist(), edits.file.tolist(), edits.buffer.tolist())
        for seq, file, buffer in zip(*columns, strict=True):
            self._edited.setdefault((episode.files[file], buffer), []).append(seq)
        self._next = 0
        self._views: list[ViewStep] = []
        self._findings: dict[tuple[str, str, str, str], list[Diagnostic]] = {}
        self._tests: TestsStep | None = None
        self.masks = tuple(episode.header.masks)

    def cursor(self, change: _Change) -> tuple[int, str]:
        """Return where the cursor stood before a burst, and how that is known."""
        name = (change.burst.path, change.burst.buffer)
        seqs, told = self._edited[name], self._cursors.get(name, ())
        place = bisect_left(told, (change.burst.first, 0)) - 1
        edit = bisect_left(seqs, change.burst.first) - 1
        since = max(seqs[edit] if edit >= 0 else -1, change.burst.life)
        if place >= 0 and told[place][0] > since and told[place][1] <= len(change.before):
            return told[place][1], "select"
        return change.start + change.removed, "edit"

    def seen_before(self, burst: Burst) -> dict[str, object]:
        """Return the views, findings and test results at the moment before a burst."""
        while self._next < len(self._steps) and self._steps[self._next].seq < burst.first:
            self._take(self._steps[self._next])
            self._next += 1
        return {
            "recent_views": [self._view(step, burst.start_ns) for step in self._views],
            "diagnostics": [
                _finding(path, server, one)
                for (path, server, _, _), held in self._findings.items()
                for one in held
            ][-MOST_FINDINGS:],
            "last_test": self._last_test(burst.start_ns),
        }

    def _take(self, step: AnyStep) -> None:
        match step:
            case ViewStep(path=str(), visible=visible) if visible:
                same = (one for one in self._views if one.path != step.path)
                self._views = [*same, step][-MOST_VIEWS:]
            case DiagnosticsStep(path=str() as path):
                for one in step.cleared:
                    held = self._findings.get(_key(path, step, one), [])
                    if held:
                        held.remove(one if one in held else held[0])
                for one in step.appeared:
                    self._findings.setdefault(_key(path, step, one), []).append(one)
            case TestsStep():
                self._tests = step
            case _:
                return

    def _view(self, step: ViewStep, now_ns: int) -> dict[str, object]:
        rows = [step.visible[0].first, step.visible[-1].last]
        return {"path": step.path, "rows": rows, "ms_ago": (now_ns - step.t_ns) // _MS}

    def _last_test(self, now_ns: int) -> dict[str, object] | None:
        if self._tests is None:
            return None
        cases = self._tests.cases
        told = zip(cases.ids, cases.outcomes, strict=True)
        failed = [name for name, outcome in told if outcome in RED]
        return {
            "failed": failed[:MOST_FAILED],
            "failed_count": len(failed),
            "exit_code": self._tests.exit_code,
            "ms_ago": (now_ns - self._tests.t_ns) // _MS,
        }


def _key(path: str, step: DiagnosticsStep, one: Diagnostic) -> tuple[str, str, str, str]:
    return path, one.server or step.server or "", one.code or "", one.message


def _finding(path: str, server: str, one: Diagnostic) -> dict[str, object]:
    return {
        "path": path,
        "server": server,
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "row": None if one.range is None else one.range.start.line,
    }
