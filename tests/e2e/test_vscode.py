"""A day in a real VS Code: set up, enabled, worked, reviewed, signed, uploaded (make e2e-vscode)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from support_bridge import EMOJI
from support_vscode import E2E, Account, need_tools

pytestmark = pytest.mark.vscode

COUNT = "def count(items):\n    return 0\n"
TEST = "from count import count\n\n\ndef test_count():\n    assert count([1, 2]) == 2\n"
GREET = 'export function greet(name: string) {\n    return   name;\n}\n\ngreet("a");\n'

SETTINGS = {"signoff.pasteWitness": True, "signoff.terminalTestResults": True}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account in which `signoff setup vscode` was run, with a small project under git."""
    made = Account(folder=tmp_path, tools=need_tools(), settings=SETTINGS).make()
    yield made
    made.end_programs()


def put_project(account: Account) -> None:
    for name, text in (("count.py", COUNT), ("test_count.py", TEST), ("greet.ts", GREET)):
        (account.project / name).write_text(text)
    (account.project / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")


def test_a_day(account: Account) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    forgotten, paused = (f"{draw.getrandbits(80):020x}" for _ in range(2))
    put_project(account)
    account.signoff("setup", "vscode", "--yes")
    given = {"emoji": EMOJI, "forgotten": forgotten, "whilePaused": paused}
    account.drive(E2E / "scenarios" / "day.mjs", given=given)
