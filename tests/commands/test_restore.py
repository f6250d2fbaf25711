"""`signoff restore`: what was lost comes back to the byte, and nothing else is lost by it."""

from __future__ import annotations

import json
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.leaks import random_secret
from tests.support.pseudo_terminal import Terminal
from tests.support.repository import WorkTree
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session, signoff

from signoff_collector.capture.sessions.sessions import Session, end_session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.gathering.owning import owned
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

TEXT = "one \U0001f98a\ntwo\nthree \U0001f600\n"
TYPED = "half a thought"


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Session:
    """A session in which a file was saved, then changed and not saved."""
    del home
    made = make_session(tmp_path / "project")
    journal = Journal(root=made.root)
    journal.open("a.py", TEXT)
    journal.change("a.py", (1, 0), (1, 0), "zwei, ")
    journal.save("a.py", TEXT.replace("two", "zwei, two"))
    journal.change("a.py", (0, 0), (0, 0), TYPED)
    journal.write(made.folder)
    (made.root / "a.py").write_text(TEXT.replace("two", "zwei, two"))
    return made


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def points(session: Session, *arguments: str) -> list[dict[str, object]]:
    said = signoff("restore", "a.py", "--json", *arguments, cwd=session.root)
    assert said.returncode == 0, said.stderr
    return rows(said.stdout)


def test_unsaved_text_of_a_moment_ago_is_there(session: Session, tmp_path: Path) -> None:
    newest = points(session)[0]
    assert newest["why"] == "as it was last recorded"
    target = tmp_path / "found.py"
    said = signoff(
        "restore", "a.py", "--at", str(newest["at"]), "--to", str(target), cwd=session.root
    )
    assert said.returncode == 0, said.stderr
    assert target.read_text() == TYPED + TEXT.replace("two", "zwei, two")


