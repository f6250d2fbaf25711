"""Ten ways to lose work, with a real bridge, git and file watcher: `restore` has it to the byte."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support.agents import FakeAgent
from tests.support.bridge import BRIDGE, Client, at, bridge, enable, holding, sessions
from tests.support.cli import signoff, signoff_each
from tests.support.deadline import wait_until
from tests.support.torture import Torture, project

from signoff_collector.capture.sessions.sessions import end_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

WORDS = "\U0001f98a\U0001d11e"
NEAR_THE_TOP = 8
BULK = 40


@dataclass(frozen=True)
class Loss:
    """What was there, and what took it."""

    path: str
    content: bytes
    why: str
    """Pattern of the reason that the list has to give."""
    is_executable: bool = False


@dataclass
class Week:
    """A person at work with bad luck."""

    torture: Torture
    client: Client
    losses: list[Loss] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.torture.root

    def lost(self, path: str, content: bytes, why: str, *, is_executable: bool = False) -> None:
        self.losses.append(Loss(path, content, why, is_executable))

    def write(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Write a file without an editor, and wait until it was seen."""
        (self.root / path).write_bytes(content)
        (self.root / path).chmod(mode)
        self.torture.told()

    def change(self, uri: str, version: int, change: object, reason: str) -> None:
        """Change an open file, and say what did it."""
        self.client.change(uri, version, change)
        told = {"uri": uri, "version": version, "reason": reason, "changes": 1, "detail": "it"}
        self.client.notify("signoff/evidence", told)
        self.client.status()


def an_agent_overwrites_a_file(week: Week) -> None:
    content = f"mine = '{WORDS}'\r\nstays = 1\r\n".encode()
    week.write("overwritten.py", content)
    agent = FakeAgent(name="claude-code", cwd=week.root)
    week.torture.agent(agent, week.root / "overwritten.py", f"theirs = '{WORDS}'\n")
    week.lost("overwritten.py", content, "agent|change on disk")


def an_agent_rewrites_what_is_open(week: Week) -> None:
    content = f"def mine():\n    return '{WORDS}'\n".encode()
    week.write("open.py", content)
    uri = week.client.open(week.root / "open.py")
    week.change(uri, 2, at(0, 0, 2, 0, "def theirs():\n    return 0\n"), "agent")
    (week.root / "open.py").write_text("def theirs():\n    return 0\n")
    week.client.save(uri)
    week.torture.told()
    week.lost("open.py", content, "the agent's edits")


def reset_hard(week: Week) -> None:
    content = f"one {WORDS}\r\nchanged\r\n".encode()
    week.write("crlf.txt", content)
    week.torture.git("reset", "-q", "--hard")
    week.lost("crlf.txt", content, "git reset")


def checkout_of_a_file(week: Week) -> None:
    content = f"# src/b.py {WORDS}\nlong work\n".encode()
    week.write("src/b.py", content)
    week.torture.tree.git("checkout", "--", "src/b.py")
    week.torture.told()
    week.lost("src/b.py", content, "change on disk|git")


def a_dropped_stash(week: Week) -> None:
    content = b"\xef\xbb\xbf" + f"one {WORDS}\nstashed\n".encode()
    week.write("bom.txt", content)
    week.torture.git("stash", "-q")
    week.torture.tree.git("stash", "drop", "-q")
    week.torture.told()
    week.lost("bom.txt", content, "git stash")


def a_deleted_file_that_was_never_committed(week: Week) -> None:
    content = f"#!/bin/sh\necho {WORDS}".encode()
    week.write("never.sh", content, mode=0o755)
    (week.root / "never.sh").unlink()
    week.torture.told()
    week.lost("never.sh", content, "deleted|change on disk", is_executable=True)


def a_replacement_in_all_files(week: Week) -> None:
    folder = week.root / "bulk"
    folder.mkdir()
    contents = {f"bulk/{n}.py": f"name_{n} = '{WORDS}'\n".encode() for n in range(BULK)}
    for path, content in contents.items():
        (week.root / path).write_bytes(content)
    week.torture.told()
    for path, content in contents.items():
        (week.root / path).write_bytes(content.replace(b"name_", b"nom_"))
    week.torture.told()
    for number in (0, BULK - 1):
        path = f"bulk/{number}.py"
        week.lost(path, contents[path], "change on disk")


