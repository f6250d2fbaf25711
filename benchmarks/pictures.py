"""Pictures of the made day of eight hours at 1280 x 800: CPU of a frame by parts, frames a second.

    .venv/bin/python benchmarks/pictures.py

Frames are those of one step after the other from the middle of the day on, as a film or an export
of pairs asks for them, and of random moments; each is the scene of a moment, its layout, its pixels
and its PNG. Two processes draw two halves beside each other, as on two cores; wall time says little
where others use the machine, so the frames a second that the CPU time allows stand beside it.
"""

from __future__ import annotations

import multiprocessing
import platform
import random
import statistics
import sys
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from made_days.day import make_day

from signoff_collector.picture.film.films import film_of
from signoff_collector.picture.layout import Size
from signoff_collector.picture.painters.png import png_bytes
from signoff_collector.picture.painters.raster import Raster
from signoff_collector.picture.painters.svg import svg_text
from signoff_collector.picture.scene import Scenes
from signoff_collector.picture.workbench import lay_out
from signoff_collector.replay.drawing.mask_signs import MaskSigns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode

SEED: Final = 1
FRAMES: Final = 1_000
JUMPS: Final = 200
SIZE: Final = Size(width=1280, height=800)
TARGET: Final = 100.0
"""Frames a second on two cores."""
_PARTS: Final = ("scene", "layout", "pixels", "PNG")


def main() -> int:
    """Print one line per figure, and return 1 when two cores draw fewer frames than the target."""
    names = ("numpy", "pillow", "pygments")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"pictures: Python {platform.python_version()}, {versions}")
    episode = make_day(SEED)
    print(f"the day: {episode.step_count} steps, {len(episode.edits)} edits")
    middle = episode.step_count // 2
    steps = range(middle, middle + FRAMES)
    total_ms = _say("one step after the other", _cpu_ms(episode, steps))
    places = random.Random(SEED).sample(range(episode.step_count), JUMPS)  # noqa: S311
    _say("random moments", _cpu_ms(episode, places))
    allowed = 2 * 1000 / total_ms
    print(f"frames a second, two cores by CPU time   {allowed:8.0f}   target {TARGET:.0f}")
    print(f"frames a second, two processes by wall   {_beside(middle):8.0f}")
    _say_svg(episode, steps)
    _say_films(episode)
    return 0 if allowed >= TARGET else 1


def _cpu_ms(episode: Episode, seqs: Sequence[int]) -> dict[str, list[float]]:
    """Return the CPU of each part of each frame, in milliseconds."""
    scenes, masks = Scenes(episode), MaskSigns(episode.header.masks)
    raster = Raster(SIZE, "dark")
    found: dict[str, list[float]] = {part: [] for part in _PARTS}
    for seq in seqs:
        at = [time.process_time_ns()]
        scene = scenes.at(seq)
        at.append(time.process_time_ns())
        layout = lay_out(scene, SIZE, masks)
        at.append(time.process_time_ns())
        painted = raster.painted(layout)
        at.append(time.process_time_ns())
        png_bytes(painted.pixels, {"seq": seq})
        at.append(time.process_time_ns())
        for part, begin, end in zip(_PARTS, at[:-1], at[1:], strict=True):
            found[part].append((end - begin) / 1e6)
    return found


def _say(what: str, spent: dict[str, list[float]]) -> float:
    """Print the CPU of a frame, and return its mean in milliseconds."""
    frames = [sum(parts) for parts in zip(*spent.values(), strict=True)]
    p99 = statistics.quantiles(frames, n=100)[98]
    parts = ", ".join(f"{part} {statistics.fmean(ms):.1f}" for part, ms in spent.items())
    mean = statistics.fmean(frames)
    print(f"{what:40} {mean:8.1f} ms, p99 {p99:.1f}: {parts}")
    return mean


def _draw(first: int) -> int:
    """Draw half of the frames, in a process of its own that has made the day before."""
    _cpu_ms(_DAY, range(first, first + FRAMES // 2))
    return FRAMES // 2


_DAY: Episode


def _prepare() -> None:
    global _DAY  # noqa: PLW0603  # one day for each worker
    _DAY = make_day(SEED)


def _beside(middle: int) -> float:
    """Return frames a second of two processes, without their start."""
    with multiprocessing.get_context("spawn").Pool(2, _prepare) as pool:
        pool.map(_warm, range(2), chunksize=1)
        began = time.perf_counter()
        done = pool.map(_draw, [middle, middle + FRAMES // 2], chunksize=1)
        return sum(done) / (time.perf_counter() - began)


def _warm(_: int) -> None:
    _cpu_ms(_DAY, range(2))


def _say_svg(episode: Episode, steps: Sequence[int]) -> None:
    scenes, masks = Scenes(episode), MaskSigns(episode.header.masks)
    spent: list[float] = []
    for seq in steps[:200]:
        layout = lay_out(scenes.at(seq), SIZE, masks)
        began = time.process_time_ns()
        svg_text(layout, "dark", {"seq": seq})
        spent.append((time.process_time_ns() - began) / 1e6)
    print(f"{'SVG of a layout':40} {statistics.fmean(spent):8.1f} ms")


def _say_films(episode: Episode) -> None:
    """Print CPU and size of films of the whole day, 20 seconds at most."""
    size = Size(width=640, height=400, font_px=10)
    for kind in ("svg", "cast", "gif", "mp4", "webm"):
        began = time.process_time_ns()
        film = film_of(episode, kind, size, digest="0" * 64, length_s=20)
        spent_s = (time.process_time_ns() - began) / 1e9
        shots = film.facts["shots"]
        print(f"film as {kind:32} {spent_s:8.1f} s, {shots} shots, {len(film.content):,} bytes")


if __name__ == "__main__":
    sys.exit(main())
