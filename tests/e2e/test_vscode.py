"""A day in a real VS Code: set up, enabled, worked, signed, uploaded (make e2e-vscode)."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.setup import put
from tests.support.vscode import SCENARIOS, Account, need_tools, retried

pytestmark = pytest.mark.vscode

EMOJI = "\U0001f600\U0001f603"
"""Two outside of the BMP that the browser has glyphs for: the pictures are shown in docs/."""

COUNT = "def count(items):\n    return 0\n"
TEST = "from count import count\n\n\ndef test_count():\n    assert count([1, 2]) == 2\n"
GREET = 'export function greet(name: string) {\n    return   name;\n}\n\ngreet("a");\n'

SEED = 20260105
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
    # Review and bridge take no environment from a workspace.
    env = {"terminal.integrated.env.linux": {"SIGNOFF_HOME": str(account.project / "home")}}
    put(account.project / ".vscode" / "settings.json", json.dumps(env).encode())
    (account.project / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")


def in_order(account: Account, episode: Path) -> list[str]:
    """Return kind and actor of every step of an episode, runs of one written once."""
    rows = account.rows("show", str(episode), "--steps")
    words = [
        f"{row['kind']} {row['actor']['class']}" if row["kind"] == "edit" else row["kind"]
        for row in rows
    ]
    return [word for word, before in zip(words, [None, *words], strict=False) if word != before]


def is_subsequence(expected: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(word in rest for word in expected)


DAY = [
    "task",
    "edit typed",
    "edit undo",
    "edit redo",
    "edit pasted",
    "save",
    "open",
    "edit typed",
    "diagnostics",  # appeared
    "diagnostics",  # cleared
    "edit unknown",  # renamed, formatted: VS Code does not say who asked for it
    "save",
    "command",
    "tests",
    "command",
    "edit typed",
    "save",
    "tests",
    "gap",
    "note",
    "open",
    "edit typed",
    "save",
]
"""What must come in this order; views, selections and the like lie between."""


@retried
def test_a_day(account: Account, tmp_path: Path) -> None:
    draw = random.Random(SEED)  # noqa: S311  (repeatable on purpose)
    forgotten, paused = (f"{draw.getrandbits(80):020x}" for _ in range(2))
    put_project(account)
    account.signoff("setup", "vscode", "--yes")
    store = (tmp_path / "store").as_uri()
    given = {"emoji": EMOJI, "forgotten": forgotten, "whilePaused": paused, "store": store}
    account.drive(SCENARIOS / "day.mjs", given=given)

    episodes = account.user / ".local" / "share" / "signoff" / "data" / "episodes"
    (signed,) = (path.with_name(path.name.partition(".")[0] + ".episode")
                 for path in episodes.glob("*.signoff.json.sig"))  # fmt: skip
    (report,) = account.rows("check", str(signed))
    assert report["resyncs"] == 0
    assert report["checkpoints"] == report["matched"] > 10
    told = in_order(account, signed)
    assert is_subsequence(DAY, told), told
    assert "git" in told  # where it stands depends on when the watcher looked
    commands = [
        (row["line"], row["exit_code"])
        for row in account.rows("show", str(signed), "--steps")
        if row["kind"] == "command"
    ]
    assert [code for _, code in commands] == [3, 0, 1, 0, 0]
    assert not (account.project / "home").exists()
    assert account.signoff("verify", str(signed)).returncode == 0
    account.signoff("upload", str(signed), "--to", store)
    held = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert hashlib.sha256(signed.read_bytes()).hexdigest() in {path.name for path in held}
    secrets = [forgotten.encode(), paused.encode()]
    for path in [*account.user.rglob("*"), *held]:
        if path.is_file() and "signoff" in str(path):
            assert not any(secret in path.read_bytes() for secret in secrets), path
    assert account.signoff("uninstall", "--yes", "--data").returncode == 0
    listed = account.run(str(account.tools / "bin" / "code-server"), "--list-extensions")
    assert "signoff" not in listed.stdout
