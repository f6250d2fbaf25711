"""`signoff today`: every line is true, links to its moment, and ranks nobody."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from tests.support.history import BEASTS, ended_session, live_session, masked_session
from tests.support.leaks import random_secret
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import signoff

from signoff_collector.capture.test_results.pytest_results import agree, results_path
from signoff_collector.history.day.day import Day, Said, Task, WorkspaceDay
from signoff_collector.history.day.day_text import day_lines
from signoff_collector.history.moment_of_session import Moment
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

SINCE = ("--since", "2h")
"""Not midnight, which may come while a test runs."""


def working(root: Path, *, secret: str = "", pid: int = 100) -> Journal:
    """Return an hour's work: a task, red tests, typing, green tests, a commit, a red run."""
    journal = Journal("lsp", pid, root=root, wall_ns=SystemClock().wall_ns())
    journal.step("task", text=f"mend the parser {BEASTS}{secret}", origin="person")
    journal.open("a.py", "x = 1\n")
    _tests(journal, "r1", test_one="failed", test_two="failed")
    journal.wait(60)
    journal.change("a.py", (0, 4), (0, 5), "42")
    journal.evidence("a.py", "key")
    journal.wait(12 * 60)
    _tests(journal, "r2", test_one="passed", test_two="passed")
    journal.step("git", operation="commit", message="parser: mended\n\nbody", head_after="a" * 40)
    _tests(journal, "r3", test_three="failed")
    journal.step("command", line="make docs", exit_code=2, output_state="none")
    return journal


def _tests(journal: Journal, run_id: str, **outcomes: str) -> None:
    journal.step(
        "tests", run_id=run_id, framework="pytest", argv=["pytest"], exit_code=1,
        cases=[{"id": f"test_a.py::{name}", "outcome": said} for name, said in outcomes.items()],
    )  # fmt: skip


