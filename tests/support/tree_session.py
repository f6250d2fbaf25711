"""A session in a scratch repository: real files, real git, the real file watcher's records.

A person's operations are done for real; after each one the file watcher looks and what it
would journal is journalled. Editors are played: their messages and the bytes they write.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.repository import WorkTree
from tests.support.seal_journals import START_BOOT_NS, Journal, gathered_for

from signoff_collector.capture.files.file_items import FileItem
from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.file_watch import FileWatcher
from signoff_collector.capture.files.tree_listing import TreeReader
from signoff_collector.capture.git.git import Git
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Workspace
from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.disk_form import encode_form
from signoff_collector.episode.moments.tree_hash import with_tree_hashes
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.base_files import read_base_files, read_held
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_collector.seal.gathering.tree_facts import TreeFacts
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import CheckpointStep, GitStep, StepBase, TestsStep
from signoff_schemas.values import DiskForm
from signoff_schemas.words import Owner

Snapshot = dict[str, tuple[str, bytes]]
"""Path to mode as git writes it, and bytes or a link's target."""


def snapshot(root: Path) -> Snapshot:
    """Return every file and link below a folder but git's own."""
    found: Snapshot = {}
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name != ".git"]
        for name in (*files, *(n for n in names if Path(folder, n).is_symlink())):
            path = Path(folder, name)
            key = path.relative_to(root).as_posix()
            if path.is_symlink():
                found[key] = ("120000", os.fsencode(path.readlink()))
            else:
                is_program = path.stat().st_mode & stat.S_IXUSR
                found[key] = ("100755" if is_program else "100644", path.read_bytes())
    return found


def _workspace(root: Path) -> Workspace:
    fields: dict[str, object] = {
        "identifier": "0" * 16, "root": root, "enabled_root": root, "is_file": False,
        "remote": None, "owner": Owner.MINE, "is_confirmed": True, "enabled_ns": 0,
        "expires_ns": 1 << 62, "paused_until_ns": None,
    }  # fmt: skip
    return Workspace(**fields)  # type: ignore[arg-type]  # a plain record, filled by name


