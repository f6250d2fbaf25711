"""Light verbs load nothing heavy: counted in modules, not in time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import enable
from tests.support.deadline import deadline

HEAVY = (
    "pydantic", "numpy", "backports", "pygls", "git", "watchdog", "rich", "sqlite3", "msgspec",
    "http", "xml",
)  # fmt: skip

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


@pytest.mark.parametrize("arguments", [["status"], ["run", "--", "true"]])
def test_what_a_shell_or_a_pytest_wrote_is_read_with_nothing_heavy(
    home: Path, tmp_path: Path, arguments: list[str]
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    enable(folder)
    run(folder, ["note", "so that a session goes on"])
    (session,) = (one.parent for one in home.rglob("session.json"))
    (session / f"tests-7-{'0' * 16}.spool").write_text('{"kind":"start"}\n')
    (session / "shell-7-01234567.spool").write_bytes(b"\0begin\x006\0")
    done = run(folder, arguments)
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.rpartition(b"loaded: ")[2]
    assert not {b"numpy", b"pydantic", b"backports"} & set(loaded.replace(b"'", b" ").split())


def run(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-c", _PROGRAM, ",".join(HEAVY), *arguments],
        cwd=folder,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )


_AS_STARTED = """
import os, runpy, sys
sys.argv[0] = "signoff"
try:
    runpy.run_module("signoff_collector", run_name="__main__", alter_sys=False)
finally:
    names = ("OPENBLAS_NUM_THREADS", "PYDANTIC_DISABLE_PLUGINS")
    print("set:", [name for name in names if name in os.environ], file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--help"], b"set: ['OPENBLAS_NUM_THREADS', 'PYDANTIC_DISABLE_PLUGINS']"),
        (["run", "--help"], b"set: []"),
    ],
    ids=["ours", "the user's programs"],
)
def test_libraries_are_told_to_spare_work_where_no_program_of_the_user_would_notice(
    home: Path, tmp_path: Path, arguments: list[str], found: bytes
) -> None:
    assert not home.exists()
    libraries = ("OPENBLAS", "PYDANTIC")
    done = subprocess.run(
        [sys.executable, "-I", "-c", _AS_STARTED, *arguments],
        cwd=tmp_path, capture_output=True, timeout=deadline(), check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith(libraries)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert found in done.stderr
