"""Journal file changes: a thread of the watcher process with its own journal.

A failure here is contained: the git watcher goes on, and `watch.json` says why files are not
watched any more.
"""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_items import Allowance, keep_items
from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.file_watch import FileWatcher
from signoff_collector.capture.files.tree_listing import TreeReader, read_differing
from signoff_collector.capture.files.watch_state import WatchState, write_watch_state
from signoff_collector.capture.git.git import Git
from signoff_collector.capture.journal.control import ControlReader
from signoff_collector.capture.journal.disk_contents import MAX_FILES
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Workspace, find_workspace
from signoff_collector.capture.sessions.record_journal import RecordJournal
from signoff_collector.capture.tallies.touched_files import TouchedFiles, watched_files
from signoff_collector.system.files.spelling import true_path
from signoff_collector.workspaces.work_trees import WorkTree, work_tree_of
from signoff_schemas.errors import SessionOverError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signoff_collector.capture.files.file_folders import Limits
    from signoff_collector.capture.files.file_items import FileItem
    from signoff_collector.capture.files.file_settling import Burst
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock, Moment

SOURCE: Final = "files"
_PERIOD_S: Final = 0.5
_BATCH_S: Final = 0.03
"""Debounce: after the first event wait for more; reading them together costs a tenth."""
_LONGEST_END_S: Final = 60.0
_COUNTS_EVERY_NS: Final = 10_000_000_000
"""Minimum interval between writing changed folder counts to `watch.json`."""
_LONGEST_ANSWER_S: Final = 5.0
_LONGEST_HOLD_NS: Final = 5_000_000_000
"""Limit of waiting for a look at git."""
_MANY: Final = 4_096
_BULK_KEPT_BYTES: Final = 4 << 20
"""Limit of contents kept of a bulk change: masking takes 17 MB of memory per MB."""
_CLOCKS_DIFFER_NS: Final = 2_000_000
"""What a time of a file system may be off, converted from the time of day."""


def _changed_ns(item: Mapping[str, object]) -> int:
    """Return when a file changed, by its item; 0 where that is not known."""
    found = item.get("changed_boot_ns")
    return found if type(found) is int else 0


