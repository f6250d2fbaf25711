"""Only the room `system` asks which system this is, and checkers of types read it for each."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = ("collector", "schemas", "lsp_bridge")
OF_ONE_SYSTEM = frozenset({"fcntl", "grp", "msvcrt", "pty", "pwd", "resource", "termios", "tty"})
ALONE = ("capture/agents/hook", "capture/test_results/pytest_")
"""Scripts that run in somebody else's Python, and import nothing of ours."""
NOT_ON_WINDOWS = frozenset(
    {
        "capture/agents/hook.py",
        "capture/agents/hook_opening.py",
        "capture/agents/hook_places.py",
        "capture/agents/hook_transcripts.py",
        "capture/files/file_mounts.py",
        "capture/files/file_recording.py",
        "capture/git/git_waking.py",
        "capture/runs/relaying.py",
        "capture/runs/running.py",
        "capture/runs/wiring.py",
        "capture/sessions/bridges.py",
        "capture/test_results/pytest_reporter.py",
        "capture/test_results/pytest_sessions.py",
        "process.py",
        "system/files/inotify.py",
        "system/offline.py",
        "system/terminals.py",
        "system/files/watchdog_teller.py",
    }
)
"""Parts of recording: what they call is not there on Windows, where they never run."""


def asks(source: str) -> list[str]:
    """Return what a module asks of the system itself, in words."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in {("sys", "platform"), ("os", "name")}:
                found.append(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name in OF_ONE_SYSTEM]
        elif isinstance(node, ast.ImportFrom) and node.module in OF_ONE_SYSTEM:
            found.append(node.module)
    return found


def test_what_asks_is_found() -> None:
    asked = "if sys.platform == 'x':\n    import fcntl\nfrom pwd import getpwuid\nos.name"
    assert set(asks(asked)) == {"sys.platform", "fcntl", "pwd", "os.name"}
    assert asks("import os\nos.open('sys.platform', 0)") == []


@pytest.mark.parametrize("component", COMPONENTS)
def test_no_other_room_asks_for_the_system(component: str) -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / component).rglob("*.py")):
        (package,) = (one for one in path.parents if one.parent.name == component)
        name = path.relative_to(package).as_posix()
        if not name.startswith(("system/", *ALONE)) and (asked := asks(path.read_text("utf-8"))):
            found[name] = asked
    assert found == {}


@pytest.mark.parametrize(
    ("system", "faulty"), [("darwin", frozenset[str]()), ("win32", NOT_ON_WINDOWS)]
)
def test_a_checker_of_types_misses_nothing_on_another_system(
    system: str, faulty: frozenset[str], tmp_path: Path
) -> None:
    """By the stubs of the standard library, a call that a system does not have is an error."""
    argv = [sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", tmp_path / "cache"]
    done = subprocess.run(
        [*argv, *COMPONENTS], cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )
    places = {line.split(":")[0] for line in done.stdout.splitlines() if ": error: " in line}
    named = {place.split("/", 2)[2] for place in places}
    assert named == faulty, done.stdout + done.stderr
