"""Merges duplicate records of one command, from a shell's hook and an editor (docs/sealing.md, 5).

The hook ran in the shell, so its fields are kept; the editor's output is added where the hook has
none. Of a line that is only `signoff run …` the run's own record is kept, which has the command
itself, its output and its tests. Two records are the same command when their lines match, their
exit codes do not contradict, and they began or ended about the same time; each record is paired at
most once. A plain pytest that reported its results (`tests_spool.py`) is linked to the command it
ran in, and dropped with it when that command is private.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.runs.own_lines import run_by
from signoff_collector.seal.steps.command_authors import STARTED_AS_JOB, TYPED_LINE
from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.times.merge import SessionScale

NEAR_NS: Final = 10**9
"""Usual tolerance between two records of one command; tried first."""
FAR_NS: Final = 5 * 10**9
"""Largest tolerance, for a busy editor host; tried on records that are still unpaired."""
_CLOCKS_NS: Final = 10**8
"""Tolerance between the clocks of a shell and of a program that it runs."""
_MASKED: Final = "REDACTED_VALUE"
"""Placeholder in the editor's line for a value that the hook's line still has."""
_HOOK: Final = "shell"
_RUN: Final = "run"
_TESTS: Final = "tests"
_EXPANDS: Final = re.compile(r"[$*?\[\]{}~`]")
"""Characters that a shell expands, so that the words run differ from those typed."""
_STEPS: Final = frozenset({RecordKind.STEP})
_OUTPUT: Final = ("output_state", "output_bytes", "output")

_Key = tuple[str, int, str]
"""Writer, time since boot, line."""


@dataclass(slots=True)
class _Told:
    """One record of a command."""

    key: _Key
    fields: Mapping[str, object]
    from_ns: int
    to_ns: int
    is_paired: bool = False
    gain: dict[str, object] = field(default_factory=dict[str, object])
    """Fields added from other records."""
    tellers: set[str] = field(default_factory=set[str])
    """For a run: the writers with a typed line that is already paired with it."""


@dataclass(slots=True)
class CommandPairs:
    """Which command records are duplicates, and the fields that others gain from them."""

    told_elsewhere: Counter[_Key] = field(default_factory=Counter[_Key])
    """Number of duplicate records to drop, by key."""
    gains: dict[_Key, list[Mapping[str, object]]] = field(
        default_factory=dict[_Key, list[Mapping[str, object]]]
    )
    """Fields that the records of a key gain, in order."""
    dropped: set[str] = field(default_factory=set[str])
    """Writers to drop entirely: test runs started by a private command."""
    runs: frozenset[str] = frozenset()
    """Writers of `signoff run`, whose word on how they were started is taken."""

    def take(
        self, writer_id: str, t_boot_ns: int, fields: Mapping[str, object]
    ) -> Mapping[str, object] | None:
        """Return the fields of a step after merging; None for a duplicate to drop."""
        if writer_id in self.dropped:
            return None
        if fields.get("kind") != "command":
            return fields
        fields = {
            name: value
            for name, value in fields.items()
            if name != TYPED_LINE and (name != STARTED_AS_JOB or writer_id in self.runs)
        }
        key = (writer_id, t_boot_ns, str(fields.get("line")))
        if self.told_elsewhere[key] > 0:
            self.told_elsewhere[key] -= 1
            return None
        gains = self.gains.get(key)
        gain = gains.pop(0) if gains else {}
        return {**fields, **gain} if gain else fields


def pair_commands(
    writers: Sequence[WriterRecords],
    scale: SessionScale,
    is_kept: Callable[[int], bool] = lambda _: True,
) -> CommandPairs:
    """Find duplicate command records. Editors' journals are read only if there are others.

    Args:
        writers: of the session.
        scale: maps their clocks to session time.
        is_kept: whether a record of this time since boot is not forgotten.
    """
    pairs = CommandPairs(
        runs=frozenset(one.writer_id for one in writers if one.header.writer == _RUN)
    )
    hooks = [
        one
        for writer in writers
        if writer.header.writer == _HOOK
        for one in _of_hook(writer, scale)
    ]
    runs = [
        one
        for writer in writers
        if writer.header.writer == _RUN
        for one in _of_editor(writer, scale, is_kept)
    ]
    spools = [writer for writer in writers if writer.header.writer == _TESTS]
    if not hooks and not runs and not spools:
        return pairs
    shown = [
        one for writer in writers if writer.is_editor for one in _of_editor(writer, scale, is_kept)
    ]
    _pair_runs(pairs, runs, [*hooks, *shown])
    for told in (*hooks, *(run for run in runs if any(h.key[0] in run.tellers for h in hooks))):
        told.gain[TYPED_LINE] = True
    hooks.sort(key=lambda one: one.to_ns)
    shown.sort(key=lambda one: one.to_ns)
    for reach_ns in (NEAR_NS, FAR_NS):
        for editor in shown:
            hook = None if editor.is_paired else _partner(editor, hooks, reach_ns)
            if hook is not None:
                editor.is_paired = hook.is_paired = True
                pairs.told_elsewhere[editor.key] += 1
                hook.gain |= _gain(hook.fields, editor.fields)
    standing = [*hooks, *(one for one in shown if not one.is_paired)]
    hidden = [
        one for writer in writers if writer.header.writer == _HOOK for one in _hidden(writer, scale)
    ]
    for spool in spools:
        _give_run(pairs, spool, scale, standing, hidden)
    for one in (*standing, *runs):
        pairs.gains.setdefault(one.key, []).append(one.gain)
    return pairs


def _give_run(
    pairs: CommandPairs,
    spool: WriterRecords,
    scale: SessionScale,
    standing: Sequence[_Told],
    hidden: Sequence[_Told],
) -> None:
    """Link the test run of a spool to the shortest command around it, of its own shell first."""
    shell = spool.header.fields.get("shell")
    for t_boot_ns, _, body in spool:
        fields = cast("Mapping[str, object]", body)
        begun_ns = scale.at(spool.header.boot_id, spool.header.t_boot_ns)
        ended_ns = scale.at(spool.header.boot_id, t_boot_ns)
        around = [one for one in (*standing, *hidden) if _is_around(one, begun_ns, ended_ns)]
        own = [one for one in around if one.key[0] == shell] or around
        if not own:
            continue
        nearest = min(own, key=lambda one: _fit(one, begun_ns, ended_ns))
        if nearest.fields.get("kind") != "command":
            pairs.dropped.add(spool.writer_id)
            continue
        named = nearest.gain.get("run_ids", nearest.fields.get("run_ids"))
        known = items_of(named)
        nearest.gain["run_ids"] = [*known, fields.get("run_id")]


def _is_around(line: _Told, begun_ns: int, ended_ns: int) -> bool:
    """Say whether a command spans a test run; without a known end it spans all that follows."""
    is_within = _is_open(line) or ended_ns <= line.to_ns + NEAR_NS
    return line.from_ns - NEAR_NS <= begun_ns and is_within


def _fit(line: _Told, begun_ns: int, ended_ns: int) -> tuple[bool, bool, int]:
    """Return a sort key: ended commands first, then those that span the run, then the shortest."""
    out_ns = max(0, line.from_ns - begun_ns) + max(0, ended_ns - line.to_ns)
    return (_is_open(line), out_ns > _CLOCKS_NS, line.to_ns - line.from_ns)


def _is_open(line: _Told) -> bool:
    return line.fields.get("duration_ns") is None


def _hidden(writer: WriterRecords, scale: SessionScale) -> Iterator[_Told]:
    """Yield the private commands of a shell, which are recorded as gaps."""
    for t_boot_ns, _, body in writer:
        fields = cast("Mapping[str, object]", body)
        if fields.get("kind") == "gap":
            from_ns = scale.at(writer.header.boot_id, t_boot_ns)
            lasted = fields.get("duration_ns")
            lasted_ns = lasted if type(lasted) is int else 0
            yield _Told((writer.writer_id, t_boot_ns, ""), fields, from_ns, from_ns + lasted_ns)


def _pair_runs(pairs: CommandPairs, runs: Sequence[_Told], typed: Sequence[_Told]) -> None:
    """Drop typed lines that only start a `signoff run`, which has a record of its own."""
    for one in typed:
        argv = run_by(one.key[2])
        inside = [] if argv is None else [run for run in runs if _is_run_of(run, one, argv)]
        if inside:
            nearest = min(inside, key=lambda run: abs(run.to_ns - one.to_ns))
            pairs.told_elsewhere[one.key] += 1
            one.is_paired = True
            nearest.tellers.add(one.key[0])


def _is_run_of(run: _Told, line: _Told, argv: Sequence[str]) -> bool:
    """Say whether this line started the run, unless a line of the same writer already did."""
    told = run.fields.get("argv")
    words = items_of(told)
    is_inside = line.from_ns - NEAR_NS <= run.from_ns and run.to_ns <= line.to_ns + NEAR_NS
    if line.key[0] in run.tellers or not is_inside:
        return False
    changed = any(_EXPANDS.search(word) for word in argv) or any(_MASKED in str(w) for w in words)
    codes = {one.fields.get("exit_code") for one in (run, line)} - {None}
    return (changed or list(words) == list(argv)) and len(codes) < 2


def _of_hook(writer: WriterRecords, scale: SessionScale) -> Iterator[_Told]:
    for t_boot_ns, kind, body in writer:
        if kind == RecordKind.STEP:
            yield from _told(writer, scale, t_boot_ns, body)


def _of_editor(
    writer: WriterRecords, scale: SessionScale, is_kept: Callable[[int], bool]
) -> Iterator[_Told]:
    for t_boot_ns, _, body in writer.only(_STEPS):
        if is_kept(t_boot_ns):
            yield from _told(writer, scale, t_boot_ns, body)


def _told(
    writer: WriterRecords, scale: SessionScale, t_boot_ns: int, body: object
) -> Iterator[_Told]:
    fields = fields_of(body)
    line, lasted = fields.get("line"), fields.get("duration_ns")
    has_words = isinstance(line, str) or writer.header.writer == _RUN
    if fields.get("kind") == "command" and has_words:
        to_ns = scale.at(writer.header.boot_id, t_boot_ns)
        lasted_ns = lasted if type(lasted) is int and lasted > 0 else 0
        yield _Told((writer.writer_id, t_boot_ns, str(line)), fields, to_ns - lasted_ns, to_ns)


def _partner(editor: _Told, hooks: Sequence[_Told], reach_ns: int) -> _Told | None:
    """Return the unpaired hook record of the same command, preferably with the same folder.

    Within `NEAR_NS` the nearest in time is chosen. Beyond it clocks differ, so the earliest is
    chosen: repeated lines keep their order.
    """
    found = [one for one in hooks if not one.is_paired and _is_same(editor, one, reach_ns)]
    if not found:
        return None
    cwd = editor.fields.get("cwd")
    in_place = [one for one in found if one.fields.get("cwd") == cwd] or found
    if reach_ns > NEAR_NS:
        return in_place[0]
    return min(in_place, key=lambda one: abs(one.to_ns - editor.to_ns))


def _is_same(editor: _Told, hook: _Told, reach_ns: int) -> bool:
    apart_ns = min(abs(hook.to_ns - editor.to_ns), abs(hook.from_ns - editor.from_ns))
    if apart_ns > reach_ns:
        return False
    codes = {one.fields.get("exit_code") for one in (editor, hook)} - {None}
    return len(codes) < 2 and _agree(editor.key[2].strip(), hook.key[2].strip())


def _agree(shown: str, line: str) -> bool:
    if _MASKED not in shown:
        return shown == line
    parts = map(re.escape, shown.split(_MASKED))
    return re.fullmatch(r"[\s\S]+?".join(parts), line) is not None


def _gain(hook: Mapping[str, object], editor: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that the hook's record gains from the editor's."""
    gain: dict[str, object] = {"via": editor.get("via")}
    if hook.get("output_state", "none") == "none" and editor.get("output") is not None:
        gain |= {name: editor.get(name) for name in _OUTPUT}
    for name in ("exit_code", "duration_ns", "run_ids"):
        if hook.get(name) is None and editor.get(name) is not None:
            gain[name] = editor[name]
    return gain