class FileRecording(threading.Thread):
    """Watches the files of one session until `stop`."""

    def __init__(
        self, home: Home, session: Session, clock: Clock, limits: Limits | None = None
    ) -> None:
        super().__init__(name="signoff-files", daemon=True)
        self._home = home
        self._session = session
        self._clock = clock
        self._root = true_path(session.root)
        self._rules = FileRules(self._root, self._policy)
        self._watcher = FileWatcher(self._root, self._rules, clock, limits)
        self._watcher.touched = self._paths_touched
        self.has_git_moved: Callable[[], bool] = lambda: False
        """Returns whether git wrote refs that nobody has looked at yet."""
        self._held_until_ns = 0
        self._touched = TouchedFiles(session)
        self._tree = TreeReader(self._root, self._rules)
        self._control = ControlReader(session.control, clock)
        self._known_policy: tuple[Workspace, WorkTree | None, Policy] | None = None
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._answered = threading.Event()
        self._until: Moment | None = None
        self._told_ns = 0
        self._waker = os.pipe()
        self._has_begun = False
        self._was_paused = False
        self._pauses = 0
        self._settled_pauses = 0
        self._untold: frozenset[Path] = frozenset()
        self._said: WatchState | None = None
        self._next_say_ns = 0

    def stop(self) -> None:
        """Poll once more, record the final state of the work tree, and end the thread."""
        self._stopping.set()
        os.write(self._waker[1], b".")
        self.join(_LONGEST_END_S)
        if not self.is_alive():
            for descriptor in self._waker:
                os.close(descriptor)

    def tell_now(self, until: Moment | None = None) -> int:
        """Flush: record all changes up to now, though the burst may go on; blocks until done.

        So whatever is recorded after this call follows those changes. With a moment in the past,
        files that changed after it are left for the next record. Returns when the last recorded
        change happened (boot time), 0 while there is none.
        """
        if not self.is_alive():
            return self._told_ns
        self._answered.clear()
        self._until = until
        self._asked.set()
        os.write(self._waker[1], b".")
        self._answered.wait(_LONGEST_ANSWER_S)
        return self._told_ns

    def untold(self, pauses: int) -> frozenset[Path] | None:
        """Return the files that changed during pauses: no content of them is kept.

        Args:
            pauses: how many pauses there have been; the result is None while some are not examined.
        """
        return self._untold if self._settled_pauses >= pauses else None

    def run(self) -> None:
        """The thread's main function; never raises."""
        try:
            self._watch()
        except SessionOverError:
            return
        except SignoffError as error:
            self._watcher.troubles.failure = str(error)
        except Exception as error:  # noqa: BLE001  the git watcher goes on, and it is said
            self._watcher.troubles.failure = f"a fault of ours ({type(error).__name__})"
        finally:
            self._answered.set()
            if self._watcher.troubles.failure is not None:
                with suppress(SignoffError):
                    self._say()
            self._watcher.close()

    def _watch(self) -> None:
        if self._root.is_file():
            self._watcher.troubles.failure = "only one file is recorded, as editors save it"
            return
        with RecordJournal(self._session, self._clock, SOURCE) as journal:
            is_last = False
            while not is_last:
                is_last = self._stopping.is_set()
                is_asked = self._asked.is_set()
                until = self._until if is_asked and not is_last else None
                self._step(journal, is_forced=is_last or is_asked, until=until)
                if is_asked:
                    self._asked.clear()
                    self._answered.set()
                if not is_last:
                    self._wait()
            if self._has_begun and self._obey(journal):
                self._record_tree(journal, "end")

    def _step(
        self, journal: RecordJournal, *, is_forced: bool, until: Moment | None = None
    ) -> None:
        """Process events once, and record the burst if it is over."""
        if not self._obey(journal):
            self._watcher.discard()
            return
        pauses, has_resumed = self._pauses, self._was_paused
        if not self._has_begun:
            self._was_paused = False
            self._watcher.start()
            self._say()
            self._has_begun = self._record_tree(journal, "start")
        elif self._was_paused:
            self._was_paused = False
            self._watcher.skip()
        self._watcher.look()
        is_held = self._is_held(is_forced=is_forced)
        burst = None if is_held else self._watcher.burst(is_forced=is_forced, until=until)
        if burst is not None:
            self._record_burst(journal, burst)
        if has_resumed or burst is not None:
            self._untold = frozenset(self._root / path for path in self._watcher.untold)
        self._settled_pauses = pauses
        self._say()

    def _is_held(self, *, is_forced: bool) -> bool:
        """Whether a burst that is over waits until the git operation within it is looked at.

        The look asks with `tell_now` for what git left. What is gone has no time by which the burst
        could be split afterwards.
        """
        now_ns = self._clock.boot_ns()
        if is_forced or self._watcher.due_in_ns(now_ns) != 0 or not self.has_git_moved():
            self._held_until_ns = 0
            return False
        self._held_until_ns = self._held_until_ns or now_ns + _LONGEST_HOLD_NS
        return now_ns < self._held_until_ns

    def _obey(self, journal: RecordJournal) -> bool:
        """Follow new control requests; return whether recording is allowed now."""
        fresh = self._control.poll(is_forced=True)
        if any(line.verb == "forget" for line in fresh):
            journal.new_segment()
            self._tree.forget()
            self._watcher.drop_burst()
        self._pauses += sum(line.verb == "pause" for line in fresh)
        is_paused = self._control.state.is_paused(self._clock.boot_ns())
        self._was_paused |= is_paused or any(line.verb == "pause" for line in fresh)
        return not is_paused

    def _wait(self) -> None:
        """Sleep until an event arrives, a burst is due, or half a second has passed."""
        left_ns = self._watcher.due_in_ns(self._clock.boot_ns())
        timeout_s = _PERIOD_S if left_ns is None else min(_PERIOD_S, left_ns / 1e9)
        if self._held_until_ns:
            timeout_s = max(timeout_s, _BATCH_S)
        waiting = select.poll()
        waiting.register(self._waker[0], select.POLLIN)
        descriptor = self._watcher.descriptor
        if descriptor is not None:
            waiting.register(descriptor, select.POLLIN)
        ready = {found for found, _ in waiting.poll(timeout_s * 1000)}
        if self._waker[0] in ready:
            os.read(self._waker[0], _MANY)
        elif ready:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Wait briefly to batch events, unless `tell_now` asks meanwhile."""
        waiting = select.poll()
        waiting.register(self._waker[0], select.POLLIN)
        if waiting.poll(_BATCH_S * 1000):
            os.read(self._waker[0], _MANY)

    def _record_tree(self, journal: RecordJournal, reason: str) -> bool:
        """Record where the tree differs from HEAD; return whether that succeeded."""
        t_boot_ns = self._clock.boot_ns()
        also = watched_files(self._session) if reason == "start" else frozenset[str]()
        tree = self._tree.read(
            self._watcher.paths(),
            self._clock.wall_ns(),
            also=also,
            folders=self._watcher.folders(),
        )
        if not self._obey(journal) or self._was_paused or self._policy() is None:
            return False
        self._watcher.learn(tree.contents, tree.items)
        untold = self._watcher.untold
        told = [item for item in tree.items if item.path not in untold]
        body = {
            "t_boot_ns": t_boot_ns,
            "reason": reason,
            "head": tree.head,
            "entries": keep_items(self._session, told),
            "is_complete": tree.is_complete and not untold,
        }
        journal.append(RecordKind.TREE, body)
        return True

    def _record_burst(self, journal: RecordJournal, burst: Burst) -> None:
        differing = self._differing(burst) if burst.is_bulk else None
        changed = burst.changed
        if differing:
            changed = self._with_contents(changed, differing & burst.replaced)
        if not self._obey(journal) or self._was_paused:
            return
        items = self._timed(changed)
        late = [] if burst.is_bulk or burst.is_rescan else self._late(burst, items)
        paths = {item["path"] for item in late}
        body = {
            "t_boot_ns": burst.last_boot_ns,
            "first_boot_ns": burst.first_boot_ns,
            "changed": [item for item in items if item["path"] not in paths],
            "renamed": [list(pair) for pair in burst.renamed if pair[1] not in paths],
            "count": burst.count - len(late),
            "is_bulk": burst.is_bulk,
            "resolvable": differing is not None and not differing,
            "is_rescan": burst.is_rescan,
        }
        if burst.count > len(late) or not late:
            journal.append(RecordKind.FILES, body)
        if late:
            last_ns = max(_changed_ns(item) for item in late)
            renamed = [list(pair) for pair in burst.renamed if pair[1] in paths]
            own = {"changed": late, "renamed": renamed, "count": len(late)}
            journal.append(
                RecordKind.FILES, {**body, **own, "t_boot_ns": last_ns, "first_boot_ns": last_ns}
            )
        self._told_ns = burst.last_boot_ns

    def _late(self, burst: Burst, items: list[dict[str, object]]) -> list[dict[str, object]]:
        """Return the files that were written again behind the last event, before they were read.

        Their contents are those of events that are yet to come, and must not stand before them. Of
        a file that is gone there is only the time at which its event was read.
        """
        now_ns, last_ns = self._clock.boot_ns(), burst.last_boot_ns + _CLOCKS_DIFFER_NS
        return [
            item
            for item in items
            if item["sha256"] is not None and last_ns < _changed_ns(item) <= now_ns
        ]

    def _timed(self, changed: list[FileItem]) -> list[dict[str, object]]:
        """Store contents as blobs; return the items with the modification time of each file."""
        items = keep_items(self._session, changed)
        since_boot_ns = self._clock.boot_ns() - self._clock.wall_ns()
        for item, file in zip(items, changed, strict=True):
            if file.changed_ns is not None:
                item["changed_boot_ns"] = file.changed_ns + since_boot_ns
            elif file.gone_boot_ns is not None:
                item["changed_boot_ns"] = file.gone_boot_ns
        return items

    def _differing(self, burst: Burst) -> frozenset[str] | None:
        """Return those changed files that differ from the checked-out commit, according to git."""
        git = Git(self._root)
        if git.repository is None:
            return None
        try:
            differing = read_differing(git, self._root, self._watcher.folders())
            return burst.paths.intersection(differing)
        except SignoffError:
            return None

    def _with_contents(self, items: list[FileItem], wanted: frozenset[str]) -> list[FileItem]:
        """Add to the items of a bulk change the contents that git does not have.

        New files are left out: generators and package managers can create them again. A file that
        changed again since the burst was examined is left for the next one.
        """
        if not wanted:
            return items
        allowance = Allowance(MAX_FILES, _BULK_KEPT_BYTES)
        found = {item.path: item for item in items}
        for path in sorted(wanted, key=lambda path: (path not in found, path))[:MAX_FILES]:
            data = allowance.read(f"{self._root}/{path}")
            if data is None:
                continue
            told = found.get(path)
            if data.sha256 == told.sha256 if told else self._watcher.is_known(path, data.value):
                found[path] = allowance.item(path, data)
        return sorted(found.values(), key=lambda item: item.path)

    def _paths_touched(self) -> frozenset[str]:
        """Return the files that editors and agents named."""
        paths = self._touched.refresh()
        return frozenset(path.relative_to(self._root).as_posix() for path in paths)

    def _policy(self) -> Policy | None:
        """Return the policy while the workspace is enabled; cached while nothing changed."""
        workspace = find_workspace(self._home, self._session.root, clock=self._clock)
        if workspace is None:
            return None
        tree = work_tree_of(self._root)
        if self._known_policy is None or self._known_policy[:2] != (workspace, tree):
            self._known_policy = (workspace, tree, Policy.for_workspace(workspace))
        return self._known_policy[2]

    def _say(self) -> None:
        """Write the watch state to `watch.json`, at once when a person should know."""
        state, said, now_ns = self._watcher.state, self._said, self._clock.boot_ns()
        is_news = said is None or _without_counts(state) != _without_counts(said)
        if is_news or (state != said and now_ns >= self._next_say_ns):
            self._said = state
            self._next_say_ns = now_ns + _COUNTS_EVERY_NS
            write_watch_state(self._session, state)


def _without_counts(state: WatchState) -> tuple[str, str]:
    return state.mode, "".join(char for char in state.reason or "" if char not in "0123456789,")
