"""Turns the file watcher's records into steps: the tree at the start, each burst of changes.

A change explained by a save gives no step of its own, at most a checkpoint. Every other change
becomes a step with its content, so no resync is needed where the watcher ran (docs/sealing.md,
section 6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal.disk_contents import MAX_FILES
from signoff_collector.episode.moments.tree_hash import PENDING
from signoff_collector.seal.building.known_disk import GONE, Content
from signoff_collector.seal.disk.ahead import Ahead
from signoff_collector.seal.disk.burst import Burst
from signoff_collector.seal.disk.checkpoints import Checkpoints, SeenFile, seen_files
from signoff_collector.seal.disk.explaining import SAVE_WITHIN_MS
from signoff_schemas.words import ActorClass, Basis, Coverage, TimeKind

if TYPE_CHECKING:
    from signoff_collector.seal.building.building import Builder
    from signoff_collector.seal.building.known_disk import Disk
    from signoff_collector.seal.disk.explaining import Explanations
    from signoff_collector.seal.gathering.base_files import BaseFile

OVERLAY_BYTES: Final = 8 << 20
"""Cap on text of the tree at the start, since masking costs 0.5 s and 17 MB per MB."""
BULK_BYTES: Final = 2 << 20
"""The same cap for new files that a later TREE record lists in bulk."""
_WITHHELD: Final = "withheld"
_PLAIN: Final = "100644"
"""Mode of a file whose mode was never recorded."""
_WAIT_MS: Final = SAVE_WITHIN_MS + 1_000


class TreeSteps:
    """Turns TREE and FILES records into steps."""

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
            builder: collects the steps.
            disk: model of the disk.
            checkpoints: records contents.
            explanations: causes of the same changes, from other writers.
            base_files: files of the base commit at changed paths; None where there is no file.
            in_repository: SHA-256 of contents that some commit of the repository has.
            relative: returns the path relative to the workspace, None outside.
        """
        self._builder = builder
        self._disk = disk
        self._checkpoints = checkpoints
        self._explanations = explanations
        self._base_files = base_files
        self._in_repository = frozenset(in_repository)
        self._relative = relative
        self._waiting: dict[str, tuple[SeenFile, Burst]] = {}
        self.ahead = Ahead()
        """Changes whose record comes behind what editors told after them."""
        self.overlay: int | None = None
        """Number of files that differed from the base commit at the start, once known."""
        self.is_complete = False
        """Whether the first TREE record lists all differences."""
        self._has_blind_spots = False
        self._since_pause: set[str] | None = None
        """Paths reported since the last pause; None before the first pause."""
        checkpoints.after_save = self._saved
        checkpoints.watcher_will_report = explanations.watcher_will_report

    @property
    def coverage(self) -> Coverage:
        """How complete the recording of disk changes is; full when timely, listed and whole."""
        if self.overlay is None:
            return Coverage.NONE
        is_full = self.is_complete and not self._has_blind_spots
        return Coverage.FULL if is_full else Coverage.PARTIAL

    def tree(self, source: str, fields: Mapping[str, object]) -> None:
        """Handle a TREE record: the first is the base overlay, later ones are compared."""
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
        """Return the files of a later tree whose content is left out, because too many are new.

        Files known before keep their content. Of the new ones, those nearest the top keep theirs,
        smaller ones first, up to `BULK_BYTES`.
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
        """Add the base overlay, and a late burst of what had changed before the first TREE."""
        items: list[dict[str, object]] = []
        changed: list[SeenFile] = []
        paths = [file.path for file in files]
        kept = _smallest(files)
        written = self._explanations.named_by_agents(paths, 0, self._builder.t_ms)
        for file in files:
            known = self._disk.known(file.path)
            if known is None and file.path in written:
                changed.append(file)  # written before the tree was read, by an agent's first call
            elif known is not None and not self._disk.holds(*_pair(file)):
                changed.append(file)
            elif not self._disk.has_changed(file.path):  # else a save precedes the TREE record
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
        """Record a file's content at the start; return its item."""
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

    def record(self, burst: Burst) -> None:
        """Handle a FILES record: what was not told ahead of it."""
        self.files(self.ahead.rest(burst))

    def tell_ahead(self, path: str, t_ms: int) -> None:
        """Add the changes of a file that happened before a time and are recorded behind it."""
        for at_ms, burst in self.ahead.take(path, t_ms, self._has_save):
            self._builder.advance(at_ms)
            self.files(burst)

    def read_by_editor(self, source: str, path: str, sha256: str, content: bytes) -> None:
        """Add the change to what an editor shows and the file was found to hold.

        The file may have been written again before the file watcher read it.
        """
        now, explanations = self._builder.t_ms, self._explanations
        if not explanations.has_watcher or self._disk.known(path) is None:
            return
        mode = self._disk.mode(path)
        file = SeenFile(path=path, sha256=sha256, size_bytes=len(content), mode=mode)
        if self._disk.holds(path, sha256):
            if self._disk.text(path) is None:  # known by its hash alone
                with self._checkpoints.holding(sha256, content):
                    item = self._checkpoints.take_content(file, by="external")
                fields = {"disk": [item], "state": self._disk.state}
                self._builder.add("checkpoint", source, fields)
            return
        told_by = explanations.watcher_will_report(path, sha256, now) or source
        with self._checkpoints.holding(sha256, content):
            self.files(Burst(source=told_by, files=(file,), from_ms=now, to_ms=now))

    def missed_by_editor(self, source: str, path: str) -> None:
        """Add that a file was gone when an editor opened it.

        It may be put back before the file watcher looks, which then tells of no deletion.
        """
        now, explanations = self._builder.t_ms, self._explanations
        self._learn_base(path)
        if not explanations.has_watcher or self._disk.known(path) in (None, GONE):
            return
        told_by = explanations.watcher_will_report(path, None, now) or source
        gone = SeenFile(path=path, sha256=None)
        self.files(Burst(source=told_by, files=(gone,), from_ms=now, to_ms=now))

    def files(self, burst: Burst) -> None:
        """Add steps for the changes of a burst that no save explains."""
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
        """Group the files of a burst by the commands that ran when they changed."""
        is_git_near = self._explanations.has_git_near(burst.from_ms, burst.to_ms)
        if burst.is_bulk or burst.is_late or is_git_near:
            return [files]
        groups: dict[frozenset[str] | None, list[SeenFile]] = {}
        for file in files:
            at_ms = burst.changed_ms(file)
            during = None if at_ms is None else self._explanations.runs_at([at_ms])
            groups.setdefault(during, []).append(file)
        return list(groups.values())

    def expect_jumps(self) -> None:
        """Note a pause: the next report of any file may hold text written during it."""
        self._since_pause = set()

    def _may_be_of_pause(self, files: Iterable[SeenFile]) -> bool:
        """Say whether some of these files are reported for the first time since the last pause."""
        if self._since_pause is None:
            return False
        paths = {file.path for file in files if file.sha256 is not None}
        is_first = not paths <= self._since_pause
        self._since_pause |= paths
        return is_first

    def _tell(self, burst: Burst, fresh: list[SeenFile], unlisted: int) -> None:
        """Add a step for files with one actor."""
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
        """Return the item of one changed file."""
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
        """Keep the hash of missing content if the repository has it, so it can be looked up."""
        if item.get("without_content") and (resolvable or file.sha256 in self._in_repository):
            item["sha256"] = file.sha256
        return item

    def _single(self, burst: Burst, file: SeenFile, common: dict[str, object], by: str) -> bool:
        """Add one change as a `create` or `delete` step; False where it is neither for sure."""
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
        """Say whether the file certainly did not exist before."""
        known = self._disk.known(path)
        if known is not None:
            return known == GONE
        return self.is_complete and path in self._base_files and self._base_files[path] is None

    def _learn_base(self, path: str) -> None:
        """Assume the content of the base commit where nothing else is known of a file."""
        base = self._base_files.get(path)
        if base is None:
            return
        if self._disk.mode(path) is None and self._disk.known(path) != GONE:
            self._disk.see_mode(path, base.mode)
        if self.is_complete and self._disk.known(path) is None:
            self._disk.learn(path, base.sha256)

    def _rename(self, burst: Burst, old: str, path: str, now: str | None) -> SeenFile | None:
        """Add a `rename` step if the old content is known; else return the old path as deleted.

        A file with different content (`now`) at its new path counts as deleted and created: its
        old content never was at the new path.
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

    def _has_save(self, file: SeenFile, burst: Burst) -> bool:
        """Say whether a save may explain this change."""
        return self._explanations.save_near(_pair(file), burst.from_ms, burst.to_ms) is not None

    def _is_saved(self, file: SeenFile, burst: Burst) -> bool:
        """Say whether a save explains this change; if the save is still to come, wait for it."""
        saved_ms = self._explanations.save_near(_pair(file), burst.from_ms, burst.to_ms)
        if saved_ms is None or file.sha256 is None:
            return False
        if saved_ms > self._builder.t_ms and not self._disk.holds(*_pair(file)):
            self._waiting[file.path] = (file, burst)
            return True
        return self._checkpoint(file, burst.source)

    def _checkpoint(self, file: SeenFile, source: str) -> bool:
        """Add a checkpoint with what the save lacks: the mode, and bytes other than its text's."""
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
        """Add the checkpoint of a change that waited for this save."""
        waiting = self._waiting.pop(path, None)
        if waiting is not None and self._is_news(waiting[0]):
            file, burst = waiting
            if not self._checkpoint(file, burst.source):
                self._waiting[path] = waiting

    def release_before(self, t_ms: int) -> None:
        """Add changes whose expected save did not come, as seen late."""
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
        """Whether changes still wait for their save."""
        return bool(self._waiting)

    def finish(self) -> None:
        """Add the changes that still wait, then a checkpoint of the whole tree at the end."""
        self.release_before(1 << 60)
        if self._explanations.has_watcher:
            fields = {"state": self._disk.state, "tree_sha256": PENDING}
            self._builder.add("checkpoint", "seal", fields)


