"""Plain playback: what was typed and done, as lines, at the speed it happened or faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.episode.content import Edit
from signoff_collector.replay.describing import clock_text, describe_step, short
from signoff_schemas.steps import CheckpointStep, SelectStep, ViewStep, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments import Moments

BURST_GAP_NS: Final = 2_000_000_000
MAX_WAIT_S: Final = 2.0
"""Longer pauses are shortened to this."""
SIDE_STEPS: Final = (CheckpointStep, SelectStep, ViewStep)
"""What comes between keystrokes and says little; left out unless asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a playback, and when it is due."""

    seq: int
    t_ns: int
    text: str
    style: str = ""
    """How a terminal shows it; says nothing that the text does not."""


_STYLES: Final[Mapping[str, str]] = {
    "task": "bold",
    "note": "bold",
    "tests": "cyan",
    "command": "cyan",
    "git": "magenta",
    "gap": "yellow",
    "resync": "yellow",
}


class Sleeper(Protocol):
    """Waits; a fake in tests."""

    def __call__(self, seconds: float, /) -> None:
        """Wait that long."""
        ...


def transcript(
    episode: Episode, moments: Moments, first: int, last: int, *, with_sides: bool = False
) -> Iterator[Line]:
    """Yield the lines of the steps from `first` up to and with `last`.

    Edits that follow each other in one buffer without a pause are one line, with the
    text around the cursor as it was after the last of them. `SIDE_STEPS` are left out
    unless `with_sides`.
    """
    burst: list[Edit] = []
    for step in episode.ordered():
        if not first <= step.seq <= last:
            continue
        if isinstance(step, Edit):
            if burst and not _continues(burst[-1], step):
                yield from _burst_lines(episode, moments, burst)
                burst = []
            burst.append(step)
            continue
        if not with_sides and isinstance(step, SIDE_STEPS):
            continue
        if burst:
            yield from _burst_lines(episode, moments, burst)
            burst = []
        yield Line(
            seq=step.seq,
            t_ns=step.t_ns,
            text=describe_step(step),
            style=_STYLES.get(kind_of(step), ""),
        )
    if burst:
        yield from _burst_lines(episode, moments, burst)


def _continues(before: Edit, edit: Edit) -> bool:
    return (before.file, before.buffer) == (edit.file, edit.buffer) and (
        edit.t_ns - before.t_ns < BURST_GAP_NS
    )


def _burst_lines(episode: Episode, moments: Moments, burst: list[Edit]) -> Iterator[Line]:
    last = burst[-1]
    path = episode.files[last.file]
    typed = sum(len(edit.text) for edit in burst)
    removed = sum(edit.deleted for edit in burst)
    text = moments.buffer(path, last.buffer, last.seq) or ""
    cursor = last.cursor if last.cursor >= 0 else last.start + len(last.text)
    number, around = _line_at(text, cursor)
    yield Line(
        seq=last.seq,
        t_ns=last.t_ns,
        text=f"{'edit':<11} {path}:{number} +{typed} -{removed}  {short(around.strip())}".rstrip(),
    )


def _line_at(text: str, cursor: int) -> tuple[int, str]:
    """Return number and content of the line that holds an offset."""
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
    """Say every line with its style when it is due, and return how many there were.

    `speed` is a factor; without `sleep` nothing is waited for.
    """
    before: int | None = None
    count = 0
    for line in lines:
        if sleep is not None and before is not None:
            sleep(min((line.t_ns - before) / 1e9 / speed, MAX_WAIT_S))
        before = line.t_ns
        say(f"{clock_text(line.t_ns):>8}  {line.seq:>6}  {line.text}", line.style)
        count += 1
    return count
