"""A reporter that every pytest typed in a terminal of the editor finds, and what those runs told.

It lies in a folder that PYTHONPATH of such terminals names; nobody finds it there while nothing is
recorded. Everything but `variables` and `follow` is for the work thread.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signoff_bridge.protocol.work import WorkQueue
    from signoff_collector.capture.journal.control import ControlLine
    from signoff_collector.capture.test_results.test_reports import EndedRun, ReportFolder
    from signoff_collector.own_files.home import Home

DESCRIPTION: Final = (
    "Signoff: a pytest started here tells which tests it ran, while this workspace is recorded."
)
_SECOND_NS: Final = 10**9
_LEFT_NS: Final = 60 * _SECOND_NS
"""A run is recorded by itself if no command explains it within this time."""
_MOST_DIGITS: Final = 10
_VOIDING: Final = frozenset({"pause", "forget", "stop", "disable"})


class TerminalReports:
    """The reporter of one bridge's terminals."""

    def __init__(self, home: Home | None, work: WorkQueue) -> None:
        self._home = home
        self._work = work
        self._folder: ReportFolder | None = None
        self._is_offered = False

    def variables(self, environ: Mapping[str, str], *, is_recording: bool) -> dict[str, str]:
        """Return what new terminals need; makes the folder when it is first asked for."""
        if self._folder is None and is_recording and self._home is not None:
            with suppress(SignoffError, OSError):
                self._folder, self._is_offered = _make(self._home), True
        if self._folder is None:
            return {}
        before = environ.get("PYTHONPATH", "").split(os.pathsep)
        parts = [part for part in before if part and _is_foreign(part, self._folder.folder)]
        return {"PYTHONPATH": os.pathsep.join([*parts, str(self._folder.folder)])}

    def follow(self, *, is_recording: bool) -> None:
        """Install the reporter while something is recorded, and remove it otherwise."""
        if self._folder is not None and is_recording != self._is_offered:
            self._is_offered = is_recording
            folder = self._folder
            self._work.submit(folder.offer if is_recording else folder.hide)

    def take(
        self, root: Path, began_ns: int, now_ns: int, lines: Sequence[ControlLine]
    ) -> list[tuple[EndedRun, bool]]:
        """Take the runs of a workspace that have ended, and whether this command made them.

        Args:
            root: of the workspace.
            began_ns: when the command that ended now began.
            now_ns: when its end was told.
            lines: requests to the session; a run that one of them touched is dropped.
        """
        found: list[tuple[EndedRun, bool]] = []
        for ended in () if self._folder is None else self._folder.ended(root):
            since_ns = ended.started_boot_ns
            is_own = began_ns - _SECOND_NS <= since_ns <= now_ns + _SECOND_NS
            if is_own or now_ns - since_ns > _LEFT_NS:
                ended.path.unlink(missing_ok=True)
                if not _is_void(lines, since_ns):
                    found.append((ended, is_own))
        return found

    def discard(self) -> None:
        """Discard runs without a command: the forgotten span may include them."""
        for path in () if self._folder is None else self._folder.folder.glob("*.spool"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Take the folder away."""
        if self._folder is not None:
            self._folder.remove()
            self._folder = None


def tests_body(
    ended: EndedRun, now_ns: int, mask: Callable[[str], str], *, is_wordless: bool
) -> dict[str, object]:
    """Return the `tests` step of a run, masked; without words where its command names a secret."""
    from signoff_collector.capture.runs.run_recording import masked_fields, wordless

    fields = wordless(ended.run.fields) if is_wordless else ended.run.fields
    told = {"kind": "tests", **masked_fields(fields, mask), "exactness": "unknown"}
    return {"t_boot_ns": now_ns, "t_kind": "event", **told}


def _is_void(lines: Sequence[ControlLine], since_ns: int) -> bool:
    from signoff_collector.capture.journal.control import control_state

    before = control_state([line for line in lines if line.t_boot_ns <= since_ns])
    return before.is_paused(since_ns) or any(
        line.verb in _VOIDING and line.t_boot_ns >= since_ns for line in lines
    )


def _is_foreign(part: str, own: Path) -> bool:
    """Say whether a part of PYTHONPATH is not of another recorder's, of an editor around this."""
    return Path(part).parent != own.parent


def _make(home: Home) -> ReportFolder:
    """Lay the reporter into a folder of this process; what dead ones left goes."""
    from signoff_collector.capture.test_results.test_reports import ReportFolder
    from signoff_collector.own_files.private_files import make_private_folder
    from signoff_collector.own_files.unfinished import is_running

    parent = home.state / "terminals"
    home.ensure()
    make_private_folder(parent)
    for left in parent.glob("run-*-*"):
        number = left.name.split("-")[1]
        if number.isdigit() and len(number) <= _MOST_DIGITS and not is_running(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    return ReportFolder.create(parent)
