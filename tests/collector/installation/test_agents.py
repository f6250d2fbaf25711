"""Hooks of agents in a person's own settings: put in, kept beside others, taken back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cli import Said
from tests.support.pseudo_terminal import Terminal
from tests.support.sessions import current_home
from tests.support.setup import call, listing, put

from signoff_collector.capture.agents.opt_in import agent_words
from signoff_collector.health.interface import Level, Surroundings
from signoff_collector.health.targets import AGENT_GROUP, target_checks
from signoff_collector.installation.agent_hooks import hook_command
from signoff_collector.installation.launcher import launcher_path

AGENTS = ("claude-code", "codex", "cursor")
FILES = {
    "claude-code": Path(".claude", "settings.json"),
    "codex": Path(".codex", "hooks.json"),
    "cursor": Path(".cursor", "hooks.json"),
}
OWN = b"""{
    "model": "opus \xf0\x9f\x8e\x88\xf0\x9f\x8e\x89",
    "hooks": {
        "PreToolUse": [ {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine"}]} ]
    }
}"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with three agents: settings of their own, none, and not even a folder."""
    folder = tmp_path / "ada's"
    programs = tmp_path / "programs"
    for name in ("claude", "codex", "cursor"):
        put(programs / name, b"#!/bin/sh\n", mode=0o755)
    put(folder / "dotfiles" / "claude.json", OWN, mode=0o600)
    (folder / ".claude").mkdir()
    (folder / ".claude" / "settings.json").symlink_to("../dotfiles/claude.json")
    (folder / ".codex").mkdir()
    folder.chmod(0o700)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "kept"))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin:/bin")
    return folder


def states(said: Said) -> dict[str, object]:
    rows = [json.loads(line) for line in said.out.splitlines()]
    return {row["editor"]: row["state"] for row in rows if "editor" in row}


def entries(user: Path, agent: str) -> dict[str, list[dict[str, object]]]:
    parsed = json.loads((user / FILES[agent]).read_text("utf-8"))
    found: dict[str, list[dict[str, object]]] = parsed["hooks"]
    return found


def test_hooks_come_into_the_persons_own_settings_and_go_again(user: Path) -> None:
    before = listing(user)
    assert states(call("setup", "--yes", "--json", *AGENTS)) == dict.fromkeys(AGENTS, "changed")
    for agent in AGENTS:
        for event, listed in entries(user, agent).items():
            assert f" {agent} " in json.dumps(listed[-1]), event
    assert {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine"}]} in entries(
        user, "claude-code"
    )["PreToolUse"]
    assert json.loads((user / FILES["cursor"]).read_text("utf-8"))["version"] == 1
    after = listing(user)
    assert states(call("setup", "--yes", "--json", *AGENTS)) == dict.fromkeys(AGENTS, "unchanged")
    assert listing(user) == after
    assert call("uninstall", "--yes").code == 0
    assert listing(user) == before


def test_an_entry_of_an_older_release_is_replaced(user: Path) -> None:
    call("setup", "--yes", *AGENTS)
    path = user / FILES["claude-code"]
    current = path.read_text("utf-8")
    path.write_text(current.replace("hook_start.py' '", "hook_start.py' --old '"), "utf-8")
    assert states(call("setup", "--yes", "--json", "claude-code")) == {"claude-code": "changed"}
    assert path.read_text("utf-8") == current


def test_what_a_person_adds_since_stays_when_ours_goes(user: Path) -> None:
    call("setup", "--yes", *AGENTS)
    for agent in ("claude-code", "codex"):
        path = user / FILES[agent]
        added = json.loads(path.read_text("utf-8"))
        added["hooks"]["Stop"].append({"hooks": [{"type": "command", "command": "later 🎈🎉"}]})
        path.write_text(json.dumps(added, ensure_ascii=False), "utf-8")
    assert call("uninstall", "--yes").code == 0
    later = {"hooks": [{"type": "command", "command": "later 🎈🎉"}]}
    assert entries(user, "codex") == {"Stop": [later]}
    assert entries(user, "claude-code")["Stop"] == [later]
    assert "signoff" not in (user / FILES["claude-code"]).read_text("utf-8")
    assert not (user / FILES["cursor"]).exists()


@pytest.mark.parametrize(
    "content", [b"{", b"// mine\n{}", b'{"hooks": []}', b"\xff\xfe{}", b'{"a": 1, "a": 2}']
)
def test_settings_that_cannot_be_read_are_left_and_said_so(user: Path, content: bytes) -> None:
    put(user / "dotfiles" / "claude.json", content, mode=0o600)
    before = listing(user)
    said = call("setup", "--yes", "--json", "claude-code")
    assert (said.code, states(said)) == (3, {"claude-code": "refused"})
    assert listing(user) == before


def test_words_are_kept_only_after_a_yes_which_goes_with_the_hooks(user: Path) -> None:
    call("setup", "--yes", *AGENTS)
    assert not agent_words(current_home()).text
    call("setup", "--yes", "--agent-words", "text", "codex")
    allowed = agent_words(current_home())
    assert (allowed.text, allowed.transcripts) == (True, False)
    call("setup", "--yes", "--agent-words", "all", "codex")
    assert agent_words(current_home()).transcripts
    call("uninstall", "--yes")
    assert not agent_words(current_home()).text


@pytest.mark.parametrize("answer", [b"\n", b"y\n"])
def test_a_person_is_asked_about_words_and_no_is_the_usual_answer(
    user: Path, tmp_path: Path, answer: bytes
) -> None:
    argv = [sys.executable, "-I", "-m", "signoff_collector", "setup", "codex"]
    with Terminal(argv, cwd=tmp_path, env=os.environ, size=(60, 200)) as terminal:
        terminal.wait_for(b"Make this change? [y/N]")
        terminal.press(b"y\n")
        terminal.wait_for(b"Record these words too? [y/N]")
        terminal.press(answer)
        assert terminal.end() == 0, terminal.shown
    assert b"trust the new hooks" in terminal.shown
    assert agent_words(current_home()).text is (answer == b"y\n")


def test_doctor_says_which_agents_tell_of_themselves(user: Path) -> None:
    def look() -> dict[str, tuple[Level, str]]:
        lines = {check.name: check.look(Surroundings()) for check in target_checks(AGENT_GROUP)}
        return {name: (line.level, line.fact) for name, line in lines.items()}

    assert {level for level, _ in look().values()} == {Level.NOTE}
    call("setup", "--yes", "--agent-words", "text", *AGENTS)
    assert {level for level, _ in look().values()} == {Level.OK}
    assert all("words of agents are kept" in fact for _, fact in look().values())


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_the_command_does_nothing_and_succeeds_once_we_are_gone(
    user: Path, tmp_path: Path, shell: str
) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not here")
    gone = hook_command(launcher_path(), "codex").replace("hook_start.py", "gone.py")
    broken = hook_command(tmp_path / "no" / "signoff", "codex")
    for command in (gone, broken, hook_command(launcher_path(), "codex")):
        done = subprocess.run(
            [program, "-c", command], input=b"{}", capture_output=True, check=False, cwd=tmp_path
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
