"""What sealing needs from outside, read once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from seal_journals import Journal, kinds, sound
from seal_sessions import make_session, signoff
from signoff_collector.capture.git import Git
from signoff_collector.capture.git_seen import note_start
from signoff_collector.capture.sessions import Session
from signoff_collector.clock import SystemClock
from signoff_collector.episode.reader import read_episode
from signoff_collector.home import resolve_home
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gather import gather
from signoff_collector.seal.gathered import FILE_NAME, Gathered, read_gathered, write_gathered
from signoff_collector.seal.records import read_writers
from signoff_collector.seal.sealing import seal_session
from signoff_schemas.errors import DamagedError, SignoffError

pytestmark = pytest.mark.usefixtures("home")


def _git(root: Path, *words: str) -> str:
    result = subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return result.stdout.strip()


def _repository(root: Path) -> Session:
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    (root / "a.py").write_text("one 😀🦊\n")
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "first")
    session = make_session(root)
    note_start(session)
    return session


def _gathered(session: Session) -> Gathered:
    writers, _ = read_writers(session.folder)
    git = Git(session.root)
    return gather(session, writers, git if git.repository else None, environ=os.environ)


def _journal(session: Session) -> Journal:
    return Journal(
        root=session.root,
        boot_id=session.boot_id,
        t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )


def test_commits_that_no_watcher_saw_are_found_in_the_reflog(tmp_path: Path) -> None:
    session = _repository(tmp_path / "project")
    journal = _journal(session)
    journal.open("a.py", "one 😀🦊\n")
    journal.write(session.folder)
    head = _git(session.root, "rev-parse", "HEAD")
    (session.root / "a.py").write_text("two 😀🦊\n")
    _git(session.root, "commit", "-q", "-a", "-m", "second")
    gathered = _gathered(session)
    assert [late.fields["operation"] for late in gathered.late] == ["commit"]
    assert gathered.base.commit == head
    assert gathered.base.branch == "main"
    writers, _ = read_writers(session.folder)
    episode = sound(assemble(writers, gathered))
    assert kinds(episode).count("git") == 1
    assert head not in repr(episode)


def test_a_folder_without_a_repository_has_no_base(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    assert _gathered(session).base.commit is None


def test_paths_that_lead_into_the_workspace_through_a_link_are_resolved(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    link = tmp_path / "link"
    link.symlink_to(session.root)
    journal = Journal(root=link)
    journal.open("a.py", "one 😀🦊\n")
    journal.write(session.folder)
    gathered = _gathered(session)
    assert gathered.paths == {journal.uri("a.py"): "a.py"}
    writers, _ = read_writers(session.folder)
    assert assemble(writers, gathered).files == ("a.py",)


def test_a_bridge_that_left_its_presence_behind_was_killed(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    (session.folder / "bridge-lsp-100-abcd.json").write_text("{}")
    assert _gathered(session).killed == ("lsp-100-abcd",)


def test_what_was_gathered_is_read_back_as_it_was(tmp_path: Path) -> None:
    session = _repository(tmp_path / "project")
    session.ask("pause", clock=SystemClock())
    gathered = _gathered(session)
    write_gathered(session.folder, gathered)
    assert read_gathered(session.folder) == gathered


def test_a_cut_or_flipped_gathered_file_is_damage_and_never_half_believed(tmp_path: Path) -> None:
    session = _repository(tmp_path / "project")
    write_gathered(session.folder, _gathered(session))
    path = session.folder / FILE_NAME
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        for data in (
            whole[:place],
            whole[:place] + bytes((whole[place] ^ 4,)) + whole[place + 1 :],
        ):
            path.write_bytes(data)
            with pytest.raises(DamagedError):
                read_gathered(session.folder)


def test_facts_from_outside_are_gathered_only_once(tmp_path: Path) -> None:
    session = _repository(tmp_path / "project")
    journal = _journal(session)
    journal.open("a.py", "one 😀🦊\n")
    journal.write(session.folder)
    home, clock = resolve_home(), SystemClock()
    first = seal_session(session, home, clock)
    data = first.path.read_bytes()
    first.path.unlink()
    _git(session.root, "commit", "-q", "--allow-empty", "-m", "later")
    assert seal_session(session, home, clock).path.read_bytes() == data


def test_a_damaged_gathered_file_blocks_sealing_with_a_hint(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    _journal(session).write(session.folder)
    (session.folder / FILE_NAME).write_bytes(b"nonsense")
    with pytest.raises(SignoffError) as caught:
        seal_session(session, resolve_home(), SystemClock())
    assert caught.value.hint
    assert (session.folder / "seal-failed.json").exists()


def test_names_of_this_machine_are_not_in_the_episode(tmp_path: Path) -> None:
    session = _repository(tmp_path / "project")
    journal = _journal(session)
    home = os.environ["HOME"]
    journal.open("a.py", f"path = '{home}/x 😀🦊'\n")
    journal.step("command", argv=["ls", home], exit_code=0)
    journal.write(session.folder)
    result = signoff("seal", "--json", cwd=session.root)
    assert result.returncode == 0, result.stderr
    sealed = seal_session(session, resolve_home(), SystemClock())
    episode = read_episode(sealed.path)
    told = repr(episode) + b"".join(episode.blobs).decode()
    assert home not in told
    assert str(session.root) not in told
