"""What a drawn workbench shows at a moment: each part recorded, or assumed and said so.

Only the episode is read, in which secrets are masked; a scene knows nothing of any work tree.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.verdicts import RED
from signoff_collector.picture.looking import NO_CARET, Caret, Looking
from signoff_collector.picture.terminal_tail import Terminal
from signoff_collector.replay.problems import Problems
from signoff_collector.replay.reel import Reel
from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.test_runs.failing import Failing
    from signoff_collector.picture.terminal_tail import TerminalLine
    from signoff_collector.replay.problems import Standing
    from signoff_schemas.values import Diagnostic, LineSpan

ASSUMED: Final[Mapping[str, str]] = {
    "window": "sizes of the window, its parts and its letters, and its colours",
    "folders": "which folders of the tree were open: those that lead to open files",
    "tabs": "the order of the tabs: in which the files were first opened",
    "active": "which file was in front: the one last worked on",
    "from_disk": "that a file which no editor held was looked at: its text on disk is drawn",
    "cursor": "the cursor: behind the last edit",
    "moved": "the cursor: where it has to have been for what was done next (frames alone)",
    "no_cursor": "nothing tells where the cursor was: none is drawn",
    "view": "the visible lines: around the cursor, else from the top",
    "view_part": "fewer lines than were recorded as visible, for which the picture has no room",
    "view_end": "lines below those recorded as visible, for which the picture has room",
    "columns": "the text is moved to the left, so that the cursor is in view",
    "problems": "places of diagnostics: the text changed since they were told",
    "terminal": "that commands ran in one terminal, whose prompt is `$`",
}
"""What a picture may have assumed: the code that its facts name, and what it means."""
_MOST_TERMINAL_ROWS: Final = 300
_Standing = tuple[tuple[tuple[str | None, "Diagnostic"], ...], int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """A file that an editor held."""

    path: str
    is_unsaved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestState:
    """What the test runs until a moment came to."""

    __test__ = False

    passed: int
    failed: int
    """Both of the last run."""
    failing: Failing | None
    """The tests that are red by then, of whichever run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that is drawn of one moment, whatever the size of the picture."""

    seq: int
    t_ns: int
    files: tuple[str, ...] = ()
    open_files: tuple[OpenFile, ...] = ()
    path: str | None = None
    """The file in front; None: none was open."""
    text: str | None = None
    why_not: str = ""
    """Why there is no text, in our words."""
    caret: Caret = NO_CARET
    visible: tuple[LineSpan, ...] = ()
    """Lines as recorded; none: nobody told."""
    problems: tuple[tuple[str | None, Diagnostic], ...] = ()
    """Path and finding of every diagnostic that stands."""
    errors: int = 0
    warnings: int = 0
    """How many of these are."""
    terminal: tuple[TerminalLine, ...] = ()
    tests: TestState | None = None
    assumed: tuple[str, ...] = ()
    """Keys of `ASSUMED` that hold whatever the size of the picture."""


class Scenes:
    """The scenes of one episode; asking in order of time is cheap."""

    def __init__(self, episode: Episode) -> None:
        """Build the index; 0.1 s for a day of eight hours.

        Raises:
            DamagedError: its edits belong to no open buffer, or a blob is missing.
        """
        self.reel = Reel(episode)
        self._looking = Looking(episode)
        self._problems = Problems(episode.steps)
        self._counted: tuple[Standing, _Standing] = ([], ((), 0, 0))
        self._terminal = Terminal(episode)
        self._runs = [step for step in episode.steps if isinstance(step, TestsStep)]
        self._files = lru_cache(4)(self._files_after)

    def at(self, seq: int, *, front: str | None = None) -> Scene:
        """Return the scene after a step; -1 is before the first.

        Args:
            seq: of the step.
            front: a file that is drawn in front whatever was; None for the one worked on.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        place = self.reel.place_of_seq(seq)
        files = self._files(bisect_right(self._looking.file_seqs, seq))
        open_files = self._open_files(seq)
        if front is None:
            path, buffer = self._in_front(place, seq, open_files)
        else:
            path, buffer = front, self._shown(front, seq)
        text, why_not = self._text(path, buffer, seq)
        caret = self._caret(path, buffer, seq, text)
        is_held = path is not None and buffer is not None and text is not None
        visible = self._looking.visible(path, seq) if path is not None and is_held else ()
        problems, errors, warnings = self._standing(seq)
        terminal = self._terminal.at(seq, _MOST_TERMINAL_ROWS)
        is_moved = path is not None and self._looking.edited_since(
            path, buffer, self._problems.changed.get(path, seq), seq
        )
        says = {
            "window": True,
            "folders": any("/" in one for one in files),
            "tabs": len(open_files) > 1,
            "active": path is not None and len(open_files) > 1,
            "from_disk": path is not None and buffer is None and text is not None,
            "cursor": caret.cursor is not None and not caret.is_recorded,
            "no_cursor": text is not None and caret.cursor is None,
            "problems": is_moved and any(named == path for named, _ in problems),
            "terminal": bool(terminal),
        }
        return Scene(
            seq=seq,
            t_ns=self.reel.time(place),
            files=files,
            open_files=open_files,
            path=path,
            text=text,
            why_not=why_not,
            caret=caret,
            visible=visible,
            problems=problems,
            errors=errors,
            warnings=warnings,
            terminal=terminal,
            tests=self._tests(seq),
            assumed=tuple(name for name, is_so in says.items() if is_so),
        )

    def _standing(self, seq: int) -> _Standing:
        """Return the problems after a step and how many are errors and warnings."""
        found = self._problems.at(seq)
        if found is not self._counted[0]:
            kinds = [one.severity for _, one in found]
            counts = (tuple(found), kinds.count("error"), kinds.count("warning"))
            self._counted = found, counts
        return self._counted[1]

    def _files_after(self, count: int) -> tuple[str, ...]:
        """Return the files after so many steps that may change which there are."""
        seqs = self._looking.file_seqs
        return self.reel.moments.paths(seqs[count - 1]) if count else ()

    def _open_files(self, seq: int) -> tuple[OpenFile, ...]:
        moments = self.reel.moments
        paths = sorted(
            {path for path, _ in moments.buffers(seq)},
            key=lambda path: (self._looking.first_opened(path), path),
        )
        return tuple(
            OpenFile(path=path, is_unsaved=moments.hiding(path, seq) is not None) for path in paths
        )

    def _in_front(
        self, place: int, seq: int, open_files: tuple[OpenFile, ...]
    ) -> tuple[str | None, int | None]:
        """Return the path that is drawn and its buffer, or the file last heard of as on disk."""
        moments = self.reel.moments
        buffers = moments.buffers(seq)
        path = self._looking.in_front(seq, {one.path for one in open_files})
        if path is None and buffers:
            path = buffers[-1][0]
        if path is not None:
            return path, self._shown(path, seq)
        path = self.reel.path(place) if place >= 0 else None
        if path is None or moments.disk(path, seq) is None:
            return None, None
        return path, None

    def _shown(self, path: str, seq: int) -> int | None:
        """Return the buffer of a file that is drawn; None where no editor holds it."""
        moments = self.reel.moments
        shown = moments.shown_buffer(path, seq)
        return _newest(moments.buffers(seq), path) if shown is None else shown

    def _text(self, path: str | None, buffer: int | None, seq: int) -> tuple[str | None, str]:
        if path is None:
            return None, "no file is open"
        moments = self.reel.moments
        content = moments.disk(path, seq) if buffer is None else moments.buffer(path, buffer, seq)
        if isinstance(content, bytes):
            return None, f"{len(content)} bytes that are not text"
        return content, "" if content is not None else "its text is not in the episode"

    def _caret(self, path: str | None, buffer: int | None, seq: int, text: str | None) -> Caret:
        """Return the cursor of the file in front; offsets beyond its text are at its end."""
        if path is None or buffer is None or text is None:
            return NO_CARET
        caret, end = self._looking.caret(path, buffer, seq), len(text)
        return Caret(
            cursor=None if caret.cursor is None else min(caret.cursor, end),
            selections=tuple(
                (min(one, other, end), min(max(one, other), end))
                for one, other in caret.selections
                if one != other
            ),
            is_recorded=caret.is_recorded,
        )

    def _tests(self, seq: int) -> TestState | None:
        place = bisect_right(self._runs, seq, key=lambda step: step.seq)
        if not place:
            return None
        outcomes = list(self._runs[place - 1].cases.outcomes)
        failed = sum(outcome in RED for outcome in outcomes)
        return TestState(
            passed=outcomes.count("passed"), failed=failed, failing=self.reel.failing.at(seq)
        )


def _newest(buffers: tuple[tuple[str, int], ...], path: str) -> int | None:
    return next((number for name, number in reversed(buffers) if name == path), None)
