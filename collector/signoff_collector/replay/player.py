"""Line-based playback: prints what was typed and done, in real time or faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.episode.content import Edit
from signoff_collector.replay.describing import chapter_words, clock_text, short
from signoff_collector.replay.masking import masked_step, unmasked
from signoff_collector.replay.story import BAD, GOOD, NEITHER, duration_text, told, who
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import AnyStep, CheckpointStep, OpenStep, SelectStep, ViewStep
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from signoff_collector.levels.chapters import Chapter
    from signoff_collector.replay.reel import Reel

BURST_GAP_NS: Final = 2_000_000_000
MAX_WAIT_S: Final = 2.0
"""Longer pauses are shortened to this."""
LONG_WAIT_NS: Final = 60_000_000_000
"""Longer pauses are printed, with or without a known reason."""
_SECOND_NS: Final = 1_000_000_000
_MS: Final = 1_000_000
SIDE_STEPS: Final = (CheckpointStep, SelectStep, ViewStep)
"""Steps that accompany keystrokes and say little; left out unless requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a playback, and its time."""

    seq: int
    t_ns: int
    text: str
    style: str = ""
    """Terminal style; adds no information to the text."""


_STYLES: Final[Mapping[str, str]] = {
    "task": "bold",
    "note": "bold",
    "command": "cyan",
    "git": "magenta",
    "agent": "magenta",
    "gap": "yellow",
    "resync": "yellow",
}
_MOODS: Final[Mapping[str, str]] = {GOOD: "green", BAD: "red", NEITHER: ""}


class Sleeper(Protocol):
    """Function that waits; replaced in tests."""

    def __call__(self, seconds: float, /) -> None:
        """Wait for a duration."""
        ...


def transcript(
    reel: Reel,
    first: int = 0,
    last: int | None = None,
    *,
    with_sides: bool = False,
    mask: Callable[[str], str] = unmasked,
) -> Iterator[Line]:
    """Yield the lines of the steps from `seq` `first` to `last`, inclusive.

    Consecutive edits of one actor in one buffer without a pause are coalesced into one line, with
    the text around the cursor after the last of them. `SIDE_STEPS`, and texts that an editor merely
    still had open, are left out unless `with_sides`. All recorded text is masked by `mask` before
    it is truncated. Several tasks, and tests that turned, are told as headings.
    """
    before: Line | None = None
    headings = [one for one in _headings(reel.chapters) if first <= one.seq_first]
    for line in _lines(reel, first, last, with_sides=with_sides, mask=mask):
        if before is not None and line.t_ns - before.t_ns > LONG_WAIT_NS:
            told_already = line.text.startswith("gap") or before.text.startswith("gap")
            if not told_already:
                words = f"{'':<11} … {duration_text(line.t_ns - before.t_ns)} later"
                yield Line(seq=before.seq, t_ns=before.t_ns, text=words, style="dim")
        before = line
        while headings and headings[0].seq_first <= line.seq:
            yield _heading(headings.pop(0), mask)
        yield line


def _headings(told_apart: Sequence[Chapter]) -> Iterator[Chapter]:
    """Yield the chapters that get a heading: tasks, if there are several, and turned tests."""
    are_several = sum(one.kind == "task" for one in told_apart) > 1
    for one in told_apart:
        if one.kind == "red_green" or (one.kind == "task" and are_several):
            yield one


def _heading(chapter: Chapter, mask: Callable[[str], str]) -> Line:
    return Line(
        seq=chapter.seq_first,
        t_ns=chapter.t_ms * _MS,
        text=f"── {chapter_words(chapter, mask)}",
        style="bold",
    )


def _lines(
    reel: Reel, first: int, last: int | None, *, with_sides: bool, mask: Callable[[str], str]
) -> Iterator[Line]:
    burst: list[Edit] = []
    for step in reel.episode.ordered():
        if step.seq < first or (last is not None and step.seq > last):
            continue
        if isinstance(step, Edit):
            if burst and not _continues(burst[-1], step):
                yield _burst_line(reel, burst, mask)
                burst = []
            burst.append(step)
            continue
        if not with_sides and _is_aside(step):
            continue
        if burst:
            yield _burst_line(reel, burst, mask)
            burst = []
        yield _step_line(masked_step(step, mask))
    if burst:
        yield _burst_line(reel, burst, mask)


def _is_aside(step: AnyStep) -> bool:
    is_anchor = isinstance(step, OpenStep) and step.reason == "anchor"
    return is_anchor or isinstance(step, SIDE_STEPS)


def _step_line(step: AnyStep) -> Line:
    one = told(step)
    style = _MOODS[one.mood] or _STYLES.get(step.kind, "")
    return Line(seq=step.seq, t_ns=step.t_ns, text=one.line, style=style)


def _continues(before: Edit, edit: Edit) -> bool:
    return (before.file, before.buffer, before.actor) == (edit.file, edit.buffer, edit.actor) and (
        edit.t_ns - before.t_ns < BURST_GAP_NS
    )


def _burst_line(reel: Reel, burst: list[Edit], mask: Callable[[str], str]) -> Line:
    last = burst[-1]
    path = reel.episode.files[last.file]
    put = sum(len(edit.text) for edit in burst)
    removed = sum(edit.deleted for edit in burst)
    try:
        text = reel.moments.buffer(path, last.buffer, last.seq) or ""
    except DamagedError:
        text = ""
    cursor = last.cursor if last.cursor >= 0 else last.start + len(last.text)
    number, around = _line_at(text, cursor)
    took = last.t_ns - burst[0].t_ns
    while_ = f" in {duration_text(took)}" if took >= _SECOND_NS else ""
    shown = f"  {short(mask(around.strip()))}" if around.strip() else ""
    return Line(
        seq=last.seq,
        t_ns=last.t_ns,
        text=f"{_by(last):<11} {mask(path)}:{number} +{put} -{removed}{while_}{shown}",
    )


def _by(edit: Edit) -> str:
    """Return the author of an edit, as the first word of its line."""
    actor = ACTOR_CLASSES[edit.actor]
    word = "edit" if actor is ActorClass.UNKNOWN else who(actor)
    return f"{word}?" if BASES[edit.basis] is Basis.INFERRED else word


def _line_at(text: str, cursor: int) -> tuple[int, str]:
    """Return number and content of the line at an offset."""
    begin = text.rfind("\n", 0, cursor) + 1
    end = text.find("\n", cursor)
    return text.count("\n", 0, begin) + 1, text[begin : end if end >= 0 else len(text)]


def play(
    lines: Iterable[Line],
    say: Callable[[str, str], None],
    *,
    speed: float,
    sleep: Sleeper | None,
) -> int:
    """Print every line at its time, and return the number of lines.

    `speed` is a factor; without `sleep` there are no pauses.
    """
    before: int | None = None
    count = 0
    for line in lines:
        if sleep is not None and before is not None:
            sleep(min(max(0, line.t_ns - before) / 1e9 / speed, MAX_WAIT_S))
        before = line.t_ns
        say(f"{clock_text(line.t_ns):>8}  {line.seq:>6}  {line.text}", line.style)
        count += 1
    return count
