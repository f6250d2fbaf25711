"""Folders that wish too much, several windows, bridges that die, in a real VS Code."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI
from tests.support.setup import listing, put
from tests.support.vscode import E2E, SCENARIOS, Account, retried

pytestmark = pytest.mark.vscode

SEED = 20260106


def kept(account: Account) -> bytes:
    """Return every byte that Signoff keeps in this account."""
    home = account.user / ".local" / "share" / "signoff"
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


@retried
def test_neither_folder_nor_extension_switches_recording_on_or_chooses_programs(
    account: Account, tmp_path: Path
) -> None:
    canary = tmp_path / "was-run"
    evil = put(
        account.project / "bin" / "signoff", f"#!/bin/sh\ntouch {canary}\n".encode(), mode=0o755
    )
    home = account.project / "home"
    settings = {
        "signoff.path": str(evil),
        "signoff.enabled": True,
        "signoff.terminalTestResults": True,
        "signoff.terminalCommands": True,
        "terminal.integrated.env.linux": {
            "SIGNOFF_HOME": str(home),
            "PATH": f"{evil.parent}:/usr/bin:/bin",
        },
        "python.defaultInterpreterPath": str(evil),
    }
    put(account.project / ".vscode" / "settings.json", json.dumps(settings).encode())
    put(account.project / "count.py", b"")
    for name in (".venv/bin/signoff", "node_modules/.bin/signoff"):
        put(account.project / name, evil.read_bytes(), mode=0o755)
    peers = account.user / ".local/share/code-server/extensions"
    shutil.copytree(E2E / "peer", peers / "example.peer-0.0.1")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    account.signoff("setup", "vscode", "--yes")
    account.drive(SCENARIOS / "hostile.mjs")
    assert not canary.exists()
    assert not home.exists()
    assert b"typed while off" not in kept(account)
    (status,) = account.rows("status")
    assert (status["recorded"], status["also_enabled"]) == (False, [])


@retried
def test_windows_folders_and_bridges_that_die(account: Account, tmp_path: Path) -> None:
    draw = random.Random(SEED)  # noqa: S311  (repeatable on purpose)
    untitled, elsewhere = (f"{draw.getrandbits(80):020x}" for _ in range(2))
    put(account.project / "one.py", b"")
    put(account.project / "two.py", b"")
    off = put(tmp_path / "elsewhere" / "off.py", b"")
    both = tmp_path / "both.code-workspace"
    both.write_text(json.dumps({"folders": [{"path": "project"}, {"path": "elsewhere"}]}))
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    before = listing(account.project / ".git")
    given = {"emoji": EMOJI, "untitled": untitled, "elsewhere": elsewhere}
    said = account.drive(SCENARIOS / "several.mjs", given=given, open_=both)
    assert "recording" not in said["status"]
    assert elsewhere in off.read_text()
    everything = kept(account)
    assert untitled.encode() not in everything
    assert elsewhere.encode() not in everything
    assert listing(account.project / ".git") == before
    (sealed,) = account.rows("seal")
    episode = str(sealed["episode"])
    (report,) = account.rows("check", episode)
    assert report["resyncs"] == 0
    assert report["checkpoints"] == report["matched"] > 0
    rows = account.rows("show", episode, "--steps")
    told = "".join(row["text"] for row in rows if row["kind"] == "edit")
    assert f"# one {EMOJI}" in told
    assert f"# two {EMOJI}" in told
    assert "crashed" in {row["reason"] for row in rows if row["kind"] == "gap"}
    # What was typed while no bridge ran came in with the text that the next one was given.
    account.signoff("checkout", episode, "--at", "end", str(tmp_path / "end"))
    ends = (tmp_path / "end" / "one.py").read_text("utf-8")
    assert [line for line in ends.splitlines() if "after" in line] == [
        f"# after {count}" for count in range(5)
    ]
