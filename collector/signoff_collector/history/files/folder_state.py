"""Compare a folder at one moment with its present content on disk.

Only files that occur in the recorded history are considered; all others are neither read nor
changed. A file is deleted only if the history says that it did not exist at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.policy import Policy, Reason
from signoff_collector.episode.moments.disk_form import encode_form
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.history.files.replacing import Replacement
from signoff_collector.history.files.restoring import present
from signoff_collector.history.files.session_base import base_at, start_of
from signoff_collector.history.local_sessions import View
from signoff_collector.kept.replaced_files import digest
from signoff_collector.trees.whole_tree import WholeTree, whole_tree
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.history.local_sessions import LocalSession

_HIDDEN: Final = {
    Reason.NEVER: "is on the never-record list",
    Reason.BUILD_PRODUCT: "is a build product",
    Reason.SIGNOFFIGNORE: "is ignored by .signoffignore",
    Reason.GIT_IGNORED: "is ignored by git",
    Reason.NESTED: "is in a separate repository",
    Reason.GIT_INTERNAL: "belongs to git",
    Reason.OUTSIDE: "is reached through a symbolic link",
}
_LINK: Final = "120000"
_UNRECORDED: Final = "holds changes that were never recorded"


@dataclass(slots=True, kw_only=True)
class FolderState:
    """The changes that would restore a folder."""

    replacements: list[Replacement] = field(default_factory=list[Replacement])
    missing: list[str] = field(default_factory=list[str])
    """Files that existed and whose content was not recorded."""
    left: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Files that are not touched, and why."""
    losses: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Files that would be replaced, and the text that would be lost for good."""
    is_known: bool = False
    """Whether the history names any file of the folder."""


class _Last:
    """Final state of the files of one session."""

    def __init__(self, session: LocalSession) -> None:
        """Replay the session once.

        Raises:
            SignoffError: it cannot be read.
        """
        self.view = session.view
        self.moments = Moments(session.episode)
        self.seq = session.episode.step_count - 1
        self._open: dict[str, list[int]] = {}
        for path, buffer in self.moments.buffers(self.seq):
            self._open.setdefault(path, []).append(buffer)

    def paths(self) -> Iterator[str]:
        """Yield every path with a recorded content; paths may repeat."""
        yield from self.moments.disk_paths(self.seq)
        yield from (life.path for life in self.moments.lives())

    def loss(self, wanted: Replacement, committed: Mapping[str, bytes]) -> str | None:
        """Return what replacing a file would lose; empty for nothing, None if not known."""
        path, before, then = wanted.path, wanted.before.content, wanted.content
        texts = [self.moments.buffer(path, one, self.seq) for one in self._open.get(path, ())]
        on_disk = self.moments.disk_bytes(path, self.seq)
        absent = self.moments.absent(path, self.seq)
        if on_disk is None and absent is None and not texts:
            return None
        form = self.moments.form(path, self.seq)
        shown = [encode_form(text, form) for text in texts if text is not None]
        over = self.moments.file_bytes(path, self.seq)
        if self.view is View.LIVE and over not in (None, on_disk, then, before):
            return "has unsaved text in an editor"
        known = {digest(one) for one in (on_disk, committed.get(path), *shown)}
        if absent is not None:
            known |= {absent.sha256, digest(committed.get(absent.base_path or path))}
        return "" if digest(before) in known else _UNRECORDED


def folder_state(
    sessions: Sequence[LocalSession],
    seq: int,
    folder: str,
    *,
    is_disk: bool,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> FolderState:
    """Compare a folder with its state after a step.

    Args:
        sessions: of one workspace, newest first; the moment lies in the last of them.
        seq: the last applied step.
        folder: relative to the workspace; empty for all of it.
        is_disk: use saved files only, not unsaved buffers.
        progress: called with the number of compared files, and their total.

    Raises:
        SignoffError: a session cannot be read, or git fails.
    """
    chosen, ends = sessions[-1], [_Last(one) for one in sessions]
    prefix = f"{folder}/" if folder else ""
    named = {path for end in ends for path in end.paths()}
    paths = sorted(path for path in named if path.startswith(prefix))
    state = FolderState(is_known=bool(paths))
    start, moments = start_of(chosen), ends[-1].moments
    base = base_at(chosen.root, start.commit, paths)
    seq = max(seq, start.overlay_seq)
    tree = whole_tree(moments, seq, base, is_disk=is_disk)
    committed = {} if base is None else {path: data for path, _, data in base.files()}
    is_all_told = start.is_complete and (base is not None or start.commit is None)
    gone, lacking = moments.gone(seq), frozenset(tree.missing)
    hidden = _hidden(chosen.root, paths)
    for number, path in enumerate(paths):
        progress(number, len(paths))
        wanted = hidden.get(path) or _wanted(chosen.root, path, tree)
        if isinstance(wanted, str):
            state.left.append((path, wanted))
        elif not wanted.is_needed:
            continue
        elif path in lacking or (wanted.content is None and moments.absent(path, seq) is not None):
            state.missing.append(path)
        elif wanted.content is None and not is_all_told and path not in gone:
            state.left.append((path, "it is not known whether it existed then"))
        else:
            state.replacements.append(wanted)
            loss = _loss(wanted, ends, committed)
            state.losses += [(path, loss)] if loss else []
    return state


def _loss(wanted: Replacement, ends: Sequence[_Last], committed: Mapping[str, bytes]) -> str:
    """Return what would be unrecoverable if a file were replaced; empty for nothing."""
    before = wanted.before.content
    if before is None:
        return ""
    said = (end.loss(wanted, committed) for end in ends)
    unknown = "" if before == committed.get(wanted.path) else _UNRECORDED
    return next((one for one in said if one is not None), unknown)


def _wanted(root: Path, path: str, tree: WholeTree) -> Replacement | str:
    """Return the replacement for a file, or the reason to leave it."""
    try:
        before = present(root, path)
    except (RefusedError, OSError) as error:
        return "is not a file now" if isinstance(error, RefusedError) else "cannot be read"
    then = tree.files.get(path)
    if then is not None and then.mode == _LINK:
        return "was a link"
    if then is None:
        return Replacement(path=path, before=before, content=None)
    return Replacement(path=path, before=before, content=then.content, mode=then.mode)


def _hidden(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return which files must not be touched now, and why."""

    @dataclass(frozen=True)
    class Place:
        root: Path
        is_file: bool = False

    verdicts = Policy.for_workspace(Place(root)).verdicts([root / path for path in paths])
    found = {path: verdicts[root / path].reason for path in paths}
    return {path: _HIDDEN[reason] for path, reason in found.items() if reason in _HIDDEN}
