"""Finding in ninety days of eight hours: time to the first hits, size of the index.

    .venv/bin/python benchmarks/history.py [DAYS]

Days are made up (`made_days`); ten different ones are used nine times each. A search is
timed as the person meets it: from the start of the process to its first line on the screen.
Beside it: `grep -c` over the same days' final files, which knows nothing of what was deleted.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from made_days.day import make_day

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.history.search.finding import bring_up_to_date
from signoff_collector.own_files.home import Home
from signoff_collector.system.clock import SystemClock

DAYS: Final = 90
DIFFERENT: Final = 10
ROUNDS: Final = 7
FIRST_LIMIT_S: Final = 0.3
SIZE_LIMIT: Final = 0.3
_DAY_NS: Final = 24 * 3600 * 10**9
ONLY_OLDEST: Final = "ONLY IN THE OLDEST DAY"
"""Replaced by such a word."""
NOWHERE: Final = "nowhere: "
"""How a search begins that finds nothing: told, but no target is about it."""
QUERIES: Final = (
    ("a word of today", ("import",)),
    ("a line typed once", ("def __init__(self",)),
    ("a failing test's message", ("AssertionError: self",)),
    ("a word of the oldest day only", (ONLY_OLDEST,)),
    ("a pattern", ("--regex", r"AssertionE\w+: self")),
    ("--in a file", ("--in", "src/part_1/module_1.py", "import")),
    ("--kind tests", ("--kind", "tests", "import")),
    (f"{NOWHERE}two words", ("zyzzyva quux",)),
    (f"{NOWHERE}one word", ("zyzzyva",)),
    (f"{NOWHERE}no word at all", ("!== {(",)),
    (f"{NOWHERE}a pattern without text", ("--regex", r"\d{4}-[xyz]{9}")),
    (f"{NOWHERE}--deleted, in every day", ("--deleted", "import")),
    (f"{NOWHERE}--in, in every day", ("--in", "nowhere", "import")),
    (f"{NOWHERE}--kind, other kinds have it", ("--kind", "command", "AssertionError: self")),
)


def make_history(home: Home, root: Path, days: int) -> tuple[int, int]:
    """Write sealed sessions whose raw history is gone; return size of episodes and of indexes."""
    home.ensure()
    home.sessions.mkdir(parents=True, exist_ok=True)
    home.episodes.mkdir(parents=True, exist_ok=True)
    now_ns = SystemClock().wall_ns()
    made: list[bytes] = []
    oldest = write_episode(make_day(DIFFERENT))
    for number in range(min(days, DIFFERENT)):
        made.append(write_episode(make_day(number)))
        if number == 0:
            _write_files(make_day(0), root)
        print(f"made {number + 1} days", end="\r", file=sys.stderr)
    for number in range(days):
        started_ns = now_ns - (number + 1) * _DAY_NS
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(started_ns // 10**9))
        name = f"{stamp}-{number:08x}"
        path = home.episodes / f"{number:016x}.episode"
        path.write_bytes(oldest if number == days - 1 else made[number % len(made)])
        folder = home.sessions / name
        folder.mkdir(mode=0o700)
        fields = {
            "session_version": 1,
            "id": name,
            "root": str(root),
            "started_boot_ns": 0,
            "started_wall_ns": started_ns,
            "boot_id": "another boot",
            "tool_version": "0.1.0",
        }
        (folder / "session.json").write_text(json.dumps(fields))
        (folder / "alive").write_bytes(b"\0" * 8)
        (folder / "sealed.json").write_text(json.dumps({"path": str(path), "sha256": f"{number}"}))
    begun = time.process_time()
    bring_up_to_date(home, SystemClock())
    print(f"index of {days} days made in {time.process_time() - begun:.1f} s of CPU")
    sizes = [
        sum(path.stat().st_size for path in home.episodes.glob(f"*{suffix}"))
        for suffix in (".episode", ".find")
    ]
    return sizes[0], sizes[1]


def _write_files(episode: object, root: Path) -> None:
    moments = Moments(episode)  # type: ignore[arg-type]
    for path, content in moments.tree(moments.episode.step_count).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else "")


def word_of_the_oldest(home: Home) -> str:
    """Return a word that only the oldest day has."""
    *newer, oldest = (_words(path) for path in sorted(home.episodes.glob("*.find")))
    return max(oldest.difference(*newer[:DIFFERENT]), key=lambda word: (len(word), word))


def _words(index: Path) -> set[str]:
    with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as base:
        return {str(term) for (term,) in base.execute("SELECT term FROM known")}


def first_line_s(words: list[str], root: Path, environ: dict[str, str]) -> tuple[float, ...]:
    """Return seconds to the first line, to the end, and of CPU."""
    begun, before = time.perf_counter(), _children_s()
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", *words],
        cwd=root,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        shown = iter(process.stdout or ())
        next(shown, b"")
        first = time.perf_counter() - begun
        for _ in shown:
            pass
    return first, time.perf_counter() - begun, _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print the table; 1 when a target is missed."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    with tempfile.TemporaryDirectory() as name:
        root, home = Path(name, "work"), Home(root=Path(name, "home").resolve())
        root.mkdir()
        (home.root).mkdir(mode=0o700)
        environ = {**os.environ, "SIGNOFF_HOME": str(home.root), "HOME": name}
        episodes, index = make_history(home, root.resolve(), days)
        ratio = index / episodes
        print(f"episodes {episodes / 1e6:.1f} MB, index {index / 1e6:.1f} MB: {ratio:.1%}")
        missed = int(ratio > SIZE_LIMIT)
        oldest = word_of_the_oldest(home)
        for title, query in QUERIES:
            words = [oldest if word == ONLY_OLDEST else word for word in query]
            timed = [first_line_s(["find", *words], root, environ) for _ in range(ROUNDS)]
            columns = zip(*timed, strict=True)
            first, end, cpu = (statistics.median(column) * 1000 for column in columns)
            print(f"{title:<36} first line {first:5.0f} ms, all {end:5.0f} ms, CPU {cpu:5.0f} ms")
            missed += int(first > FIRST_LIMIT_S * 1000 and not title.startswith(NOWHERE))
        grep = [_grep_s(root) for _ in range(ROUNDS)]
        print(f"{'grep, one day, files only':<36} {statistics.median(grep) * 1000:6.0f} ms")
    return int(missed > 0)


def _grep_s(root: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(["grep", "-rc", "import", str(root)], stdout=subprocess.DEVNULL, check=False)  # noqa: S607
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
