"""Forgetting, purging, discarding: nothing made for `find` and `restore` outlives its source."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.history import BEASTS, ended_session, live_session, masked_session, typed
from tests.support.leaks import windows
from tests.support.seal_sessions import signoff

from signoff_collector.capture.sessions.session_life import try_sweep_lock
from signoff_collector.capture.sessions.sessions import Session, list_sessions
from signoff_collector.forgetting.purging import DAY_NS, purge
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.history.own_episode import keep_while_unchanged, own_bytes
from signoff_collector.history.search.finding import bring_up_to_date, ensure_index
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

SYLLABLES = ("ba", "do", "fu", "gi", "ka", "lo", "mu", "ne", "pi", "ro", "su", "ti", "vo", "wu")
Make = Callable[..., Session]


@pytest.fixture
def no_sealer(home: Path) -> Iterator[None]:
    """Keep sealers of the background out: one at work puts off what `forget` rewrites."""
    del home
    alone = try_sweep_lock(resolve_home().ensure())
    assert alone is not None
    with alone:
        yield


def plain_word(seed: int) -> str:
    """Return a word that looks like no secret, so that masking leaves it alone."""
    return "".join(random.Random(seed).sample(SYLLABLES, 6))  # noqa: S311


def found(root: Path, word: str) -> int:
    said = signoff("find", word, "--json", cwd=root)
    assert said.returncode in {0, 10}, said.stderr
    return len(said.stdout.splitlines())


def holding(home: Path, word: str) -> list[Path]:
    """Return the files with any six characters of a word, temporary ones too."""
    pieces = [piece.encode() for piece in windows(word)]
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if any(piece in path.read_bytes() for piece in pieces)]


@pytest.mark.usefixtures("no_sealer")
@pytest.mark.parametrize("way", ["--last", "--path", "EPISODE", "--all"])
@pytest.mark.parametrize("make", [live_session, ended_session, masked_session])
def test_forgotten_words_are_in_no_file(home: Path, tmp_path: Path, make: Make, way: str) -> None:
    root = tmp_path / "project"
    word = plain_word(20261122)
    journal = typed(root, "a.py", f"{word} stood here {BEASTS}")
    journal.step("note", text=f"about {word}", stated="live")
    session = make(root, journal)
    assert found(root, word) >= 1
    assert found(root, word) >= 1, "now from what the first search made"
    assert holding(home, word) or make is masked_session  # compressed where it is masked
    words = {
        "--last": ["--last", "1d"], "--path": ["--path", "**"], "--all": ["--all"],
        "EPISODE": [session.id],
    }[way]  # fmt: skip
    said = signoff("forget", "--yes", *words, cwd=root)
    assert said.returncode == 0, said.stderr
    if way == "--path":
        signoff("forget", "--yes", "--last", "1d", cwd=root)  # the note is in no file
    assert holding(home, word) == []
    assert found(root, word) == 0
    assert holding(home, word) == []
    left = [path.name for path in home.rglob("*") if path.suffix in {".find", ".episode"}]
    assert left == [] or make is live_session


@pytest.mark.usefixtures("no_sealer")
def test_an_index_made_anew_is_as_if_the_rest_had_never_been_there(
    home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    word = plain_word(5)
    kept = typed(root, "b.py", "bees stay", pid=101)
    session = ended_session(root, typed(root, "a.py", f"{word} stood here"), kept)
    first = indexed(session).read_bytes()
    assert signoff("forget", "--yes", "--path", "a.py", cwd=root).returncode == 0
    again = indexed(session).read_bytes()
    (session.folder / "find.sqlite").unlink()
    assert indexed(session).read_bytes() == again != first
    assert word.encode() not in again


def indexed(session: Session) -> Path:
    local = next(
        one for one in local_sessions(resolve_home(), SystemClock()) if one.id == session.id
    )
    return ensure_index(local)


@pytest.mark.usefixtures("no_sealer")
def test_what_changes_while_it_is_made_is_not_kept(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    word = plain_word(7)
    session = ended_session(root, typed(root, "a.py", f"{word} stood here"))

    def make_slowly() -> bytes:
        data = own_bytes(session)
        assert signoff("forget", "--yes", "--path", "a.py", cwd=root).returncode == 0
        return data

    keep_while_unchanged(session.folder / "own.episode", session, make_slowly)
    assert holding(home, word) == []
    assert not (session.folder / "own.episode").exists()


def test_what_is_older_than_a_request_is_not_read(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    word = plain_word(8)
    session = ended_session(root, typed(root, "a.py", f"{word} stood here"))
    assert found(root, word)
    own = session.folder / "own.episode"
    before_ns = session.control.stat().st_mtime_ns - 10**9
    os.utime(own, ns=(before_ns, before_ns))  # a `forget` that was killed right after it asked
    own_bytes(session)
    assert own.stat().st_mtime_ns > before_ns


def test_the_index_of_an_episode_goes_with_it(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    clock = FakeClock()
    clock.advance(SystemClock().wall_ns() / 1e9)
    for number in range(2):
        masked_session(root, typed(root, "a.py", f"{plain_word(number)} stood here"))
    assert bring_up_to_date(resolve_home(), SystemClock()) == 2
    episodes = home / "data" / "episodes"
    first, second = sorted(episodes.glob("*.episode"))
    assert signoff("discard", "--yes", first.stem, cwd=root).returncode == 0
    assert {path.name for path in episodes.iterdir()} == {second.name, f"{second.stem}.find"}
    only = second.stat().st_size + second.with_suffix(".find").stat().st_size
    assert purge(resolve_home(), clock, cap_bytes=only).announced == []
    assert purge(resolve_home(), clock, cap_bytes=only - 1).announced == [second.name]
    clock.advance(DAY_NS / 1e9 + 1)
    assert purge(resolve_home(), clock, cap_bytes=only - 1).episodes == [second.name]
    assert list(episodes.iterdir()) == []


@pytest.mark.usefixtures("no_sealer")
def test_purged_raw_history_takes_what_was_made_of_it(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    word = plain_word(9)
    session = ended_session(root, typed(root, "a.py", f"{word} stood here"))
    assert found(root, word)
    assert signoff("discard", "--yes", session.id, cwd=root).returncode == 0
    assert holding(home, word) == []
    assert list_sessions(resolve_home()) == []


def test_uninstalling_with_data_leaves_nothing_of_it(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    word = plain_word(10)
    ended_session(root, typed(root, "a.py", f"{word} stood here"))
    masked_session(root, typed(root, "b.py", f"{word} stood here as well"))
    assert found(root, word) == 2
    said = signoff("uninstall", "--data", "--yes", cwd=root)
    assert said.returncode == 0, said.stderr
    assert not home.exists() or holding(home, word) == []


def test_searching_and_telling_leave_a_live_session_as_it_is(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    word = plain_word(11)
    session = live_session(root, typed(root, "a.py", f"{word} stood here"))

    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in session.folder.rglob("*") if p.is_file()}

    before = state()
    assert found(root, word) == 1
    assert signoff("today", "--since", "2000-01-01", cwd=root).returncode == 0
    assert signoff("restore", "a.py", cwd=root).returncode == 0
    assert state() == before
    assert json.loads(signoff("find", word, "--json", cwd=root).stdout)["session"] == session.id
