"""Text that an editor held and no file ever got: what `today` names first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.episode.versions import is_same_text
from signoff_collector.history.files.restoring import present
from signoff_collector.history.local_sessions import View
from signoff_schemas.errors import SignoffError
from signoff_schemas.steps import CloseStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.history.day.day import Moment
    from signoff_collector.history.local_sessions import LocalSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """One text that stood in an editor, where its file held another one or was none."""

    path: str
    at: Moment
    """The last moment at which it stood: `restore` gets it from there."""
    is_over: bool
    """Its session ended with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """An unsaved text, to be looked for on disk later."""

    told: Unsaved
    text: str
    saved: bytes
    """What its file would hold."""


class UnsavedTexts:
    """The unsaved texts of one workspace, over its sessions from the oldest on."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: list[_Text] = []

    def follow(
        self, session: LocalSession, moment: Callable[[int, int], Moment], low_ns: int, high_ns: int
    ) -> None:
        """Take the next session: what it saved is safe, what it left unsaved is not.

        Args:
            session: a later one than before; one that is masked says nothing about texts.
            moment: from a step and its time in this session.
            low_ns: since the session's start; what stood unsaved before does not count.
            high_ns: likewise, what stands from then on.

        Raises:
            SignoffError: its edits do not fit its texts.
        """
        if session.view is View.MASKED:
            return
        from signoff_collector.episode.moments.disk_form import encode_form
        from signoff_collector.episode.moments.moments import Moments

        moments, episode = Moments(session.episode), session.episode
        self._texts = [
            one for one in self._texts if not _came_back(moments, one.told.path, one.text)
        ]
        last, is_over = episode.step_count - 1, session.view is not View.LIVE
        for seq, path, text in (*_lost(moments), *_open(moments, last)):
            t_ns = episode.header.duration_ns if seq == last else int(episode.times()[seq])
            if low_ns <= t_ns < high_ns:
                told = Unsaved(path=path, at=moment(seq, t_ns), is_over=is_over or seq != last)
                saved = encode_form(text, moments.form(path, seq))
                self._texts.append(_Text(told=told, text=text, saved=saved))

    def left(self) -> list[Unsaved]:
        """Return those whose file does not hold them now either, oldest first."""
        return [one.told for one in self._texts if not (one.told.is_over and self._is_there(one))]

    def _is_there(self, one: _Text) -> bool:
        with suppress(SignoffError, OSError):
            return present(self._root, one.told.path).content == one.saved
        return False


def _open(moments: Moments, last: int) -> Iterator[tuple[int, str, str]]:
    """Yield what is open after the last step and on no disk: that step, path and text."""
    for path in dict.fromkeys(path for path, _ in moments.buffers(last)):
        for buffer in moments.hiding_buffers(path, last):
            text = moments.buffer(path, buffer, last) or ""
            if text.strip():
                yield last, path, text
                break


def _lost(moments: Moments) -> Iterator[tuple[int, str, str]]:
    """Yield what an editor took with it when it was killed or cut off: its last step, path, text.

    Not what the disk or an editor got later.
    """
    for step in moments.episode.steps:
        if isinstance(step, CloseStep) and step.reason == "lost" and step.path is not None:
            path, seq, buffer = step.path, step.seq - 1, step.buffer or 0
            text = moments.buffer(path, buffer, seq) or ""
            is_lost = text.strip() and buffer in moments.hiding_buffers(path, seq)
            if is_lost and not _came_back(moments, path, text, after=seq):
                yield seq, path, text


def _came_back(moments: Moments, path: str, text: str, *, after: int = -1) -> bool:
    """Say whether a text was seen on disk after a step, or again in an editor."""
    for life in moments.lives_of(path):
        if life.since > after and is_same_text(life.initial, text):
            return True
    return any(
        isinstance(content := moments.disk(path, change.seq), str) and is_same_text(content, text)
        for change in moments.disk_changes(path)
        if change.seq > after
    )
