from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.setup import EDITORS, listing, make_account

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "what", ["setup", "again", "uninstall", "data", "extensions", "given back"]
)
def test_killed_before_any_file_operation_everything_can_still_be_taken_back(
    tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "accounts"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "setup_killer.py"), str(folder), what],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=deadline() * 5,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout) > 20


def test_two_setups_at_once_make_one_change_that_can_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    programs = make_account(user)
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("PATH", str(programs))
    before = listing(user)
    argv = [sys.executable, "-I", "-m", "signoff_collector"]
    both = [
        subprocess.Popen(
            [*argv, "setup", "--yes", *EDITORS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(2)
    ]
    for process in both:
        said, _ = process.communicate(timeout=deadline())
        assert process.returncode == 0, said.decode()
    assert (user / ".emacs.d" / "init.el").read_text().count(">>> signoff setup >>>") == 1
    done = subprocess.run(
        [*argv, "uninstall", "--yes"], capture_output=True, timeout=deadline(), check=False
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert listing(user) == before
