"""The player on the made day of eight hours: CPU time from a place to the rows of its screen.

    .venv/bin/python benchmarks/player.py

Measured are what a person waits for: opening (index of places and timeline), random jumps, a
playback at 64x, steps one by one, a search, and the program's start to its first frame on a
real pseudo-terminal (CPU of the process, and wall clock). Frames are those of an 80 x 24 and a
200 x 60 window.
"""

from __future__ import annotations

import asyncio
import gc
import os
import platform
import pty
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from made_days.day import make_day

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.replay.drawing.timeline import TimelineIndex
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.screens.app import Player
from signoff_collector.replay.seeking import seek

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED: Final = 1
JUMPS: Final = 400
FRAME_LIMIT_MS: Final = 50.0
STARTS: Final = 5


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of one call in milliseconds."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def main() -> int:
    """Print one line per figure, and return 1 when a frame takes too long."""
    print(f"player: Python {platform.python_version()}, textual {version('textual')}")
    episode = make_day(SEED)
    print(f"the day: {episode.step_count} steps, {len(episode.edits)} edits")
    _say("index of places", [cpu_ms(lambda: Reel(episode)) for _ in range(5)])
    reel = Reel(episode)
    index = [cpu_ms(lambda: TimelineIndex(reel).rows(80, squeezes=True)) for _ in range(5)]
    _say("timeline", index)
    _say("search", [cpu_ms(lambda: seek(reel, "import")) for _ in range(3)])
    worst = max(asyncio.run(_frames(reel, size)) for size in ((80, 24), (200, 60)))
    _starts(write_episode(make_day(SEED)), "the day")
    _starts(write_episode(make_day(SEED, scale=0.01)), "a hundredth of it")
    return 1 if worst > FRAME_LIMIT_MS else 0


async def _frames(reel: Reel, size: tuple[int, int]) -> float:
    """Say how long frames take in a window of a size, and return the worst p99."""
    gc.freeze()  # as the program does
    player = Player(reel)
    columns, rows = size
    found: list[float] = []
    async with player.run_test(size=size) as pilot:
        await pilot.pause()
        source = random.Random(2)  # noqa: S311  the same jumps every time
        places = [source.randrange(reel.count) for _ in range(JUMPS)]
        jumps = [cpu_ms(lambda at=place: _frame(player, at)) for place in places]
        found.append(_say(f"random jump, {columns} x {rows}", jumps))
        middle = reel.count // 2
        steps = [cpu_ms(lambda at=middle + n: _frame(player, at)) for n in range(JUMPS)]
        found.append(_say(f"step by step, {columns} x {rows}", steps))
        played = [cpu_ms(lambda: _play(player)) for _ in range(JUMPS)]
        found.append(_say(f"playing at 64x, {columns} x {rows}", played))
    return max(found)


def _frame(player: Player, place: int) -> None:
    player.go(place)
    _draw(player)


def _play(player: Player) -> None:
    """Let a twentieth of a second pass at 64 times the speed."""
    player.playing.speed, player.playing.is_running = 64.0, True
    player.pass_time(1 / 20)
    _draw(player)


def _draw(player: Player) -> None:
    """Make the whole screen, down to what is sent to the terminal."""
    update = player.screen._compositor.render_update(full=True)  # noqa: SLF001  as Textual does
    update.render_segments(player.console)


def _starts(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "day.episode")
        path.write_bytes(data)
        took = [_start_ms(path) for _ in range(STARTS)]
    _say(f"start to first frame, {name}, CPU", [cpu for cpu, _ in took])
    _say(f"start to first frame, {name}, wall", [wall for _, wall in took])


def _start_ms(path: Path) -> tuple[float, float]:
    """Return CPU and wall-clock time from the program's start to the first text on its screen."""
    ours, theirs = pty.openpty()
    signoff = Path(sys.executable).with_name("signoff")
    environ = {**os.environ, "TERM": "xterm-256color"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [signoff, "replay", path, "--from", "start"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"step 1/" not in shown:
        if not select.select([ours], [], [], 60)[0]:
            raise SystemExit("the player shows nothing")
        shown += os.read(ours, 1 << 16)
    took = (time.perf_counter() - began) * 1e3
    process.kill()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    os.close(ours)
    return (used.ru_utime + used.ru_stime) * 1e3, took


def _say(what: str, took: Sequence[float]) -> float:
    """Print one figure and return its p99, in milliseconds."""
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    print(f"{what:<44}{statistics.median(ordered):9.2f} ms median{p99:9.2f} p99")
    return p99


if __name__ == "__main__":
    sys.exit(main())
