"""The levels of an episode as rows, one per span, and as lines for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from signoff_collector.levels.levels import LEVELS_VERSION, PARAMETERS, levels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.levels.levels import Levels
    from signoff_collector.levels.test_runs.set_ups import SetUp
    from signoff_collector.levels.viewed import Viewed
    from signoff_collector.levels.writing.survival import DeadEnd

LEVELS: Final[Mapping[str, str]] = {
    "tasks": "task",
    "attempts": "attempt",
    "phases": "phase",
    "set_ups": "set_up",
    "viewed": "viewed",
    "bursts": "burst",
    "red_green": "red_green",
    "green_red": "green_red",
    "diagnostics": "diagnostic",
    "reverts": "revert",
    "survival": "survival",
    "dead_ends": "dead_end",
    "git": "git",
    "shares": "share",
    "chapters": "chapter",
}
"""Fields of `Levels`, with the word that a row of each says under `level`."""
_SECOND_NS: Final = 1_000_000_000
_SHOWN: Final = 10
"""Lines of one level; `--json` gives all."""


def level_rows(episode: Episode) -> Iterator[dict[str, object]]:
    """Yield the version and the parameters, then each span of each level.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    levels = levels_of(episode)
    yield {"level": "levels", "version": LEVELS_VERSION, "parameters": dict(PARAMETERS)}
    for name, word in LEVELS.items():
        for one in getattr(levels, name):
            yield {"level": word, **asdict(one)}


def level_lines(episode: Episode) -> Iterator[str]:
    """Yield what a person wants to know of them; times are since the start.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    levels = levels_of(episode)
    times = episode.times()
    yield f"levels   version {LEVELS_VERSION}"
    yield f"bursts   {_bursts(levels)}"
    yield f"attempts {_attempts(levels)}"
    yield f"authors  {_authors(levels)}"
    yield from _listed("chapters", _chapter_lines(levels, times))
    yield from _listed("set up", (_set_up(one, times) for one in levels.set_ups))
    yield from _listed(
        "only read", (_read(one, times) for one in levels.viewed if not one.is_changed)
    )
    yield from _listed("reverts", _revert_lines(levels, times))
    yield from _listed("dead ends", (_dead_end(one, times) for one in levels.dead_ends))
    yield from _listed(
        "weakened tests",
        (f"{_clock(times, one.last_red)}  {one.test}" for one in levels.red_green
         if one.is_weakened),
    )  # fmt: skip
    yield from _listed(
        "flaky tests",
        (f"{_clock(times, one.last_red)}  {one.test}" for one in levels.red_green
         if one.green is not None and not one.is_tree_changed),
    )  # fmt: skip


def _bursts(levels: Levels) -> str:
    null = sum(burst.action is None for burst in levels.bursts)
    return f"{len(levels.bursts)} of {sum(b.edits for b in levels.bursts)} edits" + (
        f", {null} changed nothing" if null else ""
    )


def _attempts(levels: Levels) -> str:
    labels = Counter(one.label for one in levels.attempts if one.verification is not None)
    said = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    return f"{sum(labels.values())}" + (f": {said}" if said else "")


def _authors(levels: Levels) -> str:
    put: Counter[str] = Counter()
    for share in levels.shares:
        put[share.actor] += share.inserted
    total = sum(put.values())
    if not total:
        return "nothing was inserted in an editor"
    return ", ".join(f"{name} {count * 100 // total} %" for name, count in put.most_common())


def _chapter_lines(levels: Levels, times: Column) -> Iterator[str]:
    numbers = {task.from_seq: number for number, task in enumerate(levels.tasks)}
    for one in levels.chapters:
        is_task = one.kind == "task"
        outcome = f" — {one.outcome}" if is_task and one.outcome else ""
        kind = f"task {numbers[one.seq_first]}" if is_task else one.kind
        yield f"{_clock(times, one.seq_first)}  {kind:<9}  {one.title}{outcome}"


def _set_up(one: SetUp, times: Column) -> str:
    ended = "" if not one.exit_code else f", exit {one.exit_code}"
    run = "after the last test run" if one.before is None else f"before test run {one.before}"
    return f"{_clock(times, one.seq)}  {one.what}, step {one.seq}, {run}{ended}"


def _read(one: Viewed, times: Column) -> str:
    seen = sum(part.text.count("\n") + 1 for part in one.parts)
    return f"{_clock(times, one.first)}  {one.path}, {seen} of {one.lines} lines"


def _revert_lines(levels: Levels, times: Column) -> Iterator[str]:
    for one in levels.reverts:
        yield f"{_clock(times, one.first)}  by {one.how}, steps {one.first} to {one.last}: " + (
            ", ".join(one.paths)
        )


def _dead_end(one: DeadEnd, times: Column) -> str:
    left = f"{one.surviving} of {one.tokens} words and signs are left"
    return f"{_clock(times, one.first)}  {one.path}, steps {one.first} to {one.last}: {left}"


def _listed(name: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    yield f"{name:<8} {len(found)}"
    for line in found[:_SHOWN]:
        yield f"  {line}"
    if len(found) > _SHOWN:
        yield f"  and {len(found) - _SHOWN} more: --json lists all"


def _clock(times: Column, seq: int) -> str:
    seconds = int(times[seq]) // _SECOND_NS
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
