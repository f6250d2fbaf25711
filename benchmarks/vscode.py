"""What a key costs the extension host of a real VS Code, with Signoff and without, in turn.

    .venv/bin/python benchmarks/vscode.py

Needs the workbench that `.ci/vscode.sh` installs. Text is typed at 20 keys/s in the middle of a
file of 10,000 lines, in one workbench after the other, with Signoff recording in every second one.
`busy` is the time in which the event loop of the extension host was not idle, `cpu` the time of
all its threads, both for everything that VS Code and its own extensions do there. `in Signoff` is
what the V8 profiler, at 100 microseconds, finds in our bundle and in all that it called: it counts
time, also while another process has the core. `companion alone` is CPU time without VS Code: what
reads the events of a key and says them, without the language client.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.vscode import E2E, Account, tools_folder

LINES: Final = 10_000
PAIRS: Final = 2
ROUNDS: Final = 3
KEYS: Final = 100


def measure(folder: Path, *, is_ours: bool) -> list[dict[str, Any]]:
    """Type in one fresh workbench and return what the meter said, a row for each round."""
    settings = {"workbench.welcomePage.walkthroughs.openOnInstall": False}
    meter = {"METER_FILE": str(folder / "meter.jsonl")}
    account = Account(folder=folder, tools=tools_folder(), settings=settings, extra=meter).make()
    text = "".join(f"value_{n} = compute({n}, other='abc')\n" for n in range(LINES))
    (account.project / "long.py").write_text(text)
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    extensions = account.user / ".local" / "share" / "code-server" / "extensions"
    shutil.copytree(E2E / "meter", extensions / "example.meter-0.0.1")
    if is_ours:
        account.signoff("enable", "--yes", "--owner", "mine")
        account.signoff("setup", "vscode", "--yes")
    given = {
        "file": "long.py",
        "rounds": ROUNDS,
        "keys": KEYS,
        "profiled": 2 if is_ours else 0,
        "isOurs": is_ours,
    }
    rows: list[dict[str, Any]] = account.drive(E2E / "scenarios" / "typing.mjs", given=given)[
        "measures"
    ]
    return rows


def alone() -> float:
    """Return the CPU time of the companion for a key, in ms, without VS Code."""
    node = tools_folder() / "bin" / "node"
    said = subprocess.run(
        [str(node), str(E2E / "meter" / "alone.mjs")],
        cwd=E2E.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(json.loads(said)["us"]) / 1_000


def per_key(rows: list[dict[str, Any]], name: str) -> list[float]:
    """Return one figure of each round, in ms for a key."""
    return [row[name] / row["keys"] for row in rows if row["keys"]]


def main() -> int:
    """Print the table, or what is missing for it."""
    if not (tools_folder() / "bin" / "code-server").exists():
        print(f"skipped: no workbench in {tools_folder()} (.ci/vscode.sh installs it)")
        return 0
    with_us: list[dict[str, Any]] = []
    without: list[dict[str, Any]] = []
    for _ in range(PAIRS):
        for is_ours in (False, True):
            with tempfile.TemporaryDirectory(prefix="signoff-bench-") as folder:
                rows = measure(Path(folder), is_ours=is_ours)
            (with_us if is_ours else without).extend(rows)
    plain = [row for row in with_us if "ours_ms" not in row]
    print(f"{PAIRS} workbenches each, {ROUNDS} rounds of {KEYS} keys; medians over rounds")
    print("| for a key, in the extension host | without | with Signoff | ratio |")
    print("|---|---|---|---|")
    for name, label in (("busy_ms", "busy"), ("cpu_ms", "cpu")):
        before = statistics.median(per_key(without, name))
        after = statistics.median(per_key(plain, name))
        print(f"| {label} | {before:.2f} ms | {after:.2f} ms | {after / before:.2f} |")
    ours = statistics.median(per_key([row for row in with_us if "ours_ms" in row], "ours_ms"))
    print(f"| in Signoff, by the profiler | - | {ours:.3f} ms | - |")
    companion = statistics.median(alone() for _ in range(5))
    print(f"| companion alone, cpu | - | {companion:.4f} ms | - |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
