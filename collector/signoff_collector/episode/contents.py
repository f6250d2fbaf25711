"""Computes the texts of `versions` on demand, and compares buffer texts with the disk."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from signoff_collector.episode.content import decode_text
from signoff_collector.episode.texts import ImpossibleEditError, TextHistory
from signoff_collector.episode.versions import SearchProgress, is_same_text, may_be_same
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.versions import Life, Timeline, Version


class Contents:
    """Lazily computed contents of one episode."""

    def __init__(self, episode: Episode) -> None:
        self._blobs = episode.blobs
        self._edits = episode.edits

    def of(self, version: Version) -> str | bytes:
        """Return the text of a version, or bytes where it is not text.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        if version.life is not None:
            return self.text(version.life, version.edits)
        if version.blob is None:
            return ""
        content = self._blobs[version.blob]
        try:
            return decode_text(content)
        except UnicodeDecodeError:
            return content

    def text(self, life: Life, edits: int) -> str:
        """Return the text of a buffer after its first `edits` edits.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        try:
            return self._history(life).after(edits)
        except ImpossibleEditError as error:
            number = int(life.edit_numbers[error.index]) + 1
            raise DamagedError(f"edit {number} does not fit its text: {error}") from error

    def hides(self, life: Life, line: Timeline, seq: int) -> bool:
        """Say whether a buffer has unsaved text: the disk never held it since it was made.

        Compares each state of the disk once, and contents only where lengths may be equal.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        done = life.done(seq)
        met = life.met.get(done)
        if met is None:
            first = bisect_right(line.seqs, life.touched(done)) - 1
            life.met[done] = met = SearchProgress(max(0, first))
        last = bisect_right(line.seqs, seq)
        while met.found is None and met.looked < last:
            if self._is_of(line.versions[met.looked], life, done):
                met.found = met.looked
            met.looked += 1
        return met.found is None or met.found >= last

    def met(self, life: Life, version: Version, since: int, until: int) -> bool:
        """Say whether a buffer held a content at any step from `since` to before `until`.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        first, end = life.done(max(life.since, since)), life.done(until - 1)
        return any(self._is_of(version, life, done) for done in range(first, end + 1))

    def _is_of(self, version: Version | None, life: Life, done: int) -> bool:
        """Say whether a content on disk is a buffer's text after `done` edits."""
        if version is None or version.absent is not None:
            return False
        if version.has_text_of(life, done):
            return True
        mine, content = self._history(life), None
        if version.life is None:
            content = self.of(version)
            if isinstance(content, bytes):
                return False
            length, has_returns = len(content), "\r" in content
        else:
            other = self._history(version.life)
            length, has_returns = other.length(version.edits), other.has_returns
        if not has_returns and not mine.has_returns and not may_be_same(mine.length(done), length):
            return False
        content = self.of(version) if content is None else content
        return isinstance(content, str) and is_same_text(content, self.text(life, done))

    def _history(self, life: Life) -> TextHistory:
        if life.history is None:
            life.history = self._made(life)
        return life.history

    def _made(self, life: Life) -> TextHistory:
        initial = self.of(life.initial)
        if isinstance(initial, bytes):
            raise DamagedError("a buffer was opened on bytes that are not text")
        edits = self._edits
        is_all = len(life.edit_numbers) == len(edits)
        own = edits if is_all else edits.select(life.edit_numbers)
        return TextHistory(
            initial=initial,
            start=own.start,
            deleted=own.deleted,
            inserted=own.inserted,
            text=own.text,
            replacements=own.replacements,
        )