@dataclass(slots=True)
class TreeSession:
    """One session; every operation is told to the journals of editor, git, tests and files."""

    tree: WorkTree
    clock_ns: int = START_BOOT_NS
    editor: Journal = field(init=False)
    others: dict[str, Journal] = field(default_factory=dict[str, Journal])
    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])
    copies: list[Snapshot] = field(default_factory=list[Snapshot])
    """The work tree as it was at each commit, checkout, stash and test run."""
    base: str = ""
    open_texts: dict[str, str] = field(default_factory=dict[str, str])
    forms: dict[str, DiskForm] = field(default_factory=dict[str, DiskForm])
    watcher: FileWatcher = field(init=False)
    reader: TreeReader = field(init=False)
    facts: TreeFacts = field(default_factory=TreeFacts)

    def __post_init__(self) -> None:
        root = Path(os.path.realpath(self.tree.root))
        self.tree = WorkTree(root)
        policy = Policy.for_workspace(_workspace(root))
        rules = FileRules(root, lambda: policy)
        self.editor = Journal(root=root)
        self.watcher = FileWatcher(root, rules, SystemClock())
        self.reader = TreeReader(root, rules)
        self.base = self.tree.git("rev-parse", "-q", "--verify", "HEAD", may_fail=True)

    @property
    def root(self) -> Path:
        """The work tree."""
        return self.tree.root

    def close(self) -> None:
        """Let go of the kernel's watches."""
        self.watcher.close()

    def _journal(self, writer: str) -> Journal:
        if writer not in self.others:
            self.others[writer] = Journal(writer, 200 + len(self.others), root=self.root)
        journal = self.others[writer]
        journal.t_boot_ns = self.clock_ns
        return journal

    def wait(self, seconds: float = 10.0) -> None:
        """Let time go on."""
        self.clock_ns += int(seconds * 10**9)

    def _items(self, items: list[FileItem]) -> list[dict[str, object]]:
        for item in items:
            if item.content is not None:
                self.blobs[hashlib.sha256(item.content).hexdigest()] = item.content
        return [item.fields for item in items]

    def tree_record(self, reason: str) -> None:
        """Look at the whole tree, as at the start and at the end."""
        if reason == "start":
            self.watcher.start()
        tree = self.reader.read(self.watcher.paths(), SystemClock().wall_ns())
        self.watcher.learn(tree.contents)
        self._add(
            RecordKind.TREE,
            {
                "reason": reason, "head": tree.head, "entries": self._items(tree.items),
                "is_complete": tree.is_complete,
            },
        )  # fmt: skip

    def _add(self, kind: RecordKind, body: dict[str, object]) -> None:
        journal = self._journal("files")
        body = {"t_boot_ns": self.clock_ns, **body}
        self.facts.take(kind, body)
        journal.add(kind, body)

    def seen(self, *, resolvable: bool = False) -> None:
        """The file watcher looks, and tells what has changed."""
        self.watcher.look()
        burst = self.watcher.burst(is_forced=True)
        if burst is None:
            return
        is_resolvable = resolvable and not self.tree.git("status", "--porcelain")
        self._add(
            RecordKind.FILES,
            {
                "first_boot_ns": self.clock_ns - 10**8, "changed": self._items(burst.changed),
                "renamed": [list(pair) for pair in burst.renamed], "count": burst.count,
                "is_bulk": burst.is_bulk, "is_rescan": burst.is_rescan,
                "resolvable": burst.is_bulk and is_resolvable,
            },
        )  # fmt: skip

    def shell(self, change: Callable[[Path], object]) -> None:
        """Something else than an editor changes files."""
        self.wait()
        change(self.root)
        self.seen()

    def git(self, operation: str, *arguments: str) -> None:
        """Run git; a copy of the tree is kept, and git's step told."""
        self.wait()
        self.tree.git(*arguments)
        self.seen(resolvable=True)
        self.wait(1)
        self._journal("git").step("git", operation=operation)
        self.copies.append(snapshot(self.root))

    def tests(self) -> None:
        """Run tests, which change nothing; a copy of the tree is kept."""
        self.wait()
        self._journal("run").step("tests", run_id=str(self.clock_ns), framework="pytest")
        self.copies.append(snapshot(self.root))

    def open(self, path: str, form: DiskForm | None = None) -> None:
        """An editor opens a file; the bridge compares it with the disk."""
        self.wait()
        content = (self.root / path).read_bytes()
        form = form or DiskForm()
        text = self.open_texts[path] = _shown(content, form)
        assert encode_form(text, form) == content
        self.forms[path] = form
        self.editor.t_boot_ns = self.clock_ns
        self.editor.open(path, text)
        note = {
            "uri": self.editor.uri(path), "exists": True, "matches": True,
            "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content),
            "encoding": form.encoding, "bom": form.bom,
            "final_newline": form.last_line != "without",
        }  # fmt: skip
        self.editor.companion("disk", note)

    def edit(self, path: str, text: str) -> None:
        """Replace the whole text of an open buffer."""
        self.wait(1)
        self.editor.t_boot_ns = self.clock_ns
        self.editor.changes(path, [{"text": text}])
        self.open_texts[path] = text

    def save(self, path: str, *, is_told_first: bool = False) -> None:
        """Write a buffer to disk in its form, as editors do: a new file in place of the old."""
        self.wait()
        text, target = self.open_texts[path], self.root / path
        content = encode_form(text, self.forms[path])
        temporary = target.with_name(f"{target.name}.swp")
        temporary.write_bytes(content)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
        if is_told_first:
            self.seen()
            self.wait(0.2)
        self.editor.t_boot_ns = self.clock_ns
        self.editor.save(path, text, disk=content)
        if not is_told_first:
            self.wait(0.2)
            self.seen()

    def shut(self, path: str) -> None:
        """Close a document."""
        self.wait(1)
        self.editor.t_boot_ns = self.clock_ns
        self.editor.close(path)
        del self.open_texts[path]

    def assembled(self) -> Episode:
        """Return the episode before masking."""
        writers = [self.editor, *self.others.values()]
        return assemble([one.records() for one in writers], self.gathered(), self.blobs.get)

    def gathered(self) -> Gathered:
        """Return the facts that gathering finds in this repository."""
        git, plain = Git(self.root), gathered_for()
        facts = self.facts
        lacking = {sha for _, sha in facts.contents if sha not in self.blobs}
        held = read_held(git, self.root, facts.changed | facts.entries, lacking)
        base = (
            read_base_files(git, self.root, facts.head, facts.changed - facts.entries)
            if facts.head
            else {}
        )
        return Gathered(
            session=plain.session, root=str(self.root), boot_id=plain.boot_id, seed=plain.seed,
            captured_on=plain.captured_on, base_files=base,
            in_repository=held if lacking else (),
        )  # fmt: skip

    def sealed(self) -> Episode:
        """Return the episode as it would be sealed."""
        return with_tree_hashes(Redactor(RedactionPolicy()).redact_episode(self.assembled()))


def copied_moments(episode: Episode) -> list[int]:
    """Return the `seq` of the moment that belongs to each copy."""
    steps: list[StepBase] = [
        step for step in episode.steps if isinstance(step, GitStep | TestsStep | CheckpointStep)
    ]
    found: list[int] = []
    for place, step in enumerate(steps):
        if isinstance(step, CheckpointStep):
            continue
        after = steps[place + 1]
        assert isinstance(after, CheckpointStep)
        assert after.tree_sha256 is not None
        found.append(after.seq)
    return found


def _shown(content: bytes, form: DiskForm) -> str:
    """Return what an editor shows for a file it opens in a form."""
    if form.bom:
        content = content[3 if form.encoding == "utf-8" else 2 :]
    text = content.decode(form.encoding)
    if form.eol == "crlf":
        text = text.replace("\r\n", "\n")
    return text + "\n" if form.last_line == "without" else text
