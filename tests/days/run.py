"""Lives through many random days and counts the lies, by hand: `make days DAYS=20000`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.days.deeds import drawn
from tests.days.lies import Lie
from tests.days.living import live, shortened


def say(*lines: str) -> None:
    """Print, even where nobody sees it at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> int:
    """Live through the days from a seed on; print days with a lie, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first day; the next has one more"
    )
    parser.add_argument("--every", type=int, default=4, help="deeds between two looks at the verbs")
    parser.add_argument("--show", type=int, default=3, help="days printed of each kind of lie")
    parser.add_argument("--short", action="store_true", help="without deeds that are not needed")
    wanted = parser.parse_args()
    _settle_environment()
    counts: Counter[str] = Counter()
    bad_days = 0
    began = time.process_time()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        os.environ["HOME"] = folder
        for seed in range(wanted.seed, wanted.seed + wanted.days):
            found, log = _one(Path(folder) / "day", seed, wanted)
            bad_days += bool(found)
            counts.update(lie.kind for lie in found)
            news = [lie for lie in found if counts[lie.kind] <= wanted.show]
            if news:
                if wanted.short:
                    log = _short(Path(folder) / "day", seed, news[0], wanted)
                say(f"--- seed {seed}: {news[0]}", *log)
    took = time.process_time() - began
    say(
        f"{wanted.days} days from seed {wanted.seed}: {bad_days} with a lie;"
        f" {took / wanted.days:.2f} s of CPU each, without git's own"
    )
    for kind, count in counts.most_common():
        say(f"{1000 * count / wanted.days:>8.1f} per 1,000 days  {kind}")
    return int(bool(bad_days))


def _one(folder: Path, seed: int, wanted: argparse.Namespace) -> tuple[list[Lie], list[str]]:
    has_git, deeds = drawn(seed)
    try:
        return live(folder, deeds, has_git=has_git, every=wanted.every, is_sealed=seed % 4 == 0)
    except Exception as error:  # noqa: BLE001  the other days go on
        return [Lie("fault", "a day", f"{type(error).__name__}: {error}")], []


def _short(folder: Path, seed: int, lie: Lie, wanted: argparse.Namespace) -> list[str]:
    has_git, deeds = drawn(seed)
    if lie.kind == "fault":
        return []
    left = shortened(
        folder, deeds, lie.kind, has_git=has_git, every=wanted.every, is_sealed=seed % 4 == 0
    )
    _, log = live(folder, left, has_git=has_git, every=wanted.every, is_sealed=seed % 4 == 0)
    return [*log, *(f"    {deed}," for deed in left), f"    has_git={has_git}"]


def _memory() -> str | None:
    folder = "/dev/shm"  # noqa: S108  a folder of our own is made there
    return folder if os.access(folder, os.W_OK) else None


def _settle_environment() -> None:
    for name in list(os.environ):
        if name.startswith(("SIGNOFF_", "GIT_", "XDG_")):
            del os.environ[name]
    os.environ |= {"GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8"}
    os.umask(0o077)


if __name__ == "__main__":
    sys.exit(main())
