"""What was typed in editors, as replacements of text on disk.

An editor holds a text apart from the disk until it is saved; a tool knows the disk alone. So each
burst becomes a replacement in the file at the time of the burst, unless something looked at the
disk before the save: a command, a test run, git, a checkpoint. Then it is done at the save.
Where bursts do not fit the file (the file was changed beneath the buffer, an encoding cannot hold
the text between), one change does what the save did.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import encode_text
from signoff_collector.episode.imported import imported_of
from signoff_datasets.actions.action import Action, Change, FileState, Unsaved
from signoff_datasets.actions.authors import UNKNOWN, author_of_edits
from signoff_datasets.actions.changes import (
    as_text,
    carry_out,
    changes_between,
    is_text,
    mode_change,
)
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import OpenStep, SaveStep
from signoff_schemas.words import ACTOR_CLASSES, ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_schemas.values import DiskForm

_PASTED: Final = ACTOR_CLASSES.index(ActorClass.PASTED)
_TYPED: Final = ACTOR_CLASSES.index(ActorClass.TYPED)
_ACCEPTED: Final = ACTOR_CLASSES.index(ActorClass.COMPLETION)
_CRLF: Final = "crlf"


def never_saved(episode: Episode, moments: Moments) -> frozenset[str]:
    """Return the files of an imported episode that it shows in an editor alone.

    Its source knows no saves, so nobody can say when an edit reached the disk: commands behind it
    most likely saw it.
    """
    if imported_of(episode.header) is None:
        return frozenset()
    opens = {step.seq for step in episode.steps if isinstance(step, OpenStep)}
    saved = {step.path for step in episode.steps if isinstance(step, SaveStep)}
    changed = {path for seq, path in moments.changes() if seq not in opens}
    return frozenset(path for path in episode.files if path not in saved | changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of a buffer's text to disk."""

    seq: int
    path: str
    before: FileState | None
    after: FileState
    form: DiskForm | None
    is_saved: bool = True


