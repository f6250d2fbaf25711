"""The one question a day, and when it is not asked."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable, sessions, wait_for_records
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until

from signoff_bridge.answers.prompts import LATER, LOOK, NEVER, Kept, PromptMemory, look_back
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.seal_notes import SealedAs, note_sealed, sealed_as
from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    """A workspace whose session of the day before yesterday is sealed."""
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    clock = FakeClock(wall_ns=time.time_ns() - 2 * 24 * 3600 * 10**9)
    session = create_session(resolve_home(), folder, clock=clock)
    sealed = SealedAs(path=folder / "none", sha256="0" * 64, tasks=2, red_to_green=3)
    note_sealed(session, sealed)
    return folder


def asked(workspace: Path, answer: str | None, *, first: str = "a.py") -> list[dict[str, Any]]:
    """Run an editor for a while and return the questions it was asked."""
    messages = told(workspace, answer, first=first)
    return [one for one in messages if one["method"] == "window/showMessageRequest"]


def told(
    workspace: Path, answer: str | None, *, first: str = "a.py", hello: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run an editor for a while and return all that the bridge said to it by itself."""
    with bridge() as client:
        client.answer_with = lambda _: None if answer is None else {"title": answer}
        client.initialize()
        if hello is not None:
            client.notify("signoff/hello", hello)
        client.open(workspace / first, EMOJI)
        client.open(workspace / "b.py", EMOJI)
        client.ask("workspace/executeCommand", {"command": "signoff.note", "arguments": ["x"]})
        wait_until(lambda: client.status()["workspaces"][0]["records"] >= 1, "the recording")
        if answer is not None:
            wait_until(lambda: client.requests, "the question")
        if answer == LOOK:
            wait_until(lambda: _review_of(client.messages), "what comes after it")
        assert client.quit() == 0
    return client.messages


