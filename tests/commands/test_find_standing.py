"""`signoff find`: what stands and what is deleted is judged by the files as they are now."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from tests.support.history import BEASTS, ended_session, live_session, masked_session, typed
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import signoff

from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
_LINE = f"yankee stands {BEASTS}"


def hits(root: Path, *arguments: str, code: int = 0) -> list[dict[str, object]]:
    said = signoff("find", *arguments, "--json", cwd=root)
    assert said.returncode == code, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def seconds(root: Path, hit: dict[str, object]) -> float:
    """Return the time of a hit since its session began."""
    sessions = {one.id: one for one in local_sessions(resolve_home(), SystemClock())}
    began = sessions[str(hit["session"])].started_wall_ns / 1e9
    return datetime.fromisoformat(str(hit["t"])).timestamp() - began


@pytest.mark.parametrize(
    ("make", "change", "has_next"),
    [
        (ended_session, "removed", False),
        (ended_session, "removed", True),
        (masked_session, "removed", True),
        (masked_session, "line removed", True),
        (ended_session, "workspace removed", False),
        (ended_session, "left", True),
        (masked_session, "moved", True),
    ],
)
def test_what_went_after_the_end_of_its_session_is_deleted(
    home: Path, tmp_path: Path, make: object, has_next: bool, change: str
) -> None:
    root = tmp_path / "project"
    make(root, typed(root, "y.txt", "first", _LINE))  # type: ignore[operator]
    root.mkdir(exist_ok=True)
    (root / "y.txt").write_bytes(f"first\r\n{_LINE}\r\n".encode())
    if has_next:
        live_session(root, typed(root, "other.txt", "something else"))
    where, options = root, list[str]()
    match change:
        case "removed":
            (root / "y.txt").unlink()
        case "line removed":
            (root / "y.txt").write_text("first\n")
        case "moved":
            (root / "y.txt").write_text(f"first\nmore\n\n  {_LINE} and on\n")
        case "workspace removed":
            (root / "y.txt").unlink()
            root.rename(tmp_path / "renamed")
            where, options = tmp_path, ["--everywhere"]
        case _:
            pass
    (found,) = hits(where, "yankee", *options)
    is_gone = "removed" in change
    assert found["deleted"] is is_gone
    assert found["line"] == (4 if change == "moved" else 2)
    assert hits(where, "yankee", "--deleted", *options, code=0 if is_gone else 10) in ([], [found])
    if change == "removed":
        back = tmp_path / "back.txt"
        at = ("--session", str(found["session"]), "--at", str(found["at"]), "--to", str(back))
        assert signoff("restore", "y.txt", *at, cwd=root).returncode == 0
        assert back.read_text() == f"first\n{_LINE}\n"


def test_what_came_back_after_its_session_stands(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = typed(root, "y.txt", "first", _LINE)
    journal.change("y.txt", (1, 0), (2, 0), "")
    ended_session(root, journal)
    (root / "y.txt").write_text(f"{_LINE}\n")
    (found,) = hits(root, "yankee")
    assert (found["deleted"], found["line"]) == (False, 1)


def test_unsaved_text_of_the_session_that_goes_on_stands_for_older_ones(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    older = ended_session(root, typed(root, "y.txt", _LINE))
    journal = Journal(root=root)
    journal.open("y.txt", "")
    journal.change("y.txt", (0, 0), (0, 0), f"{_LINE}\n")
    newer = live_session(root, journal)
    (root / "y.txt").write_text("")
    found = hits(root, "yankee")
    assert {(hit["session"], hit["deleted"]) for hit in found} == {
        (older.id, False),
        (newer.id, False),
    }


def test_a_link_is_not_followed_and_says_nothing(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    ended_session(root, typed(root, "y.txt", _LINE))
    (tmp_path / "elsewhere").write_text("nothing of it")
    (root / "y.txt").symlink_to(tmp_path / "elsewhere")
    (found,) = hits(root, "yankee")
    assert found["deleted"] is False, "as its session left it"


@pytest.mark.parametrize("make", [live_session, ended_session])
def test_every_line_that_stands_is_a_hit_with_all_and_counted_without(
    home: Path, tmp_path: Path, make: object
) -> None:
    root = tmp_path / "project"
    lines = ("whiskey one", "no", "whiskey two", "whiskey one")
    journal = typed(root, "w.txt", *lines)
    make(root, journal)  # type: ignore[operator]
    (root / "w.txt").write_text("".join(f"{line}\n" for line in lines))
    (first,) = hits(root, "whiskey")
    assert (first["line"], first["more"]) == (1, 2)
    assert "… and 2 more lines" in signoff("find", "whiskey", cwd=root).stdout
    every = hits(root, "whiskey", "--all")
    assert {(hit["line"], hit["more"]) for hit in every} == {(1, 0), (3, 0), (4, 0)}


def test_an_unsaved_line_besides_a_saved_one_is_not_hidden(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = typed(root, "w.txt", "whiskey saved")
    journal.change("w.txt", (1, 0), (1, 0), "whiskey unsaved\n")
    live_session(root, journal)
    (root / "w.txt").write_text("whiskey saved\n")
    (first,) = hits(root, "whiskey")
    assert (first["line"], first["more"]) == (1, 1)
    assert {hit["line"] for hit in hits(root, "whiskey", "--all")} == {1, 2}


def test_what_stands_is_not_said_to_be_nowhere(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    live_session(root, typed(root, "w.txt", "no", "whiskey"))
    said = signoff("find", "whiskey", "--deleted", cwd=root)
    assert said.returncode == 10
    assert "'whiskey' is still in w.txt:2 and was not deleted anywhere" in said.stderr
    assert "--everywhere" not in said.stderr, "there is no other workspace"
    live_session(tmp_path / "other", typed(tmp_path / "other", "c.py", "elsewhere"))
    assert "--everywhere" in signoff("find", "absent", cwd=root).stderr
    assert "--everywhere" not in signoff("find", "absent", "--everywhere", cwd=root).stderr


def test_the_time_of_deleted_text_is_when_it_was_lost_or_last_seen(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    journal = typed(root, "y.txt", "erased", "overwritten", "seen last")
    journal.wait(60)
    journal.change("y.txt", (0, 0), (1, 0), "")
    journal.save("y.txt", "overwritten\nseen last\n")
    journal.wait(60)
    journal.step("files", changed=[{"path": "y.txt", "sha256": None}])
    journal.wait(60)
    journal.step("note", text="later", stated="live")
    ended_session(root, journal)
    (erased,), (lost,) = hits(root, "erased"), hits(root, "overwritten")
    assert round(seconds(root, lost) - seconds(root, erased)) == 60

    other = typed(tmp_path / "second", "z.txt", "seen last too")
    other.wait(60)
    other.step("note", text="the end", stated="live")
    session = ended_session(tmp_path / "second", other)
    (note,) = hits(session.root, "the end")
    (seen,) = hits(session.root, "seen last too")
    assert (seen["deleted"], seen["t"]) == (True, note["t"])


def test_a_hit_is_restored_without_a_terminal(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    ended_session(root, typed(root, "y.txt", _LINE))
    asked = signoff("find", "yankee", "--restore", "1", cwd=root)
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    done = signoff("find", "yankee", "--restore", "1", "--yes", cwd=root)
    assert done.returncode == 0, done.stderr
    assert (root / "y.txt").read_text() == f"{_LINE}\n"
