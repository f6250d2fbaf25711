"""Find text that was in an editor and never saved: listed first by `today`."""

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
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.history.moment_of_session import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """One editor text that differs from its file, or has none."""

    path: str
    at: Moment
    """The last moment with this text: `restore` can restore it from there."""
    is_over: bool
    """Whether its session has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """An unsaved text that is still to be compared with the disk."""

    told: Unsaved
    text: str
    saved: bytes
    """Bytes that saving it would have written."""


class UnsavedTexts:
    """The unsaved texts of one workspace; sessions are added oldest first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: list[_Text] = []

    def follow(
        self, session: LocalSession, moment: Callable[[int, int], Moment], low_ns: int, high_ns: int
    ) -> None:
        """Process the next session: texts that it saved are dropped, unsaved ones are added.

        Args:
            session: later than those before; a masked one is skipped, since its texts were changed.
            moment: makes a reference of a step and its time.
            low_ns: since the session's start; earlier unsaved texts do not count.
            high_ns: likewise; nor do later ones.

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
        """Return those whose file on disk does not have them, oldest first.

        An open one is compared too: a window that was loaded anew may never have told of a save.
        """
        return [one.told for one in self._texts if not self._is_there(one)]

    def _is_there(self, one: _Text) -> bool:
        with suppress(SignoffError, OSError):
            return present(self._root, one.told.path).content == one.saved
        return False


def _open(moments: Moments, last: int) -> Iterator[tuple[int, str, str]]:
    """Yield step, path and text of unsaved buffers at the end of the session."""
    for path in dict.fromkeys(path for path, _ in moments.buffers(last)):
        for buffer in moments.hiding_buffers(path, last):
            text = moments.buffer(path, buffer, last) or ""
            if text.strip():
                yield last, path, text
                break


def _lost(moments: Moments) -> Iterator[tuple[int, str, str]]:
    """Yield last step, path and text of unsaved buffers of editors that were killed.

    Texts that later appeared on disk or in an editor are left out.
    """
    for step in moments.episode.steps:
        if isinstance(step, CloseStep) and step.reason == "lost" and step.path is not None:
            path, seq, buffer = step.path, step.seq - 1, step.buffer or 0
            text = moments.buffer(path, buffer, seq) or ""
            is_lost = text.strip() and buffer in moments.hiding_buffers(path, seq)
            if is_lost and not _came_back(moments, path, text, after=seq):
                yield seq, path, text


def _came_back(moments: Moments, path: str, text: str, *, after: int = -1) -> bool:
    """Return whether a text appeared on disk, or again in an editor, after a step."""
    for life in moments.lives_of(path):
        if life.since > after and is_same_text(life.initial, text):
            return True
    return any(
        isinstance(content := moments.disk(path, change.seq), str) and is_same_text(content, text)
        for change in moments.disk_changes(path)
        if change.seq > after
    )
