"""Text that an editor held and no file ever got: what `today` names first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.history.local_sessions import View
from signoff_collector.history.restoring import present
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_collector.episode.moments import Moments
    from signoff_collector.history.day import Moment
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
        from signoff_collector.episode.disk_form import encode_form
        from signoff_collector.episode.moments import Moments

        moments, episode = Moments(session.episode), session.episode
        self._texts = [one for one in self._texts if not _came_back(moments, one)]
        last, t_ns = episode.step_count - 1, episode.header.duration_ns
        if last >= 0 and low_ns <= t_ns < high_ns:
            is_over = session.view is not View.LIVE
            for path, text in _unsaved(moments, last):
                self._texts.append(
                    _Text(
                        told=Unsaved(path=path, at=moment(last, t_ns), is_over=is_over),
                        text=text,
                        saved=encode_form(text, moments.form(path, last)),
                    )
                )

    def left(self) -> list[Unsaved]:
        """Return those whose file does not hold them now either, oldest first."""
        return [one.told for one in self._texts if not (one.told.is_over and self._is_there(one))]

    def _is_there(self, one: _Text) -> bool:
        with suppress(SignoffError, OSError):
            return present(self._root, one.told.path).content == one.saved
        return False


def _unsaved(moments: Moments, last: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of what is open after a step and not what lies on disk.

    Not of a file that was deleted under its editor and not touched since.
    """
    for path, buffer in moments.buffers(last):
        text, on_disk = moments.buffer(path, buffer, last), moments.disk(path, last)
        if text is None or text == on_disk:
            continue
        is_new = moments.absent(path, last) is None and moments.gone_since(path, last) is None
        if on_disk is not None or (is_new and text.strip()):
            yield path, text


def _came_back(moments: Moments, one: _Text) -> bool:
    """Say whether a session saw a text on disk, or again in an editor: then it tells of it."""
    path = one.told.path
    for life in moments.lives():
        if life.path == path and life.initial == one.text:
            return True
    return any(seen == one.text for seen in moments.disk_states(path))