class Editing:
    """Gives out the bursts of each buffer as it is written to disk."""

    def __init__(
        self,
        episode: Episode,
        bursts: Sequence[Burst],
        observers: Sequence[int],
        never_saved: frozenset[str],
    ) -> None:
        """Take the bursts.

        Args:
            episode: that they are of.
            bursts: all of it.
            observers: `seq` of the steps at which something looks at the disk, ascending.
            never_saved: paths of which a recording of another tool tells no save.
        """
        self._episode = episode
        self._observers = observers
        self._never_saved = never_saved
        self._waiting: dict[tuple[str, int], list[Burst]] = {}
        self._coming = list(reversed(bursts))
        self.discarded: list[Unsaved] = []

    def dropped(self, path: str, buffer: int, seq: int) -> None:
        """Note that a buffer was closed or replaced: what was not saved is gone."""
        self._fetch(seq)
        for burst in self._waiting.pop((path, buffer), []):
            if burst.action is not None:
                self.discarded.append(Unsaved(path=path, first=burst.first, last=burst.last))

    def drop_rest(self) -> None:
        """Note that nothing more is written."""
        self._fetch(self._episode.step_count)
        for path, buffer in list(self._waiting):
            self.dropped(path, buffer, self._episode.step_count)

    def written(self, write: Write, buffer: int) -> Iterator[Action]:
        """Yield the actions of one write of a buffer."""
        self._fetch(write.seq)
        waiting = self._waiting.pop((write.path, buffer), [])
        waiting = [burst for burst in waiting if burst.action is not None]
        each = _one_by_one(waiting, write)
        if each is not None:
            yield from self._placed(waiting, each, write)
        else:
            found = tuple(changes_between(write.path, write.before, write.after))
            changes = tuple(one for one in found if one.name != "set_mode")
            if changes:
                is_whole = _holds_bursts(waiting, write)
                yield self._action(waiting, changes, write, place=write.seq, is_whole=is_whole)
        modes = tuple(mode_change(write.path, write.before, write.after))
        if modes:
            yield self._action([], modes, write, place=write.seq, is_whole=False)

    def _fetch(self, seq: int) -> None:
        while self._coming and self._coming[-1].first <= seq:
            burst = self._coming.pop()
            self._waiting.setdefault((burst.path, burst.buffer), []).append(burst)

    def _placed(
        self, bursts: Sequence[Burst], changes: Sequence[Change], write: Write
    ) -> Iterator[Action]:
        is_late = False
        for burst, change in zip(bursts, changes, strict=True):
            seen = bisect_right(self._observers, burst.last)
            is_late |= seen < len(self._observers) and self._observers[seen] < write.seq
            is_late |= not write.is_saved
            is_at_save = is_late and write.path not in self._never_saved
            place = write.seq if is_at_save else burst.last
            yield self._action([burst], (change,), write, place=place, is_whole=True)

    def _action(
        self,
        bursts: Sequence[Burst],
        changes: tuple[Change, ...],
        write: Write,
        *,
        place: int,
        is_whole: bool,
    ) -> Action:
        edits = self._episode.edits
        first = bursts[0].first if bursts else write.seq
        last = bursts[-1].last if bursts else write.seq
        own = edits.select(slice(0, 0))
        if bursts:
            low, high = edits.count_until(first - 1), edits.count_until(last)
            own = edits.select(slice(low, high))
            file = self._episode.files.index(write.path)
            own = own.select((own.file == file) & (own.buffer == bursts[0].buffer))
        counted = {
            cls: int(own.inserted[own.actor == cls].sum()) for cls in (_TYPED, _PASTED, _ACCEPTED)
        }
        kind = changes[0].name
        return Action(
            kind="apply_patch" if kind == "set_mode" or not bursts else kind,
            seq_first=first,
            seq_last=last,
            place=place,
            t_ns=bursts[0].start_ns if bursts else None,
            author=author_of_edits(own, is_whole=is_whole) if bursts else UNKNOWN,
            path=write.path,
            changes=changes,
            typed=counted[_TYPED],
            pasted=counted[_PASTED],
            accepted=counted[_ACCEPTED],
            inserted=int(own.inserted.sum()),
            deleted=int(own.deleted.sum()),
            is_in_editor=bool(bursts),
            is_unsaved=not write.is_saved,
        )


def _one_by_one(bursts: Sequence[Burst], write: Write) -> list[Change] | None:
    """Return one change of the file for each burst; None where they lead to something else.

    The last line ending that a form adds or drops makes them not fit too.
    """
    if not bursts:
        return None
    files = {} if write.before is None else {write.path: write.before}
    is_crlf = write.form is not None and write.form.eol == _CRLF
    changes: list[Change] = []
    for burst in bursts:
        action = burst.action
        if action is None or not (is_text(action.old) and is_text(action.new)):
            return None
        old, new = ((_crlf(one) if is_crlf else one) for one in (action.old, action.new))
        if action.old:
            change = Change(name="str_replace", path=write.path, old=old, new=new)
        elif not files or not files[write.path].content:
            change = Change(name="create", path=write.path, content=encode_text(new))
        else:
            return None
        try:
            carry_out(files, change)
        except DamagedError:
            return None
        if as_text(files[write.path].content) is None:
            return None
        changes.append(change)
    return changes if files[write.path].content == write.after.content else None


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _holds_bursts(bursts: Sequence[Burst], write: Write) -> bool:
    """Say whether the bursts alone lead from what was on disk to what was written, as texts."""
    if not bursts:
        return False
    text: str | None = "" if write.before is None else _shown(write.before.content)
    for burst in bursts:
        if text is None or burst.action is None:
            return False
        try:
            text = burst.action.apply(text)
        except ValueError:
            return False
    shown = _shown(write.after.content)
    return text is not None and shown is not None and _plain(text) == _plain(shown)


def _shown(content: bytes) -> str | None:
    """Return the text of a file as editors show it."""
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding, "surrogatepass").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\n")