@pytest.mark.parametrize("make", [live_session, ended_session, masked_session])
def test_a_day_is_told_as_it_was(home: Path, tmp_path: Path, make: object) -> None:
    root = tmp_path / "project"
    session = make(root, working(root))  # type: ignore[operator]
    said = signoff("today", *SINCE, "--json", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    (row,) = [json.loads(line) for line in said.stdout.splitlines()]
    assert row["root"] == str(root.resolve())
    assert [task["text"] for task in row["tasks"]] == [f"mend the parser {BEASTS}"]
    (turned,) = row["turned"]
    assert turned["tests"] == ["test_a.py::test_one", "test_a.py::test_two"]
    assert 12 * 60 <= turned["took_s"] < 15 * 60
    assert turned["session"] == session.id
    assert [commit["text"] for commit in row["commits"]] == ["parser: mended"]
    assert [red["test"] for red in row["red"]] == ["test_a.py::test_three"]
    assert [failing["line"] for failing in row["failing"]] == ["make docs"]
    assert [(file["path"], file["added"], file["removed"]) for file in row["files"]] == [
        ("a.py", 2, 1)
    ]
    assert sum(row["authors"].values()) == 2
    shown = signoff("replay", turned["session"], "--from", turned["at"], cwd=root)
    assert shown.returncode == 0, shown.stderr
    assert "tests" in shown.stdout.splitlines()[0]


def test_words_for_people_name_open_ends(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    live_session(root, working(root))
    plain = signoff("today", *SINCE, cwd=tmp_path).stdout
    assert ": 1 test (test_three)" in plain
    assert "still red, since " in plain
    assert "red\u2192green after 13 min: 2 tests (test_one, test_two)" in plain
    assert "failed when last run: make docs" in plain
    assert "a.py  1 edit, +2 \u22121 characters" in plain
    assert plain.index("a.py has unsaved text") < plain.index("still red"), "could be lost: first"
    assert BEASTS in plain


def test_an_open_end_is_told_once_and_not_for_what_was_interrupted(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    _tests(journal, "r1", test_one="failed")
    journal.step("command", line="pytest", exit_code=1, run_ids=["r1"], output_state="none")
    _tests(journal, "r2", test_one="passed")
    journal.step("command", line="pytest -x", exit_code=0, run_ids=["r2"], output_state="none")
    journal.step("command", line="npm start", exit_code=130, output_state="none")
    for number in range(20):
        journal.wait(1)
        journal.step("command", line=f"make part-{number}", exit_code=2, output_state="none")
    live_session(root, journal)
    plain = signoff("today", *SINCE, cwd=tmp_path).stdout
    ends = plain.partition("Open ends")[2]
    assert "pytest" not in ends, "its tests tell it, and they are green"
    assert "npm start" not in ends
    assert ends.index("make part-19") < ends.index("make part-8")
    assert "and 8 more; --markdown lists them all" in ends
    assert "make part-7" not in ends
    assert "make part-7" in signoff("today", *SINCE, "--markdown", cwd=tmp_path).stdout


def test_what_signoff_was_asked_is_no_work_and_no_open_end(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal("shell", root=root, wall_ns=SystemClock().wall_ns())
    asked = ("signoff restore gone.py", "cd src && ./bin/signoff find nowhere | less")
    for line in (*asked, "signoff run -- make", "signoff status; make"):
        journal.wait(1)
        journal.step("command", line=line, exit_code=10, output_state="none")
    live_session(root, journal)
    said = signoff("today", *SINCE, "--json", cwd=root).stdout
    (row,) = [json.loads(one) for one in said.splitlines()]
    assert [one["line"] for one in row["failing"]] == [
        "signoff run -- make",
        "signoff status; make",
    ]


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_a_run_that_ran_no_test_is_no_open_end(home: Path, tmp_path: Path, code: int) -> None:
    root = tmp_path / "project"
    journal = Journal("shell", root=root, wall_ns=SystemClock().wall_ns(), editor_pid=None)
    journal.step("command", line="pytest -k nomatch", exit_code=code, output_state="none")
    journal.wait(1)
    journal.step("command", line="make docs", exit_code=2, output_state="none")
    live_session(root, journal)
    (row,) = map(json.loads, signoff("today", *SINCE, "--json", cwd=tmp_path).stdout.splitlines())
    assert row["test_runs"] == 1
    assert row["red"] == []
    assert [failing["line"] for failing in row["failing"]] == ["make docs"]


def test_why_a_run_of_pytest_has_no_results_is_said_in_one_line(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal("shell", root=root, wall_ns=SystemClock().wall_ns(), editor_pid=None)
    for line, code in (("pytest -q", 1), ("pytest -q", 0), ("pytest -k no", 5), ("make test", 0)):
        journal.wait(1)
        journal.step("command", line=line, exit_code=code, output_state="none")
    live_session(root, journal)
    plain = signoff("today", *SINCE, cwd=tmp_path).stdout
    assert plain.count("signoff setup pytest") == 1
    assert "2 runs of pytest without results" in plain
    agree(resolve_home())
    tomorrow_ns = SystemClock().wall_ns() + 24 * 3600 * 10**9
    os.utime(results_path(resolve_home()), ns=(tomorrow_ns, tomorrow_ns))
    plain = signoff("today", *SINCE, cwd=tmp_path).stdout
    assert "2 runs of pytest without results: not recorded before `signoff setup pytest`" in plain
    os.utime(results_path(resolve_home()), (0, 0))
    plain = signoff("today", *SINCE, cwd=tmp_path).stdout
    assert "2 runs of pytest without results: PYTHONPATH or plugins were taken away" in plain


def test_of_a_long_list_the_newest_are_shown_and_two_days_have_dates() -> None:
    noon_ns = int(datetime(2026, 1, 30, 12).astimezone().timestamp()) * 10**9
    first = Moment(session="one", seq=4, wall_ns=noon_ns)
    later = Moment(session="two", seq=2, wall_ns=noon_ns + 24 * 3600 * 10**9)
    workspace = WorkspaceDay(
        root=Path("project"),
        began_ns=first.wall_ns,
        ended_ns=later.wall_ns,
        tasks=[Task(text=BEASTS, begun=first, until_ns=first.wall_ns, outcome=None)],
        notes=[Said(text=f"remark {number} of them", at=later) for number in range(15)],
        authors=Counter(typed=1000, completion=1),
    )
    day = Day(since_ns=0, until_ns=later.wall_ns, workspaces=[workspace], unreadable=[])
    plain = "\n".join(day_lines(day, str, is_markdown=False))
    assert "2026-01-30 12:00 to 2026-01-31 12:00, 0 s at work" in plain
    assert f"2026-01-30 12:00\u201312:00  {BEASTS}  [one step:4]" in plain
    assert "[SESSION step:S]: signoff replay SESSION --from step:S" in plain
    assert "    3 earlier; --markdown lists them all\n    2026-01-31 12:00  remark 3 of" in plain
    assert "remark 14 of" in plain
    assert "typed 100 %, taken from completion under 1 %" in plain
    assert "remark 2 of" in "\n".join(day_lines(day, str, is_markdown=True))


def unsaved_rows(root: Path, *since: str) -> list[dict[str, object]]:
    said = signoff("today", *(since or SINCE), "--json", cwd=root)
    assert said.returncode == 0, said.stderr
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    return [one for row in rows for one in row["unsaved"]]


def left_unsaved(root: Path, path: str = "a.py") -> Journal:
    """Return a journal whose editor is gone with text that it never saved."""
    journal = Journal("lsp", 100, root=root, wall_ns=SystemClock().wall_ns())
    journal.open(path, "x = 1\n")
    journal.change(path, (1, 0), (1, 0), f"a thought {BEASTS}\n")
    return journal


THOUGHT = f"x = 1\na thought {BEASTS}\n"


def test_what_an_earlier_session_left_unsaved_is_an_open_end_and_comes_back(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    session = ended_session(root, left_unsaved(root))
    (root / "a.py").write_text("x = 1\n")
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    journal.open("b.py", "")
    journal.change("b.py", (0, 0), (0, 0), f"never saved {BEASTS}")
    live_session(root, journal)
    over, new = unsaved_rows(root)
    assert (over["path"], over["session"], over["session_over"]) == ("a.py", session.id, True)
    assert (new["path"], new["session_over"]) == ("b.py", False)
    plain = signoff("today", *SINCE, cwd=root).stdout
    assert plain.index("b.py has unsaved text") < plain.index("a.py was left with unsaved text")
    restored = signoff(
        "restore", "a.py", "--session", str(over["session"]), "--at", str(over["at"]),
        "--to", str(tmp_path / "back.py"), cwd=root,
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    assert (tmp_path / "back.py").read_text() == THOUGHT
    assert unsaved_rows(root, "--since", "2099-01-01") == []


@pytest.mark.parametrize("way", ["disk", "saved later", "open again"])
def test_what_the_disk_or_a_later_session_got_is_no_open_end(
    home: Path, tmp_path: Path, way: str
) -> None:
    root = tmp_path / "project"
    journal = left_unsaved(root)
    ended_session(root, journal)
    if way == "disk":
        (root / "a.py").write_text(THOUGHT)
    else:
        later = Journal("lsp", 101, root=root, wall_ns=SystemClock().wall_ns())
        later.open("a.py", "x = 1\n" if way == "saved later" else THOUGHT)
        later.change("a.py", (1, 0), (1, 0), f"a thought {BEASTS}\n")
        if way == "saved later":
            later.save("a.py", THOUGHT)
            later.change("a.py", (1, 0), (2, 0), "")
            later.save("a.py", "x = 1\n")
        later.close("a.py")
        live_session(root, later)
    assert unsaved_rows(root) == []


def test_what_lies_on_disk_is_not_unsaved_though_no_editor_told_of_a_save(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    live_session(root, left_unsaved(root))
    (root / "a.py").write_text("x = 1\n")
    assert [row["path"] for row in unsaved_rows(root)] == ["a.py"]
    (root / "a.py").write_text(THOUGHT)
    assert unsaved_rows(root) == []


def test_recorded_text_cannot_become_markup(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    journal.step("note", text="[look](http://x) <b>*bold*</b> `code`\n# head", stated="live")
    live_session(root, journal)
    said = signoff("today", *SINCE, "--markdown", cwd=tmp_path).stdout
    assert "\\[look\\](http://x) \\<b\\>\\*bold\\*\\</b\\> \\`code\\`" in said
    assert "\n# head" not in said


def test_older_work_and_other_workspaces_are_left_out(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    live_session(root, working(root))
    other = tmp_path / "other"
    other.mkdir()
    assert "Nothing was recorded" in signoff("today", "--here", cwd=other).stdout
    assert "Nothing was recorded" in signoff("today", "--since", "2099-01-01", cwd=root).stdout
    assert signoff("today", "--since", "soon", cwd=root).returncode == 2


def test_secret_values_are_masked(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    secret = random_secret(9)
    live_session(root, working(root, secret=secret))
    env = {"API_TOKEN": secret}
    for way in ((), ("--markdown",), ("--json",)):
        assert secret not in signoff("today", *SINCE, *way, cwd=root, env=env).stdout
    assert secret in signoff("today", *SINCE, "--raw", cwd=root, env=env).stdout


def test_a_damaged_session_is_said_and_the_rest_is_told(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    masked_session(root, working(root))
    (episode,) = (home / "data" / "episodes").glob("*.episode")
    episode.write_bytes(episode.read_bytes()[:200])
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    journal.step("note", text="still here", stated="live")
    live_session(root, journal)
    said = signoff("today", *SINCE, cwd=root)
    assert "still here" in said.stdout
    assert "not read:" in said.stdout


@pytest.mark.parametrize("how", [(), ("--markdown",), ("--json",)])
def test_what_other_screens_mask_is_masked_behind_our_words_too(
    home: Path, tmp_path: Path, how: tuple[str, ...]
) -> None:
    root = tmp_path / "project"
    note, subject, line, words, task = (
        f"Ibex{random_secret(seed, 6)}secret" for seed in range(71, 76)
    )
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    journal.step("task", text=f"password: {task}", origin="person")
    journal.step("note", text=f"password: {note}", stated="live")
    journal.step("git", operation="commit", message=f"set password: {subject}", head_after="a" * 40)
    commit = f"git commit -m 'set password: {line}'"
    journal.step("command", line=commit, exit_code=1, output_state="none")
    argv = ["memo", "note", f"password: {words}"]
    journal.step("command", argv=argv, exit_code=1, output_state="none")
    session = live_session(root, journal)
    shown = signoff("today", *SINCE, *how, cwd=tmp_path).stdout
    assert shown.count("REDACTED") == 5, shown
    for place in (shown, signoff("replay", session.id, "--plain", cwd=root).stdout):
        leaked = [one for one in (note, subject, line, words, task) if one in place]
        assert not leaked, place
