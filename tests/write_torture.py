"""Write docs/torture.md from a run of the torture test with real editors.

.venv/bin/python tests/write_torture.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
HEAD: Final = """\
# The torture script

`tests/support/torture.py` does to a recorded work tree what corrupts other recorders: two
editors, a shell, git, an agent and kills, all real processes, one thing after another. Copies
of the tree are kept at every commit, checkout, stash and test run. Then the session is sealed,
`signoff check` replays it, and `signoff checkout --at … --repo … --base … --links` rebuilds
each of those moments, which must equal its copy byte for byte, modes and links too.
`tests/e2e/test_torture.py` runs it with two plain clients in `make test ALL=yes`, with Neovim and
with Vim (ALE) in `make e2e-editors`; this page is written by `tests/write_torture.py`.

A moment right after the watcher was killed would be blind to what it had not told yet; the
script waits for that before it kills. Text typed and never saved when its bridge was killed is
in the journal up to the kill; the buffer ends there.
"""
CRASHED = "the bridge, the watcher of git and that of files, the recorded command"


def main() -> int:
    """Run the test and write the page; 0 when it passed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        test = ROOT / "tests" / "e2e" / "test_torture.py"
        words = [sys.executable, "-m", "pytest", "-q", "-m", "editors", f"--basetemp={folder}/t"]
        done = subprocess.run([*words, test], cwd=ROOT, timeout=900, check=False)
        if done.returncode:
            return done.returncode
        (path,) = Path(folder).rglob("outcome.json")
        outcome = json.loads(path.read_text("utf-8"))
    lines = [HEAD, "## What was done", ""]
    lines += [f"{number}. {line}" for number, line in enumerate(outcome["log"], 1)]
    lines += ["", "## What `signoff check` said", "", "```", outcome["check"].rstrip(), "```", ""]
    resyncs = ", ".join(outcome["resyncs"]) or "none"
    gaps = ", ".join(f"{count} {reason}" for reason, count in outcome["gaps"].items())
    lines += [f"Moments rebuilt, equal byte for byte: {outcome['moments']}. Resyncs: {resyncs}."]
    lines += [f"Gaps: {gaps} ({CRASHED}).", ""]
    (ROOT / "docs" / "torture.md").write_text("\n".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
