"""The table `steps`: a row for each burst of edits, and for each other step."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import decode_text
from signoff_datasets.actions.authors import author_of, author_of_words
from signoff_datasets.tables.texts import json_text, maybe_whole, whole
from signoff_schemas.steps import (
    AgentStep,
    CommandStep,
    CreateStep,
    DiagnosticsStep,
    GitStep,
    NoteStep,
    OpenStep,
    ResyncStep,
    SearchStep,
    TaskStep,
    TestsStep,
    step_json,
)
from signoff_schemas.words import BASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.survival import Survival
    from signoff_datasets.tables.episode_rows import Row
    from signoff_datasets.tables.spans import Spans
    from signoff_datasets.tables.times import Times
    from signoff_schemas.steps import AnyStep

_TOLD_ELSEWHERE: Final = frozenset(
    {
        *("seq", "t_ns", "t_kind", "kind", "source", "actor", "task", "path", "state", "env"),
        *("batch_ns", "duration_ns", "last_input_ns", "cases", "text", "message", "query"),
        *("argv", "line", "output", "exit_code", "run_id", "run_ids", "blob", "agent_session"),
    }
)
"""Fields with columns of their own, numbers of this file alone, and times finer than signed."""
_NOT_GREEN: Final = ("failed", "error")


def step_rows(sha256: str, episode: Episode, spans: Spans, times: Times) -> Iterator[Row]:
    """Yield the rows in order of the first step that each covers."""
    left = {one.first: one for one in spans.levels.survival}
    rows = [_of_step(step, episode, times) for step in episode.steps]
    rows += [
        _of_burst(number, burst, left.get(burst.first), episode, times)
        for number, burst in enumerate(spans.levels.bursts)
    ]
    rows.sort(key=lambda one: one[0])
    before: int | None = None
    for number, (seq, ended, row) in enumerate(rows):
        began = row["t_ms"]
        assert began is None or isinstance(began, int)  # noqa: S101  # set below
        path = row["path"]
        is_burst = row["kind"] == "edit"
        task, attempt = spans.task(seq), spans.attempt(seq)
        yield {
            **row,
            "episode": sha256,
            "step": number,
            "pause_ms": None if began is None or before is None else max(began - before, 0),
            "is_first": number == 0,
            "is_last": number == len(rows) - 1,
            "task": task,
            "task_title": None if task is None else whole(spans.levels.tasks[task].title),
            "attempt": attempt,
            "attempt_label": None if attempt is None else spans.levels.attempts[attempt].label,
            "phase": spans.phase(seq),
            "chapter": maybe_whole(spans.chapter(seq)),
            "labels": spans.labels(
                seq,
                path if isinstance(path, str) else None,
                is_null=row["old"] is None and row["new"] is None if is_burst else None,
            ),
        }
        before = ended


_Placed = tuple[int, "int | None", "Row"]
"""First step, time of the end, and the row."""


def _of_burst(
    number: int, burst: Burst, left: Survival | None, episode: Episode, times: Times
) -> _Placed:
    at = episode.edits.count_until(burst.first) - 1
    action = burst.action
    return (
        burst.first,
        times.at(burst.end_ns),
        {
            "seq_first": burst.first,
            "seq_last": burst.last,
            "kind": "edit",
            "author": burst.actor,
            "author_basis": str(BASES[int(episode.edits.basis[at])]),
            "t_ms": times.at(burst.start_ns),
            "duration_ms": times.lasting(burst.end_ns - burst.start_ns),
            "burst": number,
            "path": whole(burst.path),
            "old": None if action is None else whole(action.old),
            "new": None if action is None else whole(action.new),
            "inserted": burst.inserted,
            "deleted": burst.deleted,
            "edits": burst.edits,
            "tokens": None if left is None else left.tokens,
            "surviving": None if left is None else left.surviving,
        },
    )


def _of_step(step: AnyStep, episode: Episode, times: Times) -> _Placed:
    fields = step_json(step)
    lasted = fields.get("duration_ns")
    rest = {
        name: value
        for name, value in fields.items()
        if name not in _TOLD_ELSEWHERE and not name.endswith("_ns")
    }
    author = author_of(step.actor)
    if isinstance(step, (TaskStep, NoteStep)):
        author = author_of_words(step, episode.header)
    row: Row = {
        "seq_first": step.seq,
        "seq_last": step.seq,
        "kind": whole(step.kind),
        "author": str(author.cls),
        "author_basis": str(author.basis),
        "t_ms": times.at(step.t_ns),
        "duration_ms": times.lasting(lasted if isinstance(lasted, int) else None),
        "path": maybe_whole(step.path),
        "old": None,
        "new": None,
        "content": _content(step, episode),
        "says": maybe_whole(_says(step)),
        "state": step.state,
        "details": json_text(rest),
        **_of_run(step),
    }
    return step.seq, times.at(step.t_ns), row


def _content(step: AnyStep, episode: Episode) -> str | None:
    """Return the text that a file was opened with or set to; None where it is not text."""
    if not isinstance(step, (OpenStep, CreateStep, ResyncStep)) or step.blob is None:
        return None
    try:
        return whole(decode_text(episode.blobs[step.blob]))
    except UnicodeDecodeError:
        return None


def _says(step: AnyStep) -> str | None:
    match step:
        case TaskStep() | NoteStep() | AgentStep():
            return step.text
        case GitStep():
            return step.message
        case SearchStep():
            return step.query
        case DiagnosticsStep():
            return "\n".join(one.message for one in step.appeared) or None
        case _:
            return None


def _of_run(step: AnyStep) -> Row:
    match step:
        case CommandStep():
            return {
                "command": _line(step.line, step.argv),
                "exit_code": step.exit_code,
                **_printed(step),
            }
        case TestsStep():
            counts = Counter(step.cases.outcomes)
            return {
                "command": _line(None, step.argv),
                "exit_code": step.exit_code,
                "passed": counts["passed"] + counts["xfailed"],
                "failed": sum(counts[one] for one in _NOT_GREEN),
            }
        case AgentStep():
            return {"command": maybe_whole(step.line)}
        case _:
            return {}


def _printed(step: CommandStep) -> Row:
    if step.output is None:
        return {}
    shown = step.output
    return {"output": whole(shown.head + shown.tail), "output_left_out": shown.middle_bytes}


def _line(line: str | None, argv: tuple[str, ...]) -> str | None:
    if line is None and not argv:
        return None
    return whole(line if line is not None else shlex.join(argv))
