"""Light verbs load nothing heavy: counted in modules, not in time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support_bridge import enable
from support_deadline import deadline

HEAVY = ("pydantic", "numpy", "zstandard", "pygls", "git", "watchdog", "rich", "sqlite3", "msgspec")

_PROGRAM = """
import sys
from signoff_collector.cli import main
code = main(sys.argv[2:])
loaded = {name.partition(".")[0] for name in sys.modules}
print("loaded:", sorted(loaded & set(sys.argv[1].split(","))), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"], ["status"], ["pause", "--for", "10m"], ["resume"], ["note", "x"],
        ["task", "x"], ["list"], ["stop"], ["disable"],
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_a_light_verb_imports_nothing_heavy(
    home: Path, tmp_path: Path, arguments: list[str]
) -> None:
    assert not home.exists()
    folder = tmp_path / "work"
    folder.mkdir()
    enable(folder)
    if arguments == ["stop"]:
        run(folder, ["note", "so that a session goes on"])
    done = run(folder, arguments)
    assert done.returncode == 0, done.stderr
    assert b"loaded: []" in done.stderr


def run(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-c", _PROGRAM, ",".join(HEAVY), *arguments],
        cwd=folder,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )
