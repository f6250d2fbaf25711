"""Calling the real command line as a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.deadline import wait_until
from tests.support.verbs import run_verb

LIMIT_S = 240
_EACH = """
import json, os, sys, traceback
from signoff_collector.cli import main
rows = open(sys.argv[1], "a", buffering=1)
for words in json.loads(sys.argv[2]):
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(f"{sys.argv[1]}.{name}", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)
    try:
        code = main(words)
    except BaseException:
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    said = [open(f"{sys.argv[1]}.{name}", errors="replace").read() for name in ("out", "err")]
    rows.write(json.dumps([code, *said]) + "\\n")
"""
"""Command lines one after another: starting Python a hundred times is what takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one call came to."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}"


def signoff(*arguments: object, cwd: Path | None = None, **environment: str) -> Said:
    """Run `signoff ARGUMENTS` with no terminal; never raise on its exit code."""
    words = [str(word) for word in arguments]
    done = run_verb(words, cwd=cwd, env=environment, limit_s=LIMIT_S)
    return Said(
        code=done.returncode,
        out=done.stdout.decode("utf-8", "replace"),
        err=done.stderr.decode("utf-8", "replace"),
    )


def forget(*arguments: object, cwd: Path) -> Said:
    """Run `signoff forget`, and its rest as long as a writer or a sealer holds some of it."""
    said = signoff("forget", "--yes", *arguments, cwd=cwd)

    def is_done() -> bool:
        nonlocal said
        if said.code == 3:
            said = signoff("forget", "--finish", cwd=cwd)
        return said.code != 3

    wait_until(is_done, "nobody holds what is to be forgotten")
    return said


def signoff_each(lines: Iterable[Sequence[object]], *, cwd: Path) -> list[Said]:
    """Run command lines one after another in one child, each to its end, and return them all."""
    asked = [[str(word) for word in words] for words in lines]
    with TemporaryDirectory() as folder:
        rows = Path(folder, "rows")
        rows.touch()
        done = subprocess.run(
            [sys.executable, "-I", "-c", _EACH, str(rows), json.dumps(asked)],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
        found = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    said = [Said(code=code, out=out, err=err) for code, out, err in found]
    assert len(said) == len(asked), (asked[len(said)], done)
    return said