def _smallest(files: Iterable[SeenFile]) -> set[str]:
    """Return the paths of the smallest files that together stay within `OVERLAY_BYTES`."""
    return _within(sorted(files, key=lambda one: (one.size_bytes or 0, one.path)), OVERLAY_BYTES)


def _within(files: Iterable[SeenFile], left: int) -> set[str]:
    """Return the paths of the longest prefix of files with at most `left` bytes in total."""
    kept: set[str] = set()
    for file in files:
        left -= file.size_bytes or 0
        if left < 0:
            break
        kept.add(file.path)
    return kept


def _is_resolvable(items: list[dict[str, object]], unlisted: int = 0) -> bool | None:
    """Say whether the repository has all missing contents; None where none is missing."""
    lacking = [item for item in items if item.get("without_content")]
    if not lacking and not unlisted:
        return None
    return not unlisted and all(item.get("sha256") != _WITHHELD for item in lacking)


def _hand(actor: Mapping[str, object]) -> str:
    """Return the writer of files, for attributing an editor's reload of them."""
    evidence = cast("Sequence[str]", actor["evidence"])
    if actor["class"] is ActorClass.ASSISTANT and evidence:
        return evidence[-1]
    return "git" if actor["class"] is ActorClass.GIT else "external"


def _pair(file: SeenFile) -> Content:
    return file.path, file.sha256