def a_formatter_gone_wrong(week: Week) -> None:
    content = f"\tx = [1,\n\t     2] # {WORDS}\n".encode()
    week.write("formatted.py", content)
    uri = week.client.open(week.root / "formatted.py")
    week.change(uri, 2, at(0, 0, 2, 0, ""), "formatter")
    (week.root / "formatted.py").write_bytes(b"")
    week.client.save(uri)
    week.torture.told()
    week.lost("formatted.py", content, "the formatter")


def closed_without_saving(week: Week) -> None:
    week.write("closed.py", b"saved\r\n")
    uri = week.client.open(week.root / "closed.py")
    week.change(uri, 2, at(1, 0, 1, 0, f"never saved {WORDS}\r\n"), "key")
    week.client.close(uri)
    week.client.status()
    week.lost("closed.py", f"saved\r\nnever saved {WORDS}\r\n".encode(), "closed without saving")


def unsaved_when_the_editor_is_killed(week: Week) -> None:
    week.write("crashed.py", b"saved\n")
    uri = week.client.open(week.root / "crashed.py")
    week.change(uri, 2, at(1, 0, 1, 0, f"a second ago {WORDS}"), "key")
    wait_until(lambda: holding(resolve_home().root, b"a second ago"), "the keys to be written")
    week.client.process.kill()
    week.lost("crashed.py", f"saved\na second ago {WORDS}".encode(), "")


WAYS: tuple[Callable[[Week], None], ...] = (
    an_agent_overwrites_a_file,
    an_agent_rewrites_what_is_open,
    reset_hard,
    checkout_of_a_file,
    a_dropped_stash,
    a_deleted_file_that_was_never_committed,
    a_replacement_in_all_files,
    a_formatter_gone_wrong,
    closed_without_saving,
    unsaved_when_the_editor_is_killed,
)


def found_point(loss: Loss, rows: list[dict[str, object]]) -> dict[str, object]:
    """Return the first point with the reason and size of what was lost."""
    told = [(row["at"], row["why"], row["size_bytes"]) for row in rows]
    for row in rows[:NEAR_THE_TOP]:
        if row["size_bytes"] == len(loss.content) and re.search(loss.why, str(row["why"])):
            return row
    raise AssertionError(f"{loss.path}: no {loss.why!r} with {len(loss.content)} bytes in {told}")


def assert_all_come_back(week: Week, out: Path) -> None:
    out.mkdir()
    lists = signoff_each([["restore", loss.path, "--json"] for loss in week.losses], cwd=week.root)
    calls: list[list[str]] = []
    for number, (loss, said) in enumerate(zip(week.losses, lists, strict=True)):
        assert said.code == 0, (loss, said)
        point = found_point(loss, [json.loads(line) for line in said.out.splitlines()])
        place = ["--session", str(point["session"]), "--at", str(point["at"])]
        calls.append(["restore", loss.path, *place, "--to", str(out / str(number))])
    signoff_each(calls, cwd=week.root)
    for number, loss in enumerate(week.losses):
        target = out / str(number)
        assert target.read_bytes() == loss.content, loss
        assert os.access(target, os.X_OK) == loss.is_executable, loss


def test_everything_that_was_lost_comes_back(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    tree = project(tmp_path)
    enable(tree.root)
    with bridge(BRIDGE) as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        client.open(tree.root / "a.py")
        week = Week(Torture(tree), client)
        week.torture.told()
        for way in WAYS:
            way(week)
    assert_all_come_back(week, tmp_path / "while it goes on")
    with bridge(BRIDGE) as again:  # the editor is opened anew and shows what was saved
        again.initialize()
        again.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        again.open(tree.root / "crashed.py")
        again.status()
        assert again.quit() == 0
    assert_all_come_back(week, tmp_path / "after the crash")
    assert signoff("stop", cwd=tree.root).code == 0
    (session,) = sessions()
    end_session(resolve_home(), session)
    wait_until(lambda: session.is_over(SystemClock()), "the session to be over")
    assert_all_come_back(week, tmp_path / "when it is over")
