"""The review page in a real Chromium: how fast it opens, scrubs and searches, what it holds.

Targets (issue 8): a kept task opens in less than 0.5 s and the made-up day of eight hours in
1.5 s, scrubbing shows 30 states a second and more, a search takes less than 300 ms, the page
holds less than 400 MB, and a very long output does not freeze it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from made_days.day import make_day

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.page.bundle import render_replay
from signoff_schemas.steps import CommandStep
from signoff_schemas.values import Output

HERE = Path(__file__).resolve().parent
ROUNDS = 5
LIMIT_S = 120
LONG_OUTPUT_LINES = 800_000
"""About 50 MB; a frame of an episode holds 64 MB at most, and so does an output."""


def main() -> int:
    """Measure, and print a table."""
    chromium, tools = shutil.which("chromium"), _tools()
    if chromium is None or not (tools / "bin" / "node").exists():
        print(f"no chromium, or no Node in {tools}: run .ci/review_page.sh")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        pages = _pages(Path(folder))
        found: dict[str, list[dict[str, object]]] = {page.stem: [] for page in pages}
        for _ in range(ROUNDS):
            for line in _measure(chromium, tools, pages):
                found[Path(str(line["page"])).stem].append(line)
    for name, rounds in found.items():
        for key in rounds[0]:
            if key != "page":
                print(f"{name:<12} {key:<20} {_median([one[key] for one in rounds]):>9.1f}")
    return 0


def _tools() -> Path:
    told = os.environ.get("SIGNOFF_E2E_REVIEW")
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(told) if told else Path(cache) / "signoff-e2e" / "review"


def _pages(folder: Path) -> list[Path]:
    day = make_day(1)
    written = {
        "day": day,
        "kept_task": make_day(2, scale=0.1),
        "long_output": _with_long_output(make_day(3, scale=0.01)),
    }
    pages: list[Path] = []
    for name, episode in written.items():
        data = write_episode(episode)
        page = folder / f"{name}.html"
        page.write_bytes(render_replay(data))
        print(f"{name}: {len(data)} bytes, {episode.step_count} steps")
        pages.append(page)
    return pages


def _with_long_output(episode: Episode) -> Episode:
    """Return an episode of one command that printed very much."""
    words = "the quick brown fox jumps over it, and again\t\x1b[32mok\x1b[0m"
    lines = (f"{number:07} {words}" for number in range(LONG_OUTPUT_LINES))
    step = CommandStep(
        seq=0, t_ns=0, source="run", argv=("make",), exit_code=0, output_state="full",
        output=Output(head="\n".join(lines)),
    )  # fmt: skip
    return Episode(header=episode.header, steps=(step,))


def _measure(chromium: str, tools: Path, pages: list[Path]) -> list[dict[str, object]]:
    script = HERE / "review_page.mjs"
    done = subprocess.run(
        [tools / "bin" / "node", script, chromium, *pages],
        cwd=tools,
        check=True,
        capture_output=True,
        timeout=LIMIT_S,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _median(values: list[object]) -> float:
    flat: list[float] = []
    for value in values:
        flat.extend(value if isinstance(value, list) else [value])  # type: ignore[list-item]
    return statistics.median(flat)


if __name__ == "__main__":
    sys.exit(main())
