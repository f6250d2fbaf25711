"""Run every benchmark of this folder, one after the other, and say on what machine.

The figures are medians, with the peer beside them in the same run. `docs/benchmarks.md`
keeps the last table; machines are shared and noisy, so ratios say more than times.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT_S = 1800


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; 0 when each ended well."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load when starting: {load}")
    failed = 0
    for script in sorted(HERE.glob("*.py")):
        if script.name == "run.py" or (names and script.stem not in names):
            continue
        print(f"\n## {script.stem}", flush=True)
        failed += (
            subprocess.run([sys.executable, script], timeout=LIMIT_S, check=False).returncode != 0
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
