"""How much of real code the shapes of personal data and the identities mask.

    python benchmarks/personal_share.py [MEGABYTES]

Reads source and text files of the standard library and the installed packages in an order
drawn from a printed seed, and looks at every line as sealing would if the session had typed
it. Prints the share of masked characters by kind and the cost per line.
"""

from __future__ import annotations

import os
import platform
import random
import sys
import sysconfig
import time
from collections import Counter
from pathlib import Path

from signoff_collector.redaction.values.identities import IdentityPatterns, machine_identities

SUFFIX_LIST = ".py .pyi .js .ts .c .h .json .txt .md .rst .css .svg .html .toml .yml"
SUFFIXES = frozenset(SUFFIX_LIST.split())
MAX_CHARS = 400_000
COMMITS = 2_000


def main() -> None:
    """Measure and print."""
    wanted = int(float(sys.argv[1] if len(sys.argv) > 1 else 6) * 1e6)
    seed = random.SystemRandom().randrange(10**6)
    source = random.Random(seed)  # noqa: S311
    people = [(f"Given{n} Family{n}", f"person{n}@firm{n}.example") for n in range(500)]
    identities = machine_identities(os.environ, Path.cwd(), authors=people)
    names = {f"{source.getrandbits(160):040x}": f"commit-{n:012x}" for n in range(COMMITS)}
    patterns = IdentityPatterns(identities, names)
    roots = (sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"])
    files = sorted(
        path for root in roots for path in Path(root).rglob("*") if path.suffix in SUFFIXES
    )
    source.shuffle(files)
    total = lines = 0
    seconds = 0.0
    masked: Counter[str] = Counter()
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if len(text) > MAX_CHARS:
            continue
        total += len(text)
        begun = time.perf_counter()
        for line in text.split("\n"):
            lines += 1
            for one in patterns.find(line):
                masked[one.kind] += one.end - one.start
        seconds += time.perf_counter() - begun
        if total >= wanted:
            break
    print(f"python {platform.python_version()} on {platform.machine()}, seed {seed}")
    print(f"{total:,} characters, {lines:,} lines, {seconds / lines * 1e6:.1f} us per line")
    print(f"masked {sum(masked.values()) / total:.4%}")
    for kind, count in masked.most_common():
        print(f"  {kind:10} {count / total:.4%}")


if __name__ == "__main__":
    main()
