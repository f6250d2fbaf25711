"""Attributes changes seen by the file watcher to saves, git operations, commands and agents.

Other writers may record the cause before or after the file watcher records the bytes. So the
journals are scanned once before the records are processed in order; those of editors only when
there was a file watcher.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.building.known_disk import Content, contents_of
from signoff_collector.seal.disk.file_operations import FileOperations
from signoff_collector.seal.git_commands import git_operations
from signoff_schemas.untyped import fields_of, is_fields, list_of
from signoff_schemas.words import ActorClass, Basis, TimeKind

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.agents import Agents, Call
    from signoff_collector.seal.building.building import Builder
    from signoff_collector.seal.paths import WorkspacePaths
    from signoff_collector.seal.times.merge import SessionScale

MS: Final = 1_000_000
SAVE_WITHIN_MS: Final = 5_000
"""Most time between a SAVE record and the watcher's sighting of the same bytes."""
GIT_WITHIN_MS: Final = 3_000
"""Around a git step that was noticed by polling: twice a second, plus the calls of git."""
GIT_EXACT_WITHIN_MS: Final = 1_500
"""Around a git step with an exact time: git writes its refs right after the files."""
_NOTICED_MS: Final = 500
"""Most delay of the kernel's file events, on a busy machine."""
RUN_WITHIN_MS: Final = 10_000
"""Most delay between the end of a command and the sighting of bytes that it reports.

The watcher runs at low priority (nice), so it may be seconds late on a busy machine; equal bytes
are the proof.
"""
_CLOCKS_APART_MS: Final = 100
"""Tolerance between the clocks of shells and of file systems."""
_FORESEEN_MS: Final = 1_000
LEAVES_FILES: Final = frozenset({"commit", "amend", "tag", "branch", "push", "fetch"})
"""Git operations that change no work tree file; a difference then has another cause."""
_MAX_LABEL: Final = 64
_RUNS: Final = frozenset({"command", "tests"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time span in which something ran that may have changed files."""

    from_ms: int
    to_ms: int
    label: str
    """Evidence to show: `git checkout`, `command make`, `agent 3`."""
    contents: frozenset[Content] = frozenset()
    """The files that it reports to have written."""
    around_ms: int = 0
    """Tolerance before and after the span within which its changes may have been seen."""


class Voiced(Protocol):
    """Has the name of a writer in the episode."""

    @property
    def source(self) -> str:
        """The name."""
        ...


@dataclass(slots=True)
class Explanations:
    """Index of saves, git operations, commands and bursts; times in ms since session start."""

    saves: dict[Content, list[int]] = field(default_factory=dict[Content, list[int]])
    git: list[Span] = field(default_factory=list[Span])
    runs: list[Span] = field(default_factory=list[Span])
    bursts: dict[Content, list[tuple[int, int, str]]] = field(
        default_factory=dict[Content, list[tuple[int, int, str]]]
    )
    """Path and content to (first, last, writer) of the bursts that the file watcher reports."""
    operations: FileOperations = field(default_factory=FileOperations)
    """File operations of editors: create, rename, delete."""
    has_watcher: bool = False
    agents: Agents | None = None
    """Agents that ran in the session, if any."""

    def called(self, names: Mapping[str, Voiced]) -> Explanations:
        """Return a copy with the writers of bursts replaced by their names in the episode."""
        bursts = {
            content: [(first, last, names[writer].source) for first, last, writer in told]
            for content, told in self.bursts.items()
        }
        return replace(self, bursts=bursts)

    def save_near(self, content: Content, from_ms: int, to_ms: int) -> int | None:
        """Return the time of a save of these bytes within `SAVE_WITHIN_MS`, or None."""
        times = self.saves.get(content, [])
        place = bisect_left(times, from_ms - SAVE_WITHIN_MS)
        found = place < len(times) and times[place] <= to_ms + SAVE_WITHIN_MS
        return times[place] if found else None

    def watcher_will_report(self, path: str, sha256: str | None, now_ms: int) -> str | None:
        """Return the watcher that saw this change about now and reports it later, or None."""
        for first, last, writer in self.bursts.get((path, sha256), ()):
            if first - _FORESEEN_MS <= now_ms <= last + _FORESEEN_MS:
                return writer
        return None

    def has_git_near(self, from_ms: int, to_ms: int) -> bool:
        """Say whether a git operation overlaps a burst."""
        return any(_is_near(span, from_ms, to_ms) for span in self.git)

    def runs_at(self, times_ms: Iterable[int]) -> frozenset[str]:
        """Return the labels of the commands that ran at any of these times."""
        times = tuple(times_ms)
        return frozenset(run.label for run in self.runs if _ran_at(run, times))

    def actor(
        self,
        contents: Iterable[Content],
        from_ms: int,
        to_ms: int,
        times_ms: Sequence[int] = (),
    ) -> dict[str, object]:
        """Return who changed files in a burst, as the fields of an actor.

        Command: an editor reported that it created, renamed or deleted each of these files. Git: an
        operation that changes files overlaps the burst; observed when git's step lists all of the
        files, else inferred. Assistant: an agent announced writes to each of these files.
        Everything else is external; commands that ran at the time are evidence, not proof.

        Args:
            contents: the files' new contents.
            from_ms: first event of the burst.
            to_ms: last event.
            times_ms: modification times of the files; commands are matched with these if given.
        """
        wanted = set(contents)
        labels = self.operations.explaining({path for path, _ in wanted}, from_ms, to_ms)
        if labels:
            return {"class": ActorClass.COMMAND, "basis": Basis.OBSERVED, "evidence": labels}
        near = [span for span in self.git if _is_near(span, from_ms, to_ms)]
        if near:
            listed = frozenset[Content]().union(*(span.contents for span in near))
            basis = Basis.OBSERVED if wanted <= listed else Basis.INFERRED
            return _actor(ActorClass.GIT, basis, near)
        runs = [run for run in self.runs if _explains(run, wanted, from_ms, to_ms, times_ms)]
        if self.agents is not None:
            calls = self.agents.writing_all({path for path, _ in wanted}, from_ms, to_ms)
            if calls:
                return _actor(ActorClass.ASSISTANT, Basis.OBSERVED, map(_span, calls))
            runs += map(_span, self.agents.at_work(from_ms, to_ms))
        return _actor(ActorClass.EXTERNAL, Basis.INFERRED, runs)

    def left(self, actor: Mapping[str, object], builder: Builder, state: int) -> None:
        """Pass the state of the disk after an agent's change on to the step of its result."""
        if self.agents is not None and actor["class"] is ActorClass.ASSISTANT:
            self.agents.changed(cast("Iterable[str]", actor["evidence"]), builder, state)

    def named_by_agents(self, paths: Iterable[str], from_ms: int, to_ms: int) -> frozenset[str]:
        """Return those of the files that an agent announced to write at this time."""
        agents = self.agents
        if agents is None:
            return frozenset()
        return frozenset(path for path in paths if agents.writing(path, from_ms, to_ms) is not None)


def explain(
    writers: Sequence[WriterRecords],
    scale: SessionScale,
    paths: WorkspacePaths,
    late: Iterable[tuple[int, Mapping[str, object]]] = (),
) -> Explanations:
    """Scan the journals for what may explain changes of files.

    Editors' journals are scanned only when there was a file watcher.

    Args:
        writers: of the session.
        scale: maps their clocks to session time.
        paths: of the workspace.
        late: steps that no writer recorded, with their millisecond.
    """
    found = Explanations()
    trees = _take_others(found, writers, scale)
    for t_ms, fields in late:
        _take_step(found, t_ms, fields)
    trees.sort(key=lambda tree: tree[0])
    first = {content for tree in trees[:1] for content in contents_of(tree[2].get("entries"))}
    for t_ms, writer_id, fields in trees[1:]:
        for content in contents_of(fields.get("entries")):
            if content not in first:  # changed at an unknown time before this tree was read
                found.bursts.setdefault(content, []).append((0, t_ms, writer_id))
    if found.has_watcher:
        _take_saves(found, writers, scale, paths)
    return found


def _take_others(
    found: Explanations, writers: Sequence[WriterRecords], scale: SessionScale
) -> list[tuple[int, str, Mapping[str, object]]]:
    """Scan writers other than editors; return the TREE records with time and writer."""
    trees: list[tuple[int, str, Mapping[str, object]]] = []
    for writer in writers:
        at = _clock(writer, scale)
        for t_boot_ns, kind, body in () if writer.is_editor else writer.only(_OF_WATCHERS):
            if not is_fields(body):
                continue
            fields = body
            if kind == RecordKind.STEP:
                _take_step(found, at(t_boot_ns), fields)
                continue
            found.has_watcher = True
            if kind == RecordKind.FILES:
                _take_burst(found, at, fields, writer.writer_id)
            else:
                trees.append((at(t_boot_ns), writer.writer_id, fields))
    return trees


def _take_saves(
    found: Explanations,
    writers: Sequence[WriterRecords],
    scale: SessionScale,
    paths: WorkspacePaths,
) -> None:
    for writer in writers:
        at = _clock(writer, scale)
        for t_boot_ns, kind, body in writer.only(_OF_EDITORS) if writer.is_editor else ():
            fields = fields_of(body)
            if kind == RecordKind.SAVE:
                _take_save(found, at(t_boot_ns), fields, paths)
            else:
                found.operations.told(fields, at(t_boot_ns), paths)
    for times in found.saves.values():
        times.sort()


_OF_WATCHERS: Final = frozenset({RecordKind.FILES, RecordKind.TREE, RecordKind.STEP})
_OF_EDITORS: Final = frozenset({RecordKind.SAVE, RecordKind.STEP})


def _clock(writer: WriterRecords, scale: SessionScale) -> Callable[[int], int]:
    offset = scale.offsets[writer.header.boot_id] - scale.start_ns
    return lambda t_boot_ns: max(0, t_boot_ns + offset) // MS


def _take_burst(
    found: Explanations, at: Callable[[int], int], body: Mapping[str, object], writer: str
) -> None:
    """Index the contents of one FILES record."""
    last, first = body.get("t_boot_ns"), body.get("first_boot_ns")
    last_ns = last if type(last) is int else 0
    first_ns = first if type(first) is int and 0 <= first <= last_ns else last_ns
    for content in contents_of(body.get("changed")):
        found.bursts.setdefault(content, []).append((at(first_ns), at(last_ns), writer))
    found.operations.watched(body, at(first_ns), at(last_ns))


def _take_step(found: Explanations, t_ms: int, body: Mapping[str, object]) -> None:
    kind = body.get("kind")
    if kind == "git":
        operation = body.get("operation")
        if isinstance(operation, str) and operation not in LEAVES_FILES:
            contents = frozenset(contents_of(body.get("disk")))
            label = f"git {operation}"[:_MAX_LABEL]
            is_exact = body.get("t_kind") == TimeKind.EVENT
            within_ms = GIT_EXACT_WITHIN_MS if is_exact else GIT_WITHIN_MS
            span = Span(
                from_ms=t_ms, to_ms=t_ms, label=label, contents=contents, around_ms=within_ms
            )
            found.git.append(span)
    elif kind in _RUNS:
        duration = body.get("duration_ns")
        length = duration // MS if type(duration) is int and duration > 0 else 0
        label = f"{kind} {program_of(body)}".strip()[:_MAX_LABEL]
        contents = frozenset(contents_of(body.get("disk")) if kind == "command" else ())
        # A line whose end nobody saw is evidence for its beginning alone: its terminal may have
        # been killed, and a dead line must neither be named nor keep others from being named.
        span = Span(from_ms=max(0, t_ms - length), to_ms=t_ms, label=label, contents=contents)
        found.runs.append(span)
        if kind == "command":
            _take_git_command(found, span, body)


def _take_git_command(found: Explanations, run: Span, command: Mapping[str, object]) -> None:
    """Index the git operations in a command line; of a long run only its end counts as git's."""
    for told in git_operations(command):
        if told["operation"] not in LEAVES_FILES:
            from_ms = max(run.from_ms, run.to_ms - GIT_EXACT_WITHIN_MS)
            label = f"git {told['operation']}"
            found.git.append(replace(run, from_ms=from_ms, label=label, around_ms=_NOTICED_MS))


def _span(call: Call) -> Span:
    return Span(from_ms=call.from_ms, to_ms=call.to_ms, label=call.evidence)


def program_of(body: Mapping[str, object]) -> str:
    """Return the program of a command, without folders and arguments."""
    argv, line = body.get("argv"), body.get("line")
    words = list_of(list(argv) if isinstance(argv, tuple) else argv)
    if not words and isinstance(line, str):
        words = list(line.split()[:1])
    return words[0].rpartition("/")[2] if words and isinstance(words[0], str) else ""


def _take_save(
    found: Explanations, t_ms: int, body: Mapping[str, object], paths: WorkspacePaths
) -> None:
    uri, sha256 = body.get("uri"), body.get("disk_sha256")
    path = paths.of_uri(uri) if isinstance(uri, str) else None
    if path is not None and isinstance(sha256, str):
        found.saves.setdefault((path, sha256), []).append(t_ms)


def _explains(
    run: Span, contents: set[Content], from_ms: int, to_ms: int, times_ms: Sequence[int]
) -> bool:
    """Say whether a command overlaps a burst, or reported these contents right before it.

    On a busy machine the kernel's events are read some time after the change.
    """
    if _ran_at(run, times_ms) if times_ms else run.from_ms <= to_ms and run.to_ms >= from_ms:
        return True
    return 0 <= from_ms - run.to_ms <= RUN_WITHIN_MS and contents <= run.contents


def _ran_at(run: Span, times_ms: Sequence[int]) -> bool:
    return any(
        run.from_ms - _CLOCKS_APART_MS <= at_ms <= run.to_ms + _CLOCKS_APART_MS
        for at_ms in times_ms
    )


def _is_near(span: Span, from_ms: int, to_ms: int) -> bool:
    return span.from_ms <= to_ms + span.around_ms and span.to_ms >= from_ms - span.around_ms


def _actor(cls: ActorClass, basis: Basis, spans: Iterable[Span]) -> dict[str, object]:
    evidence = tuple(dict.fromkeys(span.label for span in spans))
    return {"class": cls, "basis": basis, "evidence": evidence}
