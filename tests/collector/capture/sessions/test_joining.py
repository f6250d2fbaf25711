"""Every source joins a session by one rule: never one that is being sealed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.deadline import wait_until
from tests.support.files import enabled
from tests.support.sessions import current_home

from signoff_bridge.recording.recording import join
from signoff_collector.capture.agents.beginning import begin
from signoff_collector.capture.controls import say
from signoff_collector.capture.opt_in.workspaces import Workspace
from signoff_collector.capture.runs.run_recording import begin_recording
from signoff_collector.capture.runs.running import Ending
from signoff_collector.capture.sessions.session_life import hold_workspace
from signoff_collector.capture.sessions.sessions import (
    Session,
    end_session,
    list_sessions,
    open_session,
)
from signoff_collector.capture.shell.opening import open_for_shell
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import try_lock
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import PausedError, SessionOverError

LINE = b'{"kind":"agent"}'


def editor(home: Home, workspace: Workspace) -> None:
    """Join as a bridge does."""
    _, writer = join(home, workspace, SystemClock(), {})
    writer.close()


def words(home: Home, workspace: Workspace) -> None:
    """Join as `signoff note` does."""
    say(home, SystemClock(), workspace.root, "note", "seen \U0001f600\U0001f9ea")


def shell(home: Home, workspace: Workspace) -> None:
    """Join as the hook of a shell does."""
    name = "shell-1-00000000.spool"
    open_for_shell(home, workspace.root, name, BytesIO(b"one\0001\0x\0"), SystemClock())


def agent(home: Home, workspace: Workspace) -> None:
    """Join as the hook of an agent does."""
    assert begin(str(home.root), str(workspace.root), "agent-0-00000000.spool", LINE)


def run(home: Home, workspace: Workspace) -> None:
    """Join as `signoff run` does."""
    recording = begin_recording(
        home, workspace, SystemClock(), argv=["true"], cwd=workspace.root, junit=None
    )
    recording.finish(
        Ending(exit_code=0, signal=None, is_started=True, has_terminal=False, duration_ns=5)
    )


SOURCES = [editor, words, shell, agent, run]
Source = Callable[[Home, Workspace], None]


@pytest.fixture
def workspace(home: Path, tmp_path: Path) -> Workspace:
    del home
    root = tmp_path / "work \U0001f600\U0001f9ea"
    root.mkdir()
    return enabled(root)[1]


def told(session: Session) -> set[str]:
    """Return which files of a session hold something that was recorded."""
    return {path.name for path in (*session.journals, *session.spools)}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_joins_the_next_session_while_the_old_one_is_being_sealed(
    source: Source, workspace: Workspace
) -> None:
    home = current_home()
    old = open_session(home, workspace, SystemClock())
    sealing = try_lock(old.alive, is_created=False)
    assert sealing is not None
    with sealing:
        source(home, workspace)
    assert not old.is_active
    assert not told(old)
    assert [one.is_active for one in list_sessions(home)] == [False, True]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_lets_go_of_the_session_it_joined(source: Source, workspace: Workspace) -> None:
    home = current_home()
    source(home, workspace)
    (session,) = list_sessions(home)
    end_session(home, session)  # the watcher it started ends with the session
    lock = wait_until(session.try_own, "nobody holds the session")
    assert lock is not None
    lock.release()


def test_a_run_in_a_paused_session_is_refused_and_lets_go(workspace: Workspace) -> None:
    home, clock = current_home(), SystemClock()
    session = open_session(home, workspace, clock)
    session.ask("pause", clock=clock)
    with pytest.raises(PausedError):
        run(home, workspace)
    assert not session.has_writers()


def test_sessions_that_end_at_once_are_not_tried_for_ever(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(session: Session) -> None:
        raise SessionOverError(f"session {session.id} has ended")

    monkeypatch.setattr(Session, "hold", refuse)
    with pytest.raises(SessionOverError, match="end as soon as they begin"):
        hold_workspace(current_home(), workspace, SystemClock())
    assert not any(one.is_active for one in list_sessions(current_home()))
