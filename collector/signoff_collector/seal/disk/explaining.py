"""What the other writers say about changes that the file watcher saw.

An editor's save, an operation of git, a command that ran: each may be told before or after
the file watcher tells of the same bytes, so the journals are looked through once before
the records are taken in order. Nothing is looked through when no file watcher was at work.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.disk.file_operations import FileOperations
from signoff_collector.seal.steps.git_commands import git_operations
from signoff_schemas.untyped import fields_of, is_fields, list_of
from signoff_schemas.words import ActorClass, Basis, TimeKind

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.building import Builder
    from signoff_collector.seal.documents.paths import WorkspacePaths
    from signoff_collector.seal.steps.agents import Agents, Call
    from signoff_collector.seal.times.merge import SessionScale

MS: Final = 1_000_000
SAVE_WITHIN_MS: Final = 5_000
"""A save may be told so long before or after its bytes were seen on disk."""
GIT_WITHIN_MS: Final = 3_000
"""The git watcher looks twice a second, and asks git before it tells."""
GIT_EXACT_WITHIN_MS: Final = 1_500
"""Git writes its refs right after the files; what is older was written by something else."""
_NOTICED_MS: Final = 500
"""The kernel's events of a change are read so long after it, on a busy machine."""
RUN_WITHIN_MS: Final = 10_000
"""What a command says it left on disk may be seen by the file watcher so long after its end.

The watcher is nice: on a busy machine it reads seconds late, and the bytes are the proof.
"""
_CLOCKS_APART_MS: Final = 100
"""The clocks of shells and of file systems are believed so far as they agree within this."""
_ENDLESS_MS: Final = 1 << 53
_FORESEEN_MS: Final = 1_000
LEAVES_FILES: Final = frozenset({"commit", "amend", "tag", "branch", "push", "fetch"})
"""Git operations that change no file; a file that differs then was changed by something else."""
_MAX_LABEL: Final = 64
_RUNS: Final = frozenset({"command", "tests"})

Content = tuple[str, str | None]
"""A path and the SHA-256 of what was there, None when it was gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which something was at work that may have changed files."""

    from_ms: int
    to_ms: int
    label: str
    """`git checkout`, `command make`, `agent codex`: evidence for whoever reads it."""
    contents: frozenset[Content] = frozenset()
    """What it says itself that it left on disk."""
    around_ms: int = 0
    """How long before and after it what it did may have been seen."""


class Voiced(Protocol):
    """Knows what a writer is called in the episode."""

    @property
    def source(self) -> str:
        """The name."""
        ...