def test_a_dry_run_writes_no_other_file_either(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "found.py"
    words = ("restore", "a.py", "--at", "end", "--dry-run", "--to")
    said = signoff(*words, str(target), cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert "Nothing was written" in said.stderr + said.stdout
    assert not target.exists()
    refused = signoff(*words, str(session.root / "a.py"), cwd=session.root)
    assert refused.returncode == 2, refused.stderr
    assert signoff(*words, str(tmp_path / "no" / "x"), cwd=session.root).returncode == 2


def test_what_was_saved_is_had_though_an_editor_holds_more(
    session: Session, tmp_path: Path
) -> None:
    saved, target = (session.root / "a.py").read_text(), tmp_path / "saved.py"
    words = ("restore", "a.py", "--at", "end")
    said = signoff(*words, "--disk", "--to", str(target), cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert target.read_text() == saved
    said = signoff(*words, "--disk", "--dry-run", cwd=session.root)
    assert "already as it was on disk" in said.stdout + said.stderr


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_a_save_that_another_editor_hid_is_had_back_by_its_number(
    session: Session, tmp_path: Path, words: tuple[str, ...]
) -> None:
    other = Journal("lsp", 300, root=session.root, editor_pid=8)
    saved = (session.root / "a.py").read_text()
    other.open("a.py", saved)
    other.wait(60)
    other.change("a.py", (0, 0), (0, 0), "other ")
    third = Journal("lsp", 301, root=session.root, editor_pid=9)
    third.wait(30)
    third.open("a.py", saved)
    third.change("a.py", (0, 0), (0, 0), "third ")
    third.wait(90)
    third.change("a.py", (0, 0), (0, 0), "not saved ")
    other.wait(120)
    other.save("a.py", f"other {saved}")
    third.wait(150)
    third.save("a.py", f"not saved third {saved}")
    other.write(session.folder)
    third.write(session.folder)
    (point,) = [
        one
        for one in points(session, *words)
        if one["why"] == "before another editor wrote over it"
    ]
    assert point["disk"] is True
    target = tmp_path / "other.py"
    chosen = ("--n", str(point["n"])), ("--at", str(point["at"]), "--disk")
    for choice in chosen:
        said = signoff("restore", "a.py", *choice, *words, "--to", str(target), cwd=session.root)
        assert said.returncode == 0, said.stderr
        assert target.read_text() == f"other {saved}"
        target.unlink()


def test_a_file_that_is_gone_comes_back_with_its_folder(session: Session) -> None:
    journal = Journal("restore-test", 200, root=session.root)
    journal.open("deep/er/b.py", TEXT)
    journal.write(session.folder)
    said = signoff("restore", "deep/er/b.py", "--at", "end", "--yes", cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert (session.root / "deep/er/b.py").read_text() == TEXT


def test_unsaved_text_is_not_written_over_unless_it_is_said(session: Session) -> None:
    saved = (session.root / "a.py").read_text()
    at = next(str(point["at"]) for point in points(session) if point["why"] == "saved")
    (session.root / "a.py").write_text("newer than anything recorded\n")
    said = signoff("restore", "a.py", "--at", at, "--yes", cwd=session.root)
    assert said.returncode == 13
    assert "unsaved text" in said.stderr
    assert "never recorded" in said.stderr
    assert (session.root / "a.py").read_text() == "newer than anything recorded\n"
    said = signoff("restore", "a.py", "--at", at, "--yes", "--overwrite", cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert (session.root / "a.py").read_text() == saved


def test_nobody_to_ask_is_no_consent(session: Session) -> None:
    (session.root / "a.py").unlink()
    said = signoff("restore", "a.py", "--at", "end", cwd=session.root)
    assert said.returncode == 2
    assert not (session.root / "a.py").exists()


def test_restoring_is_a_step_of_its_own_and_the_episode_stays_sound(session: Session) -> None:
    (session.root / "a.py").unlink()
    assert signoff("restore", "a.py", "--at", "end", "--yes", cwd=session.root).returncode == 0
    with owned(session, resolve_home(), SystemClock()):
        sealed = seal_session(session, resolve_home(), SystemClock())
    episode = strict_check(sealed.path.read_bytes())
    assert ["signoff", "restore"] in [list(getattr(s, "argv", ()))[:2] for s in episode.steps]


def test_a_restore_in_a_pause_is_recorded_nowhere(session: Session) -> None:
    session.ask("pause", clock=SystemClock())
    before = {path: path.read_bytes() for path in session.folder.rglob("*") if path.is_file()}
    said = signoff("restore", "a.py", "--at", "end", "--yes", "--overwrite", cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert (session.root / "a.py").read_text().startswith(TYPED)
    after = {path: path.read_bytes() for path in session.folder.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("place", ["a.py", "folder"])
def test_no_link_is_followed_out_of_the_workspace(
    session: Session, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("not ours\n")
    journal = Journal("restore-test", 200, root=session.root)
    journal.open("folder/a.py", TEXT)
    journal.write(session.folder)
    (session.root / "a.py").unlink()
    if place == "a.py":
        (session.root / "a.py").symlink_to(outside / "a.py")
    else:
        (session.root / "folder").symlink_to(outside)
    path = "a.py" if place == "a.py" else "folder/a.py"
    asked = session.root / path
    said = signoff("restore", str(asked), "--at", "end", "--yes", "--overwrite", cwd=session.root)
    assert said.returncode in {10, 13}, said.stderr
    assert (outside / "a.py").read_text() == "not ours\n"


def test_secret_values_are_masked_on_the_screen_and_not_in_the_file(
    session: Session, tmp_path: Path
) -> None:
    secret = random_secret(7)
    journal = Journal("restore-test", 200, root=session.root)
    journal.open("c.py", f"key = {secret}\n")
    journal.write(session.folder)
    env = {"API_TOKEN": secret}
    said = signoff("restore", "c.py", "--at", "end", "--yes", cwd=session.root, env=env)
    assert said.returncode == 0
    assert secret not in said.stdout + said.stderr
    assert secret in (session.root / "c.py").read_text()
    (session.root / "c.py").unlink()
    raw = ("restore", "c.py", "--at", "end", "--yes", "--raw")
    under_agent = signoff(*raw, cwd=session.root, env={**env, "CLAUDECODE": "1"})
    assert under_agent.returncode == 13
    assert not (session.root / "c.py").exists()
    assert secret in signoff(*raw, cwd=session.root, env=env).stdout


def test_a_damaged_session_is_no_reason_to_find_nothing(session: Session, tmp_path: Path) -> None:
    session.ask("stop", clock=SystemClock())
    end_session(resolve_home(), session)
    other = make_session(tmp_path / "project")
    assert other.id != session.id
    for path in session.folder.glob("*.journal"):
        (other.folder / path.name).write_bytes(random.Random(20261122).randbytes(300))  # noqa: S311
    assert points(session)


def test_what_was_never_recorded_is_said_to_be_so(session: Session) -> None:
    for more in ((), ("--at", "end", "--yes")):
        said = signoff("restore", "docs/other.py", *more, cwd=session.root)
        assert said.returncode == 10
        assert "nothing was recorded of docs/other.py" in said.stderr
    said = signoff("restore", str(session.root / "docs/other.py"), cwd=session.root)
    assert "nothing was recorded of other.py\n" in said.stderr


def test_a_number_of_the_list_restores_that_row(session: Session) -> None:
    saved = (session.root / "a.py").read_text()
    listed = points(session)
    assert [row["n"] for row in listed] == list(range(1, len(listed) + 1))
    number = next(str(row["n"]) for row in listed if row["why"] == "saved")
    (session.root / "a.py").unlink()
    said = signoff("restore", "a.py", "--n", number, "--yes", "--overwrite", cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert (session.root / "a.py").read_text() == saved
    said = signoff("restore", "a.py", "--n", "99", "--yes", cwd=session.root)
    assert said.returncode == 2
    assert f"there is no number 99; the list has {len(listed)}" in said.stderr


@pytest.mark.parametrize(
    ("answer", "is_written"), [(b"1\ry\r", True), (b"\r", False), (b"q\r", False)]
)
def test_on_a_terminal_the_list_asks_for_a_number(
    session: Session, answer: bytes, is_written: bool
) -> None:
    (session.root / "a.py").unlink()
    argv = [sys.executable, "-I", "-m", "signoff_collector", "restore", "a.py"]
    with Terminal(argv, cwd=session.root) as terminal:
        terminal.wait_for(b"Enter ends:")
        for line in answer.splitlines():
            terminal.press(line + b"\r")
        assert terminal.end() == 0, terminal.shown
    assert (session.root / "a.py").exists() is is_written


def test_a_dry_run_shows_the_difference_and_writes_nothing(session: Session) -> None:
    before = (session.root / "a.py").read_bytes()
    said = signoff("restore", "a.py", "--at", "end", "--dry-run", cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert f"+{TYPED}" in said.stdout
    assert (session.root / "a.py").read_bytes() == before


@pytest.mark.parametrize("is_committed_deletion", [False, True])
def test_a_committed_file_nobody_touched_is_said_to_be_in_git(
    home: Path, tmp_path: Path, is_committed_deletion: bool
) -> None:
    del home
    tree = WorkTree.create(tmp_path / "project")
    tree.write("lib/kept.py", "x = 1\n")
    tree.git("add", "-A")
    tree.git("commit", "-qm", "one")
    tree.git("rm", "-q", "lib/kept.py")
    if is_committed_deletion:
        tree.git("commit", "-qm", "two")
    make_session(tree.root)
    said = signoff("restore", "lib/kept.py", cwd=tree.root)
    assert said.returncode == 10
    command = said.stderr.split("`")[1]
    assert command.startswith("git ")
    subprocess.run(shlex.split(command), cwd=tree.root, check=True, timeout=60)
    assert (tree.root / "lib/kept.py").read_text() == "x = 1\n"


def test_a_mistyped_name_is_answered_with_the_nearest_that_is_known(session: Session) -> None:
    journal = Journal("restore-test", 200, root=session.root)
    journal.open("src/parser.py", TEXT)
    journal.write(session.folder)
    said = signoff("restore", "src/praser.py", cwd=session.root)
    assert said.returncode == 10
    assert "Did you mean src/parser.py?" in said.stderr


def test_options_may_stand_before_the_path_as_editors_write_them(
    session: Session, tmp_path: Path
) -> None:
    target = tmp_path / "out.py"
    words = ("--session", session.id, "--at", "end", "--to", str(target), "--", "a.py")
    said = signoff("restore", *words, cwd=session.root)
    assert said.returncode == 0, said.stderr
    assert target.read_text().startswith(TYPED)
    assert signoff("restore", "--json", "--", "a.py", cwd=session.root).returncode == 0
    assert signoff("restore", "--at", "end", cwd=session.root).returncode == 2
    assert signoff("restore", "--undo", cwd=session.root).returncode == 10
    assert signoff("restore", "--yes", "--undo", ".", cwd=session.root).returncode == 10
