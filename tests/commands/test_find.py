"""`signoff find`: what stands or stood anywhere is found, newest first, and can be opened."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.history import (
    BEASTS,
    ended_session,
    live_session,
    masked_session,
    typed,
)
from tests.support.leaks import random_secret, windows
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import signoff

from signoff_collector.capture.sessions.session_life import try_sweep_lock
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.history.search.finding import bring_up_to_date
from signoff_collector.history.search.word_index import VERSION
from signoff_collector.history.search.words import MAX_WORD, demands_of, words_of
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def hits(session: Session, *arguments: str, code: int = 0) -> list[dict[str, object]]:
    said = signoff("find", *arguments, "--json", cwd=session.root)
    assert said.returncode == code, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_what_was_asked_of_signoff_before_is_no_hit(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal("shell", root=root, editor_pid=None)
    output = {"head": "1  a.py\n   wombat\n", "tail": "", "middle_bytes": 0, "middle_lines": 0}
    asked = ("signoff find wombat", "clear; ./bin/signoff find wombat | less")
    for line in ("vim wombat.py", *asked, "signoff find wombat; rm wombat.py"):
        journal.wait(1)
        journal.step("command", line=line, exit_code=0, output_state="full", output=output)
    session = live_session(root, journal)
    lines = [hit["text"] for hit in hits(session, "wombat")]
    assert lines == ["signoff find wombat; rm wombat.py", "vim wombat.py"]


@pytest.mark.parametrize("make", [live_session, ended_session, masked_session])
def test_text_in_files_is_found_whatever_is_left_of_the_session(
    home: Path, tmp_path: Path, make: object
) -> None:
    root = tmp_path / "project"
    journal = typed(root, "a.py", "def first():", f"    return parse_header {BEASTS}")
    journal.change("a.py", (0, 0), (1, 0), "")
    session = make(root, journal)  # type: ignore[operator]
    (root / "a.py").write_text(f"    return parse_header {BEASTS}\n")
    (found,) = hits(session, "PARSE_head")
    assert (found["path"], found["line"], found["deleted"]) == ("a.py", 1, False)
    assert BEASTS in str(found["text"])
    (gone,) = hits(session, "def first")
    assert gone["deleted"] is True
    assert hits(session, "def first", "--deleted") == [gone]
    assert hits(session, "return", "--deleted", code=10) == []
    assert hits(session, "def first", "--deleted", "--kind", "command", code=10) == []
    restored = signoff(
        "restore", "a.py", "--session", str(gone["session"]), "--at", str(gone["at"]),
        "--to", str(tmp_path / "back.py"), cwd=root,
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    assert "def first():" in (tmp_path / "back.py").read_text()


@pytest.mark.parametrize("is_opened_again", [False, True])
@pytest.mark.parametrize("make", [live_session, ended_session])
def test_text_closed_without_saving_comes_back_from_its_hit(
    home: Path, tmp_path: Path, make: object, is_opened_again: bool
) -> None:
    root = tmp_path / "project"
    journal = Journal(root=root)
    journal.open("a.py", "kept\n")
    journal.change("a.py", (1, 0), (1, 0), f"only a thought {BEASTS}\n")
    journal.wait(2)
    journal.close("a.py")
    journal.step("note", text="later", stated="live")
    if is_opened_again:
        journal.open("a.py", "kept\n")
    session = make(root, journal)  # type: ignore[operator]
    (root / "a.py").write_text("kept\n")
    (gone,) = hits(session, "a thought", "--deleted")
    back = signoff(
        "restore", "a.py", "--session", str(gone["session"]), "--at", str(gone["at"]),
        "--to", str(tmp_path / "back.py"), cwd=root,
    )  # fmt: skip
    assert back.returncode == 0, back.stderr
    assert (tmp_path / "back.py").read_text() == f"kept\nonly a thought {BEASTS}\n"


@pytest.mark.parametrize("is_typed_on", [False, True])
@pytest.mark.parametrize("make", [live_session, ended_session, masked_session])
def test_text_of_a_deleted_file_that_an_editor_still_holds_is_deleted(
    home: Path, tmp_path: Path, make: object, is_typed_on: bool
) -> None:
    stands = is_typed_on and make is live_session
    root = tmp_path / "project"
    journal = typed(root, "a.py", f"only here {BEASTS}")
    journal.step("files", changed=[{"path": "a.py", "sha256": None}])
    if is_typed_on:
        journal.change("a.py", (0, 0), (0, 0), "and on: ")
    session = make(root, journal)  # type: ignore[operator]
    (found,) = hits(session, "only here")
    assert found["deleted"] is not stands, "what is typed on is unsaved until the session is over"
    assert hits(session, "only here", "--deleted", code=10 * stands) in ([], [found])
    back = signoff(
        "restore", "a.py", "--session", str(found["session"]), "--at", str(found["at"]),
        "--to", str(tmp_path / "back.py"), cwd=root,
    )  # fmt: skip
    assert back.returncode == 0, back.stderr
    assert f"only here {BEASTS}\n" in (tmp_path / "back.py").read_text()


def test_words_of_commands_notes_and_failures_are_found(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal(root=root)
    journal.step("note", text=f"the parser forgets {BEASTS}", stated="live")
    journal.step(
        "command", line="make parser", exit_code=2, output_state="full",
        output={"head": "lines\nparser exploded\n", "tail": "", "middle_bytes": 0},
    )  # fmt: skip
    session = ended_session(root, journal)
    kinds = [hit["kind"] for hit in hits(session, "parser")]
    assert sorted(map(str, kinds)) == ["command", "note"]
    (note,) = hits(session, "parser", "--kind", "note")
    assert str(note["text"]).startswith("the parser forgets")
    (exploded,) = hits(session, "exploded")
    assert exploded["text"] == "parser exploded"


def test_the_newest_session_comes_first_and_others_only_when_asked(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    first = masked_session(root, typed(root, "a.py", "needle one"))
    second = live_session(root, typed(root, "b.py", "needle two"))
    elsewhere = live_session(tmp_path / "other", typed(tmp_path / "other", "c.py", "needle three"))
    assert [hit["session"] for hit in hits(second, "needle")] == [second.id, first.id]
    everywhere = {hit["session"] for hit in hits(second, "needle", "--everywhere")}
    assert everywhere == {first.id, second.id, elsewhere.id}
    assert [hit["path"] for hit in hits(second, "needle", "--in", "a.py")] == ["a.py"]
    assert hits(second, "needle", "--since", "2099-01-01", code=10) == []


def test_a_damaged_session_is_named_and_the_others_are_searched(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    bad = masked_session(root, typed(root, "a.py", "needle one"))
    good = live_session(root, typed(root, "b.py", "needle two"))
    (episode,) = (home / "data" / "episodes").glob("*.episode")
    data = bytearray(episode.read_bytes())
    data[len(data) // 2] ^= 255
    episode.write_bytes(data)
    said = signoff("find", "needle", cwd=root)
    assert said.returncode == 0
    assert "needle two" in said.stdout
    assert f"not searched: {bad.id}" in said.stderr
    assert good.id not in said.stderr


def test_a_damaged_index_is_no_index(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    session = ended_session(root, typed(root, "a.py", "needle one"))
    assert hits(session, "needle")
    index = session.folder / "find.sqlite"
    for data in (b"", b"no database", random.Random(1).randbytes(4096)):  # noqa: S311
        index.write_bytes(data)
        assert hits(session, "needle")


def test_a_pattern_that_would_explode_takes_no_longer_than_others(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    session = live_session(root, typed(root, "a.py", "a" * 60 + "!"))
    assert hits(session, "(a+)+$", "--regex", code=10) == []
    assert hits(session, "^(a|aa)+!$", "--regex")
    assert signoff("find", "(?=x)", "--regex", cwd=root).returncode == 2


def test_forgotten_text_is_in_no_index(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    secret = random_secret(20261122).lower()
    session = ended_session(root, typed(root, "a.py", f"{secret} stood here"))
    kept = typed(root, "b.py", "bees stay", pid=101)
    kept.write(session.folder)
    assert hits(session, secret)
    nobody_else = try_sweep_lock(resolve_home())
    assert nobody_else is not None
    with nobody_else:  # else a sealer would make and remove files while this looks at them
        _is_forgotten(root, home, session, secret)


def _is_forgotten(root: Path, home: Path, session: Session, secret: str) -> None:
    assert signoff("forget", "--yes", "--path", "a.py", cwd=root).returncode == 0
    assert hits(session, secret, code=10) == []
    assert hits(session, "bees stay")
    for path in home.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(one.encode() in data for one in windows(secret)), path


def test_secret_values_are_masked_on_the_screen(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    secret = random_secret(5)
    session = live_session(root, typed(root, "a.py", f"token {secret}"))
    env = {"API_TOKEN": secret}
    said = signoff("find", "token", cwd=session.root, env=env)
    assert secret not in said.stdout
    assert secret in signoff("find", "token", "--raw", cwd=session.root, env=env).stdout
    under_agent = {**env, "CLAUDECODE": "1"}
    assert signoff("find", "token", "--raw", cwd=session.root, env=under_agent).returncode == 13


def test_an_index_is_private_and_an_older_one_is_made_anew(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    nobody_else = try_sweep_lock(resolve_home().ensure())
    assert nobody_else is not None
    with nobody_else:  # else a sealer would bring it up to date while this looks at it
        session = ended_session(root, typed(root, "a.py", "needle one"))
        first = hits(session, "needle")
        index = session.folder / "find.sqlite"
        assert index.stat().st_mode & 0o077 == 0
        with sqlite3.connect(index) as base:
            assert base.execute("SELECT name FROM part").fetchall() == [("edit",)]
            base.execute("DROP TABLE place")
            base.execute(f"PRAGMA user_version = {VERSION - 1}")
        assert hits(session, "needle") == first
        assert version_of(index) == VERSION
        index.write_bytes(index.read_bytes()[:60] + b"\0\0\0\1" + index.read_bytes()[64:])
        assert bring_up_to_date(resolve_home(), SystemClock()) == 1
        assert version_of(index) == VERSION
        assert bring_up_to_date(resolve_home(), SystemClock()) == 0


def version_of(index: Path) -> int:
    with sqlite3.connect(index) as base:
        (version,) = base.execute("PRAGMA user_version").fetchone()
    return int(version)


def test_what_is_looked_for_is_one_line(home: Path, tmp_path: Path) -> None:
    assert signoff("find", "one\ntwo", cwd=tmp_path).returncode == 2


@given(st.text(max_size=80), st.data())
def test_whatever_stands_in_a_text_meets_its_own_demands(text: str, data: st.DataObject) -> None:
    """A part of a text must never be ruled out by the words of the text."""
    whole = f"{text} Bar{BEASTS}foo_{text}"
    low = data.draw(st.integers(0, len(whole) - 1))
    part = whole[low : data.draw(st.integers(low + 1, len(whole)))]
    if part.lower() not in whole.lower():
        return  # letters whose lower case depends on what follows
    known = words_of(whole)
    for demand in demands_of(part):
        assert any(demand.fits(word) for word in known), demand


def test_longer_words_than_are_kept_are_still_found() -> None:
    long = "x" * 200 + "needle"
    (demand,) = demands_of("needle")
    assert any(demand.fits(word) for word in words_of(long))
    assert all(len(word) <= MAX_WORD for word in words_of(long))
