from __future__ import annotations

import os
from pathlib import Path

import pytest

from signoff_collector.capture.sessions import open_session
from signoff_collector.capture.workspaces import Workspaces
from signoff_collector.clock import SystemClock
from signoff_collector.controls import pause
from signoff_collector.installation import first_step
from signoff_collector.installation.first_step import StepWatch, broken_link
from support_bridge import EMOJI, at, bridge, enable
from support_deadline import deadline
from support_sessions import current_home
from support_setup import put


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def link_name() -> str:
    return broken_link(current_home(), SystemClock()).name


def test_a_change_typed_after_the_beginning_is_found(project: Path) -> None:
    enable(project)
    file = put(project / "a.txt", b"one\n")
    with bridge() as client:
        client.initialize(clientInfo={"name": "Ed", "version": "7"})
        uri = client.open(file)
        client.change(uri, 2, at(0, 3, 0, 3, EMOJI))
        client.status()
        watch = StepWatch(current_home(), SystemClock())
        assert watch.wait(0) is None
        client.change(uri, 3, at(0, 3, 0, 3, EMOJI))
        found = watch.wait(deadline())
    assert found is not None
    assert (found.session.root, found.editor, found.changes) == (project.resolve(), "Ed 7", 1)


def test_every_broken_link_has_its_name(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_step, "bridge_processes", list)
    assert link_name() == "enable"
    enable(project)
    assert link_name() == "editor"
    workspaces = Workspaces(current_home())
    pause(current_home(), SystemClock(), workspaces.all())
    assert link_name() == "pause"
    workspaces.set_pause({entry.identifier for entry in workspaces.all()}, None)
    monkeypatch.setattr(first_step, "bridge_processes", lambda: [1])
    assert link_name() == "file"
    place = current_home()
    (found,) = workspaces.all()
    session = open_session(place, found, SystemClock())
    presence = session.folder / f"bridge-lsp-{os.getpid()}-0a0b.json"
    put(presence, b'{"version": "0.0.1"}')
    assert link_name() == "version"
    put(presence, f'{{"version": "{first_step.__version__}"}}'.encode())
    assert link_name() == "typing"
    monkeypatch.setattr(first_step, "LITTLE_ROOM_BYTES", 1 << 62)
    assert link_name() == "room"
    put(place.config / "workspaces.json", b"{", mode=0o600)
    assert link_name() == "home"
