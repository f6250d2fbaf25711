"""Texts of the bars around the file: title, current step, status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from signoff_collector.episode.content import Edit
from signoff_collector.levels.test_runs.failing import bare_name, telling_line
from signoff_collector.replay.describing import clock_text, short
from signoff_collector.replay.drawing.palette import ACTORS
from signoff_collector.replay.drawing.shown_text import shown_words
from signoff_collector.replay.masking import masked_step
from signoff_collector.replay.story import BAD, GOOD, duration_text, told
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.replay.playing import Playing
    from signoff_collector.replay.scenes import Scene

Parts = tuple[tuple[str, str], ...]
"""Texts with their style names, side by side."""
_LOOKS = {GOOD: "good", BAD: "bad"}


def title_parts(scene: Scene, mask: Callable[[str], str], lines: int, room: int) -> Parts:
    """Return the title in so many cells: the file, whose name stays, and how long it is."""
    size = f"  {lines} lines" if scene.text is not None else ""
    path = mask(scene.path) if scene.path is not None else "(no file)"
    return ((f" {_end_of(path, room - len(size) - 1)}{size}", "strong"),)


def _end_of(path: str, room: int) -> str:
    """Return a path that fits: what is too long loses its first folders."""
    shown = shown_words(path)
    if cell_len(shown) <= room:
        return path
    while shown and cell_len(shown) > room - 1:
        shown = shown[1:]
    return f"…{shown}"


def step_parts(playing: Playing, scene: Scene, mask: Callable[[str], str]) -> Parts:
    """Return the description of the current step, and its actor."""
    step = scene.step
    if step is None:
        return (("before the first step: space plays, ? lists the keys", "dim"),)
    if isinstance(step, Edit):
        actor = ACTOR_CLASSES[step.actor]
        removed = f"  -{step.deleted}" if step.deleted else ""
        put = f"  +{len(step.text)} {short(mask(step.text))!r}" if step.text else ""
        said: Parts = ((f"{removed}{put}", "plain"),)
        return (*_by(actor, BASES[step.basis]), *said, *_waited(playing))
    one = told(masked_step(step, mask))
    by = () if step.actor.cls is ActorClass.UNKNOWN else _by(step.actor.cls, step.actor.basis)
    look = _LOOKS.get(one.mood, "plain")
    return (
        (f"{one.word} ", "strong"),
        (one.text, look),
        *((("  ", "plain"), *by) if by else ()),
        *_waited(playing),
    )


def failing_parts(playing: Playing, mask: Callable[[str], str]) -> Parts | None:
    """Return the failing test without its file, and what is wrong; None while none is red."""
    reel = playing.reel
    found = reel.failing.at(reel.seq(playing.place))
    if found is None:
        return None
    first = found.tests[0]
    more = f" and {found.count - 1} more" if found.count > 1 else ""
    said = telling_line(mask(first.message))
    return ((f"✗ {bare_name(mask(first.name))}{more}", "bad"), (f"  {said}", "plain"))


def _by(actor: ActorClass, basis: Basis) -> Parts:
    look = ACTORS[actor]
    guessed = " (inferred)" if basis is Basis.INFERRED else ""
    return ((f"{look.letter} {look.words}{guessed}", f"by {actor}"),)


def _waited(playing: Playing) -> Parts:
    waited = playing.waited_ns
    return ((f"  after {duration_text(waited)} (played as 0.5 s)", "warning"),) if waited else ()


def state_parts(playing: Playing, remark: str, *, is_live: bool, follows: bool) -> Parts:
    """Return the status: time, speed, step, and further flags."""
    reel = playing.reel
    whole = reel.time(reel.count - 1) if reel.count else 0
    sign = "▶" if playing.is_running else "■"
    place = f"step {playing.place + 1}/{reel.count}"
    speed = f"{playing.speed:g}x"
    time = f"{clock_text(reel.time(playing.place))}/{clock_text(whole)}"
    idle = "" if playing.squeezes else "  idle in full"
    found: list[tuple[str, str]] = [(f"{sign} {time}  {speed}  {place}{idle}", "strong")]
    if is_live:
        found.append(("  ● live, following" if follows else "  ● live", "good"))
    if remark:
        found.append((f"  {remark}", "warning"))
    if reel.faults:
        found.append((f"  ! damaged: {reel.faults[0]}", "bad"))
    elif not remark:
        found.append(("  ? keys", "dim"))
    return tuple(found)
