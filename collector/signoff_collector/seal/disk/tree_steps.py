"""Steps from what the file watcher saw: the tree at the start, and each burst of changes.

A change that an editor's save explains is no step of its own, only a checkpoint where it
adds something. Everything else is a step that carries its content, so no resync is needed
where the watcher was at work (docs/sealing.md, section 6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal.disk_contents import MAX_FILES
from signoff_collector.episode.moments.tree_hash import PENDING
from signoff_collector.seal.disk.checkpoints import Checkpoints, SeenFile, seen_files
from signoff_collector.seal.disk.disk import GONE
from signoff_collector.seal.disk.explaining import MS, RUN_WITHIN_MS, SAVE_WITHIN_MS, Content
from signoff_schemas.untyped import list_of
from signoff_schemas.words import ActorClass, Basis, Coverage, TimeKind

if TYPE_CHECKING:
    from signoff_collector.seal.building import Builder
    from signoff_collector.seal.disk.disk import Disk
    from signoff_collector.seal.disk.explaining import Explanations
    from signoff_collector.seal.gathering.base_files import BaseFile

OVERLAY_BYTES: Final = 8 << 20
"""Text of the tree at the start that an episode holds; masking takes 0.5 s and 17 MB per MB."""
BULK_BYTES: Final = 2 << 20
"""The same of files that came in bulk and that a later tree tells of; masking reads each line."""
_WITHHELD: Final = "withheld"
_PLAIN: Final = "100644"
"""The mode of a file that nobody told of."""
_WAIT_MS: Final = SAVE_WITHIN_MS + 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What one record says of changed files."""

    source: str
    files: tuple[SeenFile, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    from_ms: int
    to_ms: int
    count: int = 0
    """How many files changed in all."""
    is_bulk: bool = False
    resolvable: bool | None = None
    is_late: bool = False
    last_boot_ns: int | None = None
    """The time since boot of `to_ms`."""
    without_content: frozenset[str] = frozenset()
    """Files whose content is left out though it was kept."""

    @property
    def unlisted(self) -> int:
        """How many files changed that are not named."""
        named = {file.path for file in self.files} | {path for _, path in self.renamed}
        return max(0, self.count - len(named))

    def changed_ms(self, file: SeenFile) -> int | None:
        """Return when a file changed, where its file system's word can be true."""
        if self.last_boot_ns is None or file.changed_boot_ns is None:
            return None
        before_ms = (self.last_boot_ns - file.changed_boot_ns) // MS
        return self.to_ms - before_ms if abs(before_ms) <= RUN_WITHIN_MS else None

    @property
    def t_kind(self) -> TimeKind:
        """What the time of its steps is the time of."""
        return TimeKind.SEEN_LATE if self.is_late else TimeKind.EVENT


class TreeSteps:
    """Takes TREE and FILES records."""

    def __init__(
        self,
        builder: Builder,
        disk: Disk,
        checkpoints: Checkpoints,
        explanations: Explanations,
        *,
        base_files: Mapping[str, BaseFile | None],
        in_repository: Collection[str],
        relative: Callable[[str], str | None],
    ) -> None:
        """Make ready.

        Args:
            builder: takes the steps.
            disk: what is known of the disk.
            checkpoints: takes contents over.
            explanations: what other writers say of the same changes.
            base_files: what the base commit holds at paths that changed; None: nothing.
            in_repository: SHA-256 of contents that some commit of the repository has.
            relative: path in the workspace.
        """
        self._builder = builder
        self._disk = disk
        self._checkpoints = checkpoints
        self._explanations = explanations
        self._base_files = base_files
        self._in_repository = frozenset(in_repository)
        self._relative = relative
        self._waiting: dict[str, tuple[SeenFile, Burst]] = {}
        self.overlay: int | None = None
        """How many files differed from the base commit at the start, once that is known."""
        self.is_complete = False
        """Whether the tree at the start was told whole."""
        self._has_blind_spots = False
        self._since_pause: set[str] | None = None
        """Paths told of since the last pause; None while there was none."""
        checkpoints.after_save = self._saved
        checkpoints.foresees = explanations.foresees

    @property
    def coverage(self) -> Coverage:
        """How much of the changes on disk was told: in time, all of it, with its names."""
        if self.overlay is None:
            return Coverage.NONE
        is_full = self.is_complete and not self._has_blind_spots
        return Coverage.FULL if is_full else Coverage.PARTIAL

    def tree(self, source: str, fields: Mapping[str, object]) -> None:
        """Take a TREE record: the base overlay first, later ones are compared."""
        files = tuple(seen_files(fields.get("entries"), self._relative))
        if fields.get("reason") == "start" and self.overlay is None:
            self.overlay = len(files)
            self.is_complete = fields.get("is_complete") is True
            self._begin(source, files)
            return
        now = self._builder.t_ms
        self.files(
            Burst(
                source=source,
                files=files,
                from_ms=now,
                to_ms=now,
                is_late=True,
                without_content=self._left_out(files),
            )
        )

    def _left_out(self, files: Iterable[SeenFile]) -> frozenset[str]:
        """Return the files of a later tree whose content is left out: of a bulk that came.

        What was ever known to hold something stays, and what lies near the top goes first.
        """
        came = [
            file
            for file in files
            if file.sha256 is not None
            and self._disk.known(file.path) is None
            and self._base_files.get(file.path) is None
        ]
        if len(came) <= MAX_FILES:
            return frozenset()
        came.sort(key=lambda one: (one.path.count("/"), one.size_bytes or 0, one.path))
        return frozenset(file.path for file in came) - _within(came, BULK_BYTES)

    def _begin(self, source: str, files: tuple[SeenFile, ...]) -> None:
        """Say how the tree differs from its commit, and what changed since it was opened."""
        items: list[dict[str, object]] = []
        changed: list[SeenFile] = []
        paths = [file.path for file in files]
        kept = _smallest(files)
        written = self._explanations.named_by_agents(paths, 0, self._builder.t_ms)
        for file in files:
            known = self._disk.known(file.path)
            if known is None and file.path in written:
                changed.append(file)  # an agent whose first event began the session was quicker
            elif known is not None and not self._disk.holds(*_pair(file)):
                changed.append(file)
            elif not self._disk.has_changed(file.path):  # else a save was told before the tree
                items.append(self._overlay_item(file, is_kept=file.path in kept))
        fields = {
            "actor": {"class": ActorClass.PREEXISTING, "basis": Basis.OBSERVED},
            "is_base": True,
            "changed": items,
            "changed_count": len(items),
            "resolvable": _is_resolvable(items),
            "state": self._disk.state,
        }
        if items:
            self._builder.add("files", source, fields)
        now = self._builder.t_ms
        if changed:
            late = Burst(source=source, files=tuple(changed), from_ms=0, to_ms=now, is_late=True)
            self.files(late)

    def _overlay_item(self, file: SeenFile, *, is_kept: bool) -> dict[str, object]:
        """Take note of what a file held all along."""
        if file.sha256 is None:
            self._disk.learn(file.path, GONE)
            return {"path": file.path}
        self._disk.see_mode(file.path, file.mode)
        if self._disk.known(file.path) is not None:
            return {
                "path": file.path,
                "mode": file.mode,
                "sha256": file.sha256,
                "size_bytes": file.size_bytes,
            }
        return self._with_hash(self._checkpoints.learn_content(file, is_kept=is_kept), file)

    def record(self, source: str, t_ms: int, first_ms: int, fields: Mapping[str, object]) -> None:
        """Take a FILES record."""
        count, resolvable = fields.get("count"), fields.get("resolvable")
        last_ns = fields.get("t_boot_ns")
        self.files(
            Burst(
                source=source,
                files=tuple(seen_files(fields.get("changed"), self._relative)),
                renamed=self._pairs(fields.get("renamed")),
                from_ms=min(first_ms, t_ms),
                to_ms=t_ms,
                count=count if type(count) is int and count >= 0 else 0,
                is_bulk=fields.get("is_bulk") is True,
                resolvable=resolvable if isinstance(resolvable, bool) else None,
                is_late=fields.get("is_rescan") is True,
                last_boot_ns=last_ns if type(last_ns) is int else None,
            )
        )

    def files(self, burst: Burst) -> None:
        """Say what changed that nothing else explains."""
        for file in burst.files:
            self._learn_base(file.path)
        told = {file.path: file.sha256 for file in burst.files}
        left = [self._rename(burst, old, path, told.get(path)) for old, path in burst.renamed]
        files = (*burst.files, *(file for file in left if file is not None))
        fresh = [f for f in files if self._is_news(f) and not self._is_saved(f, burst)]
        paths = [file.path for file in fresh]
        named = self._explanations.named_by_agents(paths, burst.from_ms, burst.to_ms)
        others = [file for file in fresh if file.path not in named]
        if named:
            by_agents = [file for file in fresh if file.path in named]
            self._tell(burst, by_agents, 0 if others else burst.unlisted)
        if not others and burst.unlisted and not named:
            self._tell(burst, [], burst.unlisted)
        *apart, last = self._apart(burst, others) or ([],)
        for group in apart:
            self._tell(burst, group, 0)
        if last:
            self._tell(burst, last, burst.unlisted)

    def _apart(self, burst: Burst, files: list[SeenFile]) -> list[list[SeenFile]]:
        """Return the files of a burst, those that changed during the same runs together."""
        if burst.is_bulk or burst.is_late:
            return [files]
        groups: dict[frozenset[str] | None, list[SeenFile]] = {}
        for file in files:
            at_ms = burst.changed_ms(file)
            if self._explanations.has_git_near(burst.from_ms, burst.to_ms):
                at_ms = None
            during = None if at_ms is None else self._explanations.runs_at([at_ms])
            groups.setdefault(during, []).append(file)
        return list(groups.values())

    def expect_jumps(self) -> None:
        """Any file may have changed unseen: what is told of it next may be text of a pause."""
        self._since_pause = set()

    def _may_be_of_pause(self, files: Iterable[SeenFile]) -> bool:
        """Say whether some of these files were not told of since the last pause."""
        if self._since_pause is None:
            return False
        paths = {file.path for file in files if file.sha256 is not None}
        is_first = not paths <= self._since_pause
        self._since_pause |= paths
        return is_first

    def _tell(self, burst: Burst, fresh: list[SeenFile], unlisted: int) -> None:
        """Say what changed by one hand."""
        times = [at_ms for file in fresh if (at_ms := burst.changed_ms(file)) is not None]
        is_timed = len(times) == len(fresh) and not burst.is_bulk and not burst.is_late
        actor = self._explanations.actor(
            map(_pair, fresh), burst.from_ms, burst.to_ms, times if is_timed else ()
        )
        common: dict[str, object] = {"actor": actor, "t_kind": burst.t_kind}
        by = _hand(actor)
        self._has_blind_spots |= burst.is_late or unlisted > 0
        while_paused = self._may_be_of_pause(fresh)
        if (
            len(fresh) == 1
            and not while_paused
            and not burst.is_bulk
            and not unlisted
            and self._single(burst, fresh[0], common, by)
        ):
            self._explanations.left(actor, self._builder, self._disk.state)
            return
        changed = [
            self._item(
                file,
                by,
                resolvable=burst.resolvable,
                is_kept=file.path not in burst.without_content,
            )
            for file in fresh
        ]
        fields = common | {
            "changed": changed,
            "changed_count": len(changed) + unlisted,
            "while_paused": while_paused or None,
            "resolvable": _is_resolvable(changed, burst.unlisted),
            "state": self._disk.state,
        }
        self._builder.add("files", burst.source, fields)
        self._explanations.left(actor, self._builder, self._disk.state)

    def _item(
        self, file: SeenFile, by: str, *, resolvable: bool | None, is_kept: bool = True
    ) -> dict[str, object]:
        """Return one changed file; its hash stays where a repository gives the content."""
        if self._disk.holds(*_pair(file)):
            self._disk.see_mode(file.path, file.mode)
            return {"path": file.path, "mode": file.mode, "sha256": file.sha256}
        return self._with_hash(
            self._checkpoints.take_content(file, by=by, is_kept=is_kept),
            file,
            resolvable=resolvable,
        )

    def _with_hash(
        self, item: dict[str, object], file: SeenFile, *, resolvable: bool | None = None
    ) -> dict[str, object]:
        """Return an item with the hash of a content that a repository gives."""
        if item.get("without_content") and (resolvable or file.sha256 in self._in_repository):
            item["sha256"] = file.sha256
        return item

    def _single(self, burst: Burst, file: SeenFile, common: dict[str, object], by: str) -> bool:
        """Write one change as the step it is; False where that cannot be told."""
        if file.sha256 is None:
            self._disk.put(file.path, GONE)
            fields = common | {"path": file.path, "state": self._disk.state}
            return self._builder.add("delete", burst.source, fields) is not None
        if not self._is_new(file.path):
            return False
        item = self._item(file, by, resolvable=burst.resolvable)
        if "blob" not in item:
            fields = common | {
                "changed": [item],
                "changed_count": 1,
                "resolvable": _is_resolvable([item]),
                "state": self._disk.state,
            }
            return self._builder.add("files", burst.source, fields) is not None
        fields = common | {
            "path": file.path,
            "disk_sha256": file.sha256,
            "size_bytes": file.size_bytes,
            "mode": file.mode,
            "blob": item["blob"],
            "state": self._disk.state,
        }
        return self._builder.add("create", burst.source, fields) is not None

    def _is_new(self, path: str) -> bool:
        """Say whether there was certainly no such file."""
        known = self._disk.known(path)
        if known is not None:
            return known == GONE
        return self.is_complete and path in self._base_files and self._base_files[path] is None

    def _learn_base(self, path: str) -> None:
        """Take over what the base commit holds, where nothing else is known of a file."""
        base = self._base_files.get(path)
        if base is None:
            return
        if self._disk.mode(path) is None and self._disk.known(path) != GONE:
            self._disk.see_mode(path, base.mode)
        if self.is_complete and self._disk.known(path) is None:
            self._disk.learn(path, base.sha256)

    def _rename(self, burst: Burst, old: str, path: str, now: str | None) -> SeenFile | None:
        """Move a file of which something is known; of another return that it is gone.

        A file that got other content (`now`) as well is gone and new: what it held before never
        lay at its new place.
        """
        self._learn_base(old)
        if self._disk.known(old) is None or now not in (None, self._disk.known(old)):
            return SeenFile(path=old, sha256=None)
        if self._disk.known(old) == GONE:
            return None
        actor = self._explanations.actor([(old, None)], burst.from_ms, burst.to_ms)
        self._disk.rename(old, path)
        fields = {
            "actor": actor,
            "t_kind": burst.t_kind,
            "path": path,
            "old_path": old,
            "mode": self._disk.mode(path),
            "state": self._disk.state,
        }
        self._builder.add("rename", burst.source, fields)
        return None

    def _is_news(self, file: SeenFile) -> bool:
        if not self._disk.holds(*_pair(file)):
            return True
        known = self._disk.mode(file.path) or _PLAIN
        return file.sha256 is not None and (file.mode or _PLAIN) != known

    def _is_saved(self, file: SeenFile, burst: Burst) -> bool:
        """Say whether an editor wrote this; what the save leaves open is said after it."""
        saved_ms = self._explanations.save_near(_pair(file), burst.from_ms, burst.to_ms)
        if saved_ms is None or file.sha256 is None:
            return False
        if saved_ms > self._builder.t_ms and not self._disk.holds(*_pair(file)):
            self._waiting[file.path] = (file, burst)
            return True
        return self._checkpoint(file, burst.source)

    def _checkpoint(self, file: SeenFile, source: str) -> bool:
        """Say what a save did not: the mode, and bytes that its text does not give."""
        item: dict[str, object]
        if self._disk.holds(*_pair(file)):
            item = {"path": file.path, "mode": file.mode, "sha256": file.sha256}
            self._disk.see_mode(file.path, file.mode)
        else:
            item = self._checkpoints.take_content(file, by="external")
            if "blob" not in item:
                return False
        fields = {"disk": [item], "state": self._disk.state}
        return self._builder.add("checkpoint", source, fields) is not None

    def _saved(self, path: str) -> None:
        """A save was written: what waited for it can be told now."""
        waiting = self._waiting.pop(path, None)
        if waiting is not None and self._is_news(waiting[0]):
            file, burst = waiting
            if not self._checkpoint(file, burst.source):
                self._waiting[path] = waiting

    def release_before(self, t_ms: int) -> None:
        """Tell of changes whose save did not come, as seen late."""
        for path, (file, burst) in [*self._waiting.items()]:
            if t_ms - burst.to_ms > _WAIT_MS:
                del self._waiting[path]
                if self._is_news(file):
                    self._late(file, burst)

    def _late(self, file: SeenFile, burst: Burst) -> None:
        item = self._item(file, "external", resolvable=burst.resolvable)
        fields = {
            "actor": {"class": ActorClass.EXTERNAL, "basis": Basis.INFERRED},
            "t_kind": TimeKind.SEEN_LATE,
            "changed": [item],
            "changed_count": 1,
            "state": self._disk.state,
        }
        self._builder.add("files", burst.source, fields)

    @property
    def is_waiting(self) -> bool:
        """Whether changes wait for their save."""
        return bool(self._waiting)

    def finish(self) -> None:
        """Tell of what still waits, then what the whole tree was at the end."""
        self.release_before(1 << 60)
        if self._explanations.has_watcher:
            fields = {"state": self._disk.state, "tree_sha256": PENDING}
            self._builder.add("checkpoint", "seal", fields)

    def _pairs(self, value: object) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for item in list_of(value):
            names = cast("list[object]", item) if isinstance(item, list | tuple) else []
            inside = [self._relative(name) if isinstance(name, str) else None for name in names]
            if len(inside) == 2 and inside[0] is not None and inside[1] is not None:
                found.append((inside[0], inside[1]))
        return tuple(found)


def _smallest(files: Iterable[SeenFile]) -> set[str]:
    """Return the paths of the smallest files that together stay within `OVERLAY_BYTES`."""
    return _within(sorted(files, key=lambda one: (one.size_bytes or 0, one.path)), OVERLAY_BYTES)


def _within(files: Iterable[SeenFile], left: int) -> set[str]:
    """Return the paths of the first files that together hold no more than so many bytes."""
    kept: set[str] = set()
    for file in files:
        left -= file.size_bytes or 0
        if left < 0:
            break
        kept.add(file.path)
    return kept


def _is_resolvable(items: list[dict[str, object]], unlisted: int = 0) -> bool | None:
    """Say whether a repository has what some items lack; None where nothing is lacking."""
    lacking = [item for item in items if item.get("without_content")]
    if not lacking and not unlisted:
        return None
    return not unlisted and all(item.get("sha256") != _WITHHELD for item in lacking)


def _hand(actor: Mapping[str, object]) -> str:
    """Return what wrote some files, as an editor that takes them over needs it."""
    evidence = cast("Sequence[str]", actor["evidence"])
    if actor["class"] is ActorClass.ASSISTANT and evidence:
        return evidence[-1]
    return "git" if actor["class"] is ActorClass.GIT else "external"


def _pair(file: SeenFile) -> Content:
    return file.path, file.sha256
