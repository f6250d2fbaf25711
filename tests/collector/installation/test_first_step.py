from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable
from tests.support.deadline import deadline
from tests.support.sessions import current_home
from tests.support.setup import put

from signoff_collector.installation.first_step import StepWatch
from signoff_collector.system.clock import SystemClock


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


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
