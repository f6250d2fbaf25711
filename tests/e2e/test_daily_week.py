"""Weeks of work on the test's own calendar, through the real bridge; every prompt is counted."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, Client, at, bridge, enable, sessions
from tests.support.deadline import deadline, wait_until

from signoff_bridge.answers.prompts import LATER, LOOK
from signoff_collector.capture.sessions.seal_notes import sealed_as
from signoff_collector.own_files.home import resolve_home

DAY_NS = 24 * 3600 * 10**9
DATED = [sys.executable, "-I", str(Path(__file__).parent.parent / "support" / "dated_signoff.py")]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


class Life:
    """A person with one project, day after day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "work.py"
        self.file.write_text(f"# {EMOJI}\n")
        seconds = time.localtime()
        of_day_ns = (seconds.tm_hour * 3600 + seconds.tm_min * 60 + seconds.tm_sec) * 10**9
        self._to_noon_ns = (DAY_NS // 2 - of_day_ns) % DAY_NS
        """Every day begins at noon: none ends while its work is under way."""

    def argv(self, day: int, *words: str) -> list[str]:
        """Return the command line that runs a program of ours on a day."""
        return [*DATED, str(self._to_noon_ns + day * DAY_NS), *words]

    def work(self, day: int, *, is_asked: bool, answer: str | None = None) -> list[str]:
        """Work for a day and return every prompt of it, the one at the start included."""
        with bridge(self.argv(day, "bridge")) as client:
            client.answer_with = lambda _: None if answer is None else {"title": answer}
            client.initialize()
            uri = client.open(self.file)
            if is_asked:
                wait_until(lambda: client.requests, f"the question of day {day}")
            asked = len(prompts(client))
            client.ask(
                "workspace/executeCommand",
                {"command": "signoff.task", "arguments": [f"task of day {day} {EMOJI}"]},
            )
            line = f"word_of_day_{day} = {day}\n"
            client.change(uri, 2, at(0, 0, 0, 0, line))
            self.file.write_text(line + self.file.read_text())
            client.save(uri)
            wait_until(lambda: client.status()["workspaces"][0]["records"] >= 3, "the recording")
            if answer != LOOK:
                assert len(prompts(client)) == asked, "a prompt came while working"
            assert client.quit() == 0
        self.signoff(day, "stop")
        wait_until(
            lambda: all(sealed_as(session) is not None for session in sessions()),
            f"day {day} to be sealed",
        )
        return prompts(client)

    def signoff(self, day: int, *arguments: str) -> str:
        """Run a verb on a day and return what it printed."""
        done = subprocess.run(
            self.argv(day, "cli", *arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=deadline(),
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def prompts(client: Client) -> list[str]:
    """Return all that asked for the person's attention; where the home lies is not ours."""
    questions = [
        str(one["params"]["message"])
        for one in list(client.messages)
        if one.get("method") == "window/showMessageRequest"
    ]
    return questions + client.shown()


@pytest.fixture
def life(tmp_path: Path, home: Path) -> Life:
    """A person who has just enabled a project."""
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return Life(folder)


def test_a_week_has_one_line_a_day_at_the_start_and_none_while_working(life: Life) -> None:
    assert life.work(0, is_asked=False) == []
    (first,) = life.work(1, is_asked=True, answer=LATER)
    assert first.startswith("Yesterday: 1 session, 1 task, 0 red\u2192green")
    question, hint = life.work(2, is_asked=True, answer=LOOK)
    assert question.startswith("Yesterday: 1 session, 1 task")
    assert "`signoff review`" in hint
    (again,) = life.work(3, is_asked=True)
    assert again.startswith("Yesterday")
    assert life.work(3, is_asked=False) == []


def test_who_looks_at_nothing_is_asked_weekly_and_keeps_their_own_history(life: Life) -> None:
    assert life.work(0, is_asked=False) == []
    asked = [day for day in (1, 8, 15) if life.work(day, is_asked=True)]
    assert asked == [1, 8, 15]
    for day in (16, 19, 21):
        assert life.work(day, is_asked=False) == [], f"asked on day {day}"
    (weekly,) = life.work(22, is_asked=True)
    assert weekly.startswith("Since ")
    assert "4 sessions" in weekly
    home = resolve_home()
    life.signoff(23, "status")
    old = [s for s in sessions() if s.started_wall_ns < newest_start_ns() - 14 * DAY_NS]
    assert old
    assert all(not session.journals and not session.spools for session in old)
    found = life.signoff(23, "find", "word_of_day_0")
    assert "work.py" in found
    assert "task of day 22" in life.signoff(22, "today")
    first = min(old, key=lambda session: session.started_wall_ns)
    which = ("--session", first.id, "--at", "end", "--to", "before.py")
    life.signoff(23, "restore", "work.py", *which)
    before = (life.folder / "before.py").read_text()
    assert "word_of_day_0" in before
    assert "word_of_day_1 " not in before
    assert not (home.state / "outbox.sqlite").exists()
    assert not list(home.episodes.glob("*.signoff.json"))
    assert len(list(home.episodes.glob("*.episode"))) == len(sessions())


def newest_start_ns() -> int:
    return max(session.started_wall_ns for session in sessions())
