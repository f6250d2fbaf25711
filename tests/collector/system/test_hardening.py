"""A hardened process keeps its memory to itself and knows what it was before."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.support.deadline import deadline

PLANTED = "hunter2-planted-value-😀𝄞"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"PLANTED = {PLANTED!r}\n{code}"],
        env={"PYTHONPATH": ":".join(sys.path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )


def test_there_are_no_core_dumps_and_new_files_are_private() -> None:
    done = run(
        "import json, os, resource\n"
        "os.umask(0o002)\n"
        "from signoff_collector.system.hardening import harden\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "first, second = harden(), harden()\n"
        "soft, after = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "print(json.dumps([soft, hard == after, os.umask(0), first.umask, first == second]))"
    )
    assert json.loads(done.stdout) == [0, True, 0o077, 0o002, True]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this switch")
def test_other_processes_cannot_read_the_memory() -> None:
    done = run(
        "import ctypes\n"
        "from signoff_collector.system.hardening import harden\n"
        "harden()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert done.stdout == "0\n"


@pytest.mark.parametrize(
    "failure",
    [
        "raise KeyError(PLANTED)",
        "value = PLANTED; {}[value]",
        "import threading; t = threading.Thread(target=lambda: {}[PLANTED]); t.start(); t.join()",
        "raise ValueError('a') from KeyError(PLANTED)",
    ],
)
def test_an_unforeseen_error_names_places_and_no_values(failure: str) -> None:
    done = run(f"from signoff_collector.system.hardening import harden\nharden()\n{failure}")
    assert "unexpected error" in done.stderr
    assert "Error" in done.stderr
    assert "hunter2" not in done.stderr
    assert "PLANTED" not in done.stderr


def test_an_error_nobody_can_raise_any_more_names_no_values() -> None:
    done = run(
        "from signoff_collector.system.hardening import harden\n"
        "harden()\n"
        "class Broken:\n"
        "    def __del__(self):\n"
        "        raise KeyError(PLANTED)\n"
        "Broken()\n"
    )
    assert "unexpected error" in done.stderr
    assert "hunter2" not in done.stderr
