"""An editor that shows our sentences itself is spoken to once a day, and never as it starts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.bridge import EMOJI, Client, at, bridge, enable, wait_for_records
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until

from signoff_bridge.answers.prompts import PromptMemory
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.opt_in.workspaces import DAY_NS, LASTS_DAYS, Workspaces
from signoff_collector.capture.sessions.seal_notes import SealedAs, note_sealed
from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.words import Owner

PATIENT = {"initializationOptions": {"notices": True}}


def said(client: Client) -> list[str]:
    """Return what the editor was to show by itself."""
    shown = ("window/showMessage", "window/showMessageRequest")
    return [m["params"]["message"] for m in list(client.messages) if m.get("method") in shown]


def seal_one(folder: Path) -> None:
    """Leave a sealed session of yesterday's."""
    session = create_session(
        resolve_home(), folder, clock=FakeClock(wall_ns=time.time_ns() - DAY_NS)
    )
    note_sealed(session, SealedAs(path=folder / "none", sha256="0" * 64, tasks=1, red_to_green=0))


def work(folder: Path, *, is_told: bool) -> tuple[list[str], list[str], dict[str, Any]]:
    """Open a file, then change it; return what was said before and after, and the status."""
    with bridge() as client:
        client.initialize(**PATIENT)
        uri = client.open(folder / "a.py", EMOJI)
        client.ask("workspace/executeCommand", {"command": "signoff.status", "arguments": []})
        early = said(client)
        client.change(uri, 2, at(0, 0, 0, 0, "x"))
        if is_told:
            wait_until(lambda: said(client), "what is to be said")
        client.ask("workspace/executeCommand", {"command": "signoff.note", "arguments": ["n"]})
        wait_for_records(RecordKind.STEP, 1)
        status = client.status()
        assert client.quit() == 0
    return early, said(client)[len(early) :], status


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    return folder


def test_the_question_of_the_day_waits_for_the_first_change(folder: Path) -> None:
    enable(folder)
    seal_one(folder)
    early, late, _ = work(folder, is_told=True)
    assert early == []
    assert [one.partition(":")[0] for one in late] == ["Yesterday"]
    assert work(folder, is_told=False)[:2] == ([], [])


def test_what_a_program_enabled_is_said_once_and_stays_where_the_companion_shows_it(
    folder: Path,
) -> None:
    enable(folder, is_confirmed=False)
    seal_one(folder)
    early, late, status = work(folder, is_told=True)
    assert early == []
    assert ["not confirmed by a person" in one for one in late] == [True]
    assert "not confirmed by a person" in status["announcements"][0]
    early, late, status = work(folder, is_told=False)
    assert (early, late) == ([], [])
    assert len(status["announcements"]) == 1


def test_who_agreed_in_an_editor_is_told_in_the_hover_alone(folder: Path) -> None:
    Workspaces(resolve_home().ensure()).enable(
        folder, owner=Owner.MINE, is_confirmed=False, asked_in="vscode"
    )
    early, late, status = work(folder, is_told=False)
    assert (early, late) == ([], [])
    assert "you confirmed it in vscode" in status["announcements"][0]


def test_an_opt_in_that_lapsed_is_a_problem_until_it_is_renewed(folder: Path) -> None:
    then = FakeClock(wall_ns=time.time_ns() - LASTS_DAYS * DAY_NS - 1)
    Workspaces(resolve_home().ensure(), then).enable(folder, owner=Owner.MINE, is_confirmed=True)
    with bridge() as client:
        client.initialize(**PATIENT)
        client.open(folder / "a.py", EMOJI)
        assert ["ended 30 days" in one for one in client.status()["problems"]] == [True]
        enable(folder)
        wait_until(lambda: client.status()["recording"], "the renewal")
        assert not any("ended 30 days" in one for one in client.status()["problems"])
        assert client.quit() == 0
    assert said(client) == []


DAYS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["", "a", "b", "c"])), max_size=12)


@given(wishes=DAYS)
def test_one_message_a_day_and_each_sentence_once(
    wishes: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The model: of the wishes in order of their days, each day's first that is not known."""
    root = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_HOME", str(root / "signoff"))
        memory = PromptMemory(resolve_home().ensure())
        told: dict[int, str] = {}
        for day, sentence in sorted(wishes, key=lambda wish: wish[0]):
            is_new = sentence == "" or sentence not in told.values()
            assert memory.may_disturb(f"day {day}", sentence) is (day not in told and is_new)
            if day not in told and is_new:
                memory.note_disturbed(f"day {day}", sentence)
                told[day] = sentence
