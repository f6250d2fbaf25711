"""Every link from the enabled folder to the typing editor can be named when it is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.repository import WorkTree
from tests.support.sessions import current_home
from tests.support.setup import call, put

from signoff_collector.capture.controls import pause
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.bridges import presences, running
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.health import broken_link as chain
from signoff_collector.health import places
from signoff_collector.health.broken_link import broken_link, settings_of
from signoff_collector.health.interface import Line, Surroundings
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import chosen_targets, propose
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="processes are looked for in /proc"
)


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def no_bridges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bridges of other tests, and of the person at this machine, are none of ours."""
    monkeypatch.setattr(chain, "bridge_processes", list)


def link() -> Line:
    account, launcher = account_of(), launcher_path()
    proposals = propose(chosen_targets(["helix"]), account, launcher)
    return broken_link(Surroundings(), settings_of(proposals, account, launcher))


def test_from_the_opt_in_to_a_typed_key_each_link_has_its_name(project: Path) -> None:
    tree = WorkTree.create(project)
    tree.write(".gitignore", "ignored/\n")
    put(project / "ignored" / "b.txt", b"x\n")
    put(project / "a.txt", b"one\n")
    assert link().key == "enable"
    enable(project)
    with bridge() as client:
        client.initialize(clientInfo={"name": "Ed", "version": "7"})
        assert link().key == "file"
        client.open(project / ".env", "TOKEN=x\n")
        client.status()
        assert link().key == "file", "never-record files begin no session"
        client.open(project / "ignored" / "b.txt")
        wait_until(lambda: link().key == "policy", "the refusal to be told")
        found = link()
        assert "1 file(s) opened in Ed 7 are not recorded: git ignores them" in found.fact
        assert "b.txt" not in json.dumps(list(map(str, _presence_files()))) + _presence_text()
        put(project / ".signoffignore", b"*.log\n")
        client.open(project / "deep.log", f"{EMOJI}\n")
        wait_until(lambda: "signoffignore" in _presence_text(), "the second refusal to be told")
        assert "a .signoffignore names them" in link().fact
        workspaces = Workspaces(current_home())
        pause(current_home(), SystemClock(), workspaces.all())
        assert link().key == "pause"
        workspaces.set_pause({entry.identifier for entry in workspaces.all()}, None)
    with bridge() as client:
        client.initialize(clientInfo={"name": "Ed", "version": "8"})
        uri = client.open(project / "a.txt")
        wait_until(lambda: link().key == "typing", "the bridge to be at work")
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        assert "! Ed 8 is open and records until it is closed." in call("uninstall").out


def _presence_files() -> list[Path]:
    return list(current_home().sessions.glob("*/bridge-*.json"))


def _presence_text() -> str:
    return "".join(path.read_text("utf-8") for path in _presence_files())


def test_a_bridge_of_another_release_and_a_full_disk_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(project)
    place = current_home()
    (found,) = Workspaces(place).all()
    session = open_session(place, found, SystemClock())
    presence = session.folder / f"bridge-lsp-{os.getpid()}-0a0b.json"
    put(presence, b'{"version": "0.0.1", "refused": {"x": "y", "git_ignored": 1}}')
    assert link().key == "version"
    assert [dict(bridge.refused) for bridge in presences(place, SystemClock())] == [
        {"git_ignored": 1}
    ]
    monkeypatch.setattr(places, "_LEAST_BYTES", 1 << 62)
    assert link().key == "room"
    put(place.config / "workspaces.json", b"{", mode=0o600)
    assert link().key == "home"


def test_a_launcher_that_cannot_be_run_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(project)
    put(tmp_path / "bin" / "signoff", b"#!/bin/sh\n", mode=0o644)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    found = broken_link(Surroundings())
    assert (found.key, str(tmp_path / "bin" / "signoff") in found.fact) == ("launcher", True)
    said = call("setup", "--yes", "helix")
    assert (said.code != 0, "no launcher" in said.err) == (True, True), said


@contextmanager
def running_editor(program: Path) -> Iterator[None]:
    """A process of that name, as the system sees it."""
    process = subprocess.Popen([str(program)], stdin=subprocess.PIPE)
    try:
        wait_until(
            lambda: any(one.pid == process.pid for one in running({program.name})),
            "the process to have its name",
        )
        yield
    finally:
        process.kill()
        process.communicate(timeout=deadline())


@pytest.mark.usefixtures("no_bridges")
def test_an_editor_that_has_not_read_its_settings_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(project)
    program = put(tmp_path / "bin" / "hx", b"#!/bin/sh\nread line\n", mode=0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/usr/bin:/bin")
    assert link().key == "editor"
    with running_editor(program):
        assert link().key == "settings", "they were never written"
        assert call("setup", "--yes", "helix").code == 0
        assert link().key == "restart"
        assert "Helix (process " in link().fact
    assert link().key == "editor"
    with running_editor(program):
        found = link()
        assert (found.key, "languages.toml" in found.fact) == ("settings", True)
    said = call("setup", "--yes", "helix", "--wait", "0.01", "--json")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, rows[-1]["broken"]) == (3, "editor"), said


def test_a_home_that_is_refused_is_named_before_anything_else(
    project: Path, tmp_path: Path
) -> None:
    inside = WorkTree.create(tmp_path / "cloned").root / "own"
    said = signoff("setup", "--yes", "--wait", "1", SIGNOFF_HOME=str(inside))
    assert (said.code, "is inside the work tree" in said.err) == (13, True), said
    assert not inside.exists()


def test_processes_are_found_by_their_whole_name(tmp_path: Path) -> None:
    odd = put(tmp_path / "a) (b", b"#!/bin/sh\nread line\n", mode=0o755)
    with running_editor(odd):
        assert running({"a"}) == []
        assert running({"b"}) == []
    assert running({"a) (b"}, tmp_path) == []
