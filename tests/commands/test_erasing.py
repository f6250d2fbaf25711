"""Whatever erases says first what goes, asks on a terminal, needs `--yes` elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable, wait_for_records
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.pseudo_terminal import Terminal

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import list_sessions, try_sweep_lock
from signoff_collector.kept.episode_files import episode_paths
from signoff_collector.kept.replaced_files import ReplacedFile, keep_replaced, read_replaced
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a workspace with a session of two files and a note, and an episode of an earlier one."""
    del home
    alone = try_sweep_lock(resolve_home().ensure())  # a sealer at work puts off what goes
    assert alone is not None
    folder = (tmp_path / "work").resolve()
    folder.mkdir()
    enable(folder)
    (folder / "a.py").write_text(f"start {EMOJI}\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.py").write_text("other\n")
    assert signoff("note", "sealed words", cwd=folder).code == 0
    assert signoff("seal", cwd=folder).code == 0
    with bridge() as editor:
        editor.initialize()
        for name in ("a.py", "sub/b.py"):
            uri = editor.open(folder / name)
            editor.change(uri, 2, at(0, 0, 0, 0, "typed words "))
        wait_for_records(RecordKind.LSP, 4)
        assert editor.quit() == 0
    with alone:
        assert signoff("stop", cwd=folder).code == 0
        session = list_sessions(resolve_home())[-1]
        wait_until(lambda: not session.has_writers(), "the watcher to end")
        yield folder


def contents(home: Path) -> dict[str, str]:
    """Return every file below the home, with a digest of its bytes."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def forms() -> list[tuple[str, ...]]:
    own = resolve_home()
    (episode,) = episode_paths(own)
    session = list_sessions(own)[-1]
    return [
        ("forget", "--last", "1h"),
        ("forget", "--path", "a.py"),
        ("forget", "--before", "2099-01-01"),
        ("forget", "--all"),
        ("forget", episode.stem),
        ("forget", session.id),
        ("discard", session.id),
        ("discard", episode.stem),
        ("uninstall", "--data"),
    ]


def test_without_a_terminal_and_dry_it_says_what_goes_and_changes_nothing(
    folder: Path, home: Path
) -> None:
    before = contents(home)
    for words in forms():
        asked = signoff(*words, cwd=folder)
        assert asked.code == 2, (words, asked)
        assert "--yes" in asked.err, (words, asked)
        assert contents(home) == before, words
        dry = signoff(*words, "--dry-run", cwd=folder)
        assert (dry.code, dry.out.splitlines()[-1]) == (
            0,
            "Nothing was changed: this was a dry run.",
        ), (words, dry)
        assert contents(home) == before, words
        if words[0] != "uninstall":
            assert asked.out.splitlines() == dry.out.splitlines()[:-1], words


def test_what_was_announced_is_what_goes(folder: Path) -> None:
    said = signoff("forget", "--path", "a.py", "--dry-run", cwd=folder)
    assert "1 file: a.py" in said.out, said
    assert "sub/b.py" not in said.out
    rows = signoff("forget", "--last", "1h", "--dry-run", "--json", cwd=folder).out.splitlines()
    going = [json.loads(row)["going"] for row in rows]
    assert [one["paths"] for one in going] == [[], ["a.py", "sub/b.py"]]
    done = json.loads(
        signoff("forget", "--last", "1h", "--yes", "--json", cwd=folder).out.splitlines()[-1]
    )
    assert done["records"] == sum(one["records"] for one in going)
    assert done["sessions"] == len(going)
    assert sorted(done["episodes_removed"]) == sorted(name for g in going for name in g["episodes"])
    assert "Nothing recorded matches." in signoff("forget", "--last", "1h", cwd=folder).out


def on_terminal(*words: str, cwd: Path, answer: bytes) -> tuple[int, str]:
    argv = [sys.executable, "-I", "-m", "signoff_collector", *words]
    with Terminal(argv, cwd=cwd, size=(40, 200)) as terminal:
        terminal.wait_for(b"There is no undo. [y/N]")
        terminal.press(answer)
        return terminal.end(), terminal.shown.decode("utf-8", "replace")


@pytest.mark.parametrize("words", [("forget", "--last", "5m"), ("discard", "SESSION")])
def test_a_terminal_is_asked_and_no_keeps_everything(
    folder: Path, home: Path, words: tuple[str, ...]
) -> None:
    session = list_sessions(resolve_home())[-1]
    asked = [session.id if word == "SESSION" else word for word in words]
    before = contents(home)
    for answer in (b"\n", b"n\n"):
        code, shown = on_terminal(*asked, cwd=folder, answer=answer)
        assert code == 13, shown
        assert contents(home) == before
    assert "2 files: a.py, sub/b.py" in shown
    code, shown = on_terminal(*asked, cwd=folder, answer=b"y\n")
    assert code == 0, shown
    assert session.id not in [one.id for one in list_sessions(resolve_home())]


def test_discard_names_what_a_restore_replaced(folder: Path) -> None:
    own = resolve_home()
    session = list_sessions(own)[-1]
    replaced = ReplacedFile(path="a.py", before=b"old\n", mode_before=0o644, sha256_after=None)
    keep_replaced(own, SystemClock(), folder, ["restore", "a.py"], [replaced])
    said = f"What the last `signoff restore` replaced in {folder}"
    assert said in signoff("discard", session.id, "--dry-run").out
    assert read_replaced(own, folder) is not None
    assert signoff("discard", session.id, "--yes").code == 0
    assert read_replaced(own, folder) is None


@pytest.mark.parametrize(
    ("words", "is_left"),
    [(("--all",), False), (("last",), False), (("--path", "a.py"), True)],
)
def test_what_is_sealed_again_is_said_only_where_something_is_left(
    folder: Path, words: tuple[str, ...], is_left: bool
) -> None:
    if is_left:
        assert signoff("seal", cwd=folder).code == 0
    said = signoff("forget", *words, "--yes", cwd=folder)
    assert (said.code, "Removed: " in said.out) == (0, True), said
    # A busy machine's watcher meets the files within the first session too: each is announced.
    sessions = len(re.findall(r"^session ", said.out, re.MULTILINE))
    left = f"{sessions} session{'s' * (sessions > 1)}"
    assert (f"\nWhat is left of {left} is sealed again.\n" in said.out) == is_left, said
    assert ("sealed again" in said.out) == is_left, said