@dataclass(slots=True)
class Explanations:
    """Saves, spans and bursts of one session, by the session's milliseconds."""

    saves: dict[Content, list[int]] = field(default_factory=dict[Content, list[int]])
    git: list[Span] = field(default_factory=list[Span])
    runs: list[Span] = field(default_factory=list[Span])
    bursts: dict[Content, list[tuple[int, int, str]]] = field(
        default_factory=dict[Content, list[tuple[int, int, str]]]
    )
    """Path and content to (first, last, writer) of what the file watcher will tell."""
    operations: FileOperations = field(default_factory=FileOperations)
    """What editors did to files as files."""
    has_watcher: bool = False
    agents: Agents | None = None
    """Agents at work in the session, if any."""

    def called(self, names: Mapping[str, Voiced]) -> Explanations:
        """Return the same with the writers of bursts called as the episode calls them."""
        bursts = {
            content: [(first, last, names[writer].source) for first, last, writer in told]
            for content, told in self.bursts.items()
        }
        return replace(self, bursts=bursts)

    def save_near(self, content: Content, from_ms: int, to_ms: int) -> int | None:
        """Return when an editor says it saved these bytes, about this time."""
        times = self.saves.get(content, [])
        place = bisect_left(times, from_ms - SAVE_WITHIN_MS)
        found = place < len(times) and times[place] <= to_ms + SAVE_WITHIN_MS
        return times[place] if found else None

    def foresees(self, path: str, sha256: str | None, now_ms: int) -> str | None:
        """Return the writer that saw this change about now and tells of it later, if one did."""
        for first, last, writer in self.bursts.get((path, sha256), ()):
            if first - _FORESEEN_MS <= now_ms <= last + _FORESEEN_MS:
                return writer
        return None

    def has_git_near(self, from_ms: int, to_ms: int) -> bool:
        """Say whether git was at work in a burst."""
        return any(_is_near(span, from_ms, to_ms) for span in self.git)

    def runs_at(self, times_ms: Iterable[int]) -> frozenset[str]:
        """Return the evidence of what ran at one of some moments."""
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

        Command where an editor said that it made, renamed or removed each of these files. Git where
        one of its operations that moves files lies in the burst: observed when git's own step lists
        all of it, else inferred. Assistant where an agent said that it writes each
        of these files. Anything else is external; what ran meanwhile is its evidence, and no proof.

        Args:
            contents: what the files hold now.
            from_ms: first event of the burst.
            to_ms: last event.
            times_ms: when the file system says that they changed; what ran then is "meanwhile".
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
        """Tell the agents that changes were seen, and what state of the disk they left."""
        if self.agents is not None and actor["class"] is ActorClass.ASSISTANT:
            self.agents.changed(cast("Iterable[str]", actor["evidence"]), builder, state)

    def named_by_agents(self, paths: Iterable[str], from_ms: int, to_ms: int) -> frozenset[str]:
        """Return which of some files an agent said that it writes, at this time."""
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
    """Look through the journals for what may explain changes of files.

    Costs nothing without a file watcher; with one, a pass over the heads of all frames.

    Args:
        writers: of the session.
        scale: their clocks.
        paths: of the workspace.
        late: steps that no writer saw, with their millisecond.
    """
    found = Explanations()
    trees = _take_others(found, writers, scale)
    for t_ms, fields in late:
        _take_step(found, t_ms, fields)
    trees.sort(key=lambda tree: tree[0])
    first = {content for tree in trees[:1] for content in contents_of(tree[2].get("entries"))}
    for t_ms, writer_id, fields in trees[1:]:
        for content in contents_of(fields.get("entries")):
            if content not in first:  # changed before, nobody knows when
                found.bursts.setdefault(content, []).append((0, t_ms, writer_id))
    if found.has_watcher:
        _take_saves(found, writers, scale, paths)
    return found


def _take_others(
    found: Explanations, writers: Sequence[WriterRecords], scale: SessionScale
) -> list[tuple[int, str, Mapping[str, object]]]:
    """Take what others than editors wrote; return the TREE records with time and writer."""
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
    """Take note of what one FILES record will tell."""
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
        to_ms = _ENDLESS_MS if _may_still_run(body) else t_ms
        span = Span(from_ms=max(0, t_ms - length), to_ms=to_ms, label=label, contents=contents)
        found.runs.append(span)
        if kind == "command":
            _take_git_command(found, span, body)


def _take_git_command(found: Explanations, run: Span, command: Mapping[str, object]) -> None:
    """Take what a command's words say of git; of a long line only its end counts as git's."""
    for told in git_operations(command):
        if told["operation"] not in LEAVES_FILES:
            from_ms = max(run.from_ms, run.to_ms - GIT_EXACT_WITHIN_MS)
            label = f"git {told['operation']}"
            found.git.append(replace(run, from_ms=from_ms, label=label, around_ms=_NOTICED_MS))


def _may_still_run(command: Mapping[str, object]) -> bool:
    """Say whether nobody saw the end of a typed line; `exit` ends where its shell does."""
    ends = ("duration_ns", "exit_code", "signal")
    is_open = "shell" in command and not any(command.get(name) is not None for name in ends)
    return is_open and program_of(command) not in {"exit", "logout"}


def _span(call: Call) -> Span:
    return Span(from_ms=call.from_ms, to_ms=call.to_ms, label=call.evidence)


def program_of(body: Mapping[str, object]) -> str:
    """Return what a run is called: its program, without folders and arguments."""
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


def contents_of(value: object) -> list[Content]:
    """Return path and SHA-256 of each disk item of a record."""
    contents: list[Content] = []
    for item in list_of(value):
        fields = cast("Mapping[str, object]", item) if isinstance(item, Mapping) else {}
        path, sha256 = fields.get("path"), fields.get("sha256")
        if isinstance(path, str) and (sha256 is None or isinstance(sha256, str)):
            contents.append((path, sha256))
    return contents


def _explains(
    run: Span, contents: set[Content], from_ms: int, to_ms: int, times_ms: Sequence[int]
) -> bool:
    """Say whether a run was at work in a burst, or had left these contents right before it.

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