def _review_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was said after the person wanted to look."""
    return [
        one
        for one in list(messages)
        if one["method"] == "signoff/review"
        or (one["method"] == "window/showMessage" and "review" in one["params"]["message"])
    ]


def test_a_past_session_is_asked_about_once_a_day_harmless_answer_first(workspace: Path) -> None:
    (question,) = asked(workspace, LATER)
    assert [action["title"] for action in question["params"]["actions"]] == [LATER, LOOK, NEVER]
    assert "1 session, 2 tasks, 3 red\u2192green" in question["params"]["message"]
    assert asked(workspace, None) == []


def test_a_session_that_is_stopped_in_a_live_editor_is_asked_about_once(
    tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    with bridge() as client:
        client.answer_with = lambda _: {"title": LATER}
        client.initialize()
        uri = client.open(folder / "a.py", EMOJI)
        for number in range(2):
            arguments = {"command": "signoff.task", "arguments": [f"mend {EMOJI}"]}
            client.ask("workspace/executeCommand", arguments)
            wait_for_records(RecordKind.STEP, number + 1)
            client.ask("workspace/executeCommand", {"command": "signoff.stop"})
            wait_until(
                lambda count=number: sum(sealed_as(s) is not None for s in sessions()) > count,
                "the session to be sealed",
            )
            client.change(uri, number + 2, at(0, 0, 0, 0, EMOJI))
        wait_until(lambda: client.requests, "the question")
        client.ask("workspace/executeCommand", {"command": "signoff.status"})
        assert client.quit() == 0
    (question,) = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    said = question["params"]["message"]
    assert re.match(r"(Today|Since \S+|Yesterday): [12] sessions?, [12] tasks?, 0 red", said)


def test_who_opens_the_review_is_not_asked_to_look(tmp_path: Path, home: Path) -> None:
    folders = [tmp_path / name for name in ("looked at", "not")]
    for folder in folders:
        folder.mkdir()
        enable(folder)
    with bridge() as client:
        client.answer_with = lambda _: {"title": LATER}
        client.initialize()
        for folder in folders:
            client.open(folder / "a.py", EMOJI)
        wait_until(lambda: len(client.status()["workspaces"]) == 2, "both workspaces")
        client.ask("workspace/executeCommand", {"command": "signoff.note", "arguments": [EMOJI]})
        wait_for_records(RecordKind.STEP, 2)
        for params in ({"root": str(folders[0])}, {"root": str(tmp_path)}, {"root": 1}, {}, [], 7):
            client.notify("signoff/reviewing", params)
        client.ask("workspace/executeCommand", {"command": "signoff.stop"})
        wait_until(lambda: client.requests, "the question about the other workspace")
        wait_until(lambda: all(sealed_as(one) is not None for one in sessions()), "the sealing")
        assert client.quit() == 0
    memory = PromptMemory(resolve_home())
    today = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
    assert memory.may_ask(folders[0], today) is None
    assert memory.may_ask(tmp_path, today) == 0
    assert len([r for r in client.requests if r["method"] == "window/showMessageRequest"]) == 1


def test_never_stays_never_when_a_review_is_opened(workspace: Path) -> None:
    memory = PromptMemory(resolve_home())
    memory.note_never(workspace)
    with bridge() as client:
        client.initialize()
        client.open(workspace / "a.py", EMOJI)
        client.notify("signoff/reviewing", {"root": str(workspace)})
        assert client.quit() == 0
    assert memory.may_ask(workspace, "2999-01-01") is None


def test_days_and_numbers_are_said() -> None:
    day_ns = 24 * 3600 * 10**9
    now_ns = 1_800_000_000 * 10**9

    def said(*ages: int) -> str:
        days = [
            datetime.fromtimestamp((now_ns - age * day_ns) / 10**9, UTC).astimezone()
            for age in ages
        ]
        kept = [Kept(day=day.strftime("%Y-%m-%d"), tasks=2, red_to_green=1) for day in days]
        return str(look_back(kept, now_ns)).partition(",")[0]

    assert look_back([], now_ns) is None
    assert said(0) == "Today: 1 session"
    assert said(1, 1) == "Yesterday: 2 sessions"
    assert said(0, 1).startswith("Since 20")


def test_never_is_one_click_away_and_lasts(workspace: Path) -> None:
    assert len(asked(workspace, NEVER)) == 1
    memory = PromptMemory(resolve_home())
    wait_until(lambda: memory.may_ask(workspace, "2999-01-01") is None, "the answer to be kept")


def test_nothing_is_asked_while_a_commit_message_is_written(workspace: Path) -> None:
    assert asked(workspace, None, first="COMMIT_EDITMSG") == []


def test_another_day_the_question_may_come_again(workspace: Path) -> None:
    memory = PromptMemory(resolve_home())
    memory.note_asked(workspace, "2026-01-01", 99, 77)
    assert memory.may_ask(workspace, "2026-01-01") is None
    assert memory.may_ask(workspace, "2026-01-02") == 77
    memory.note_never(workspace)
    assert memory.may_ask(workspace, "2026-01-03") is None


def test_who_looks_at_nothing_for_two_weeks_is_asked_once_a_week(workspace: Path) -> None:
    memory, day_ns = PromptMemory(resolve_home()), 24 * 3600 * 10**9

    def is_asked(day: int) -> bool:
        now_ns = (1000 + day) * day_ns
        if memory.may_ask(workspace, f"day {day}", now_ns) is None:
            return False
        memory.note_asked(workspace, f"day {day}", now_ns, now_ns)
        return True

    assert [day for day in range(36) if is_asked(day)] == [*range(14), 20, 27, 34]
    memory.note_looked(workspace, "day 36", (1000 + 36) * day_ns)
    assert [day for day in range(36, 40) if is_asked(day)] == [37, 38, 39]


def test_a_damaged_memory_is_an_empty_one(workspace: Path) -> None:
    path = resolve_home().state / "prompts.json"
    path.write_bytes(b"[[[")
    assert PromptMemory(resolve_home()).may_ask(workspace, "2026-01-01") == 0


HELLO = {"name": "test", "version": "1", "protocol": 1, "anchors": False}


def test_an_editor_that_opens_the_review_itself_is_told_of_the_workspace(workspace: Path) -> None:
    (said,) = _review_of(told(workspace, LOOK, hello={**HELLO, "reviews": True}))
    assert (said["method"], said["params"]) == ("signoff/review", {"root": str(workspace)})


@pytest.mark.parametrize("hello", [None, HELLO, {**HELLO, "reviews": "yes"}], ids=repr)
def test_another_editor_is_told_the_words_to_type(
    workspace: Path, hello: dict[str, Any] | None
) -> None:
    (said,) = _review_of(told(workspace, LOOK, hello=hello))
    assert "`signoff review`" in said["params"]["message"]
