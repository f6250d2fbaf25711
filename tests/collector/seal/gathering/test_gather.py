"""What sealing needs from outside, read once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.seal_journals import Journal, S, gaps, kinds, sound
from tests.support.seal_sessions import make_session, signoff

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.capture.sessions.git_seen import note_start
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.endings import How
from signoff_collector.seal.gathering.gather import gather
from signoff_collector.seal.gathering.gathered import (
    FILE_NAME,
    Gathered,
    read_gathered,
    write_gathered,
)
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import DamagedError, SignoffError

pytestmark = pytest.mark.usefixtures("compiled_engine")


def _git(root: Path, *words: str, **environ: str) -> str:
    result = subprocess.run(
        ["git", *words],
        cwd=root,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
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


@pytest.mark.parametrize("hours", [-3, 5])
def test_unseen_commits_keep_order_and_time_when_the_wall_clock_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    session = _repository(tmp_path / "project")
    wall_s = session.started_wall_ns // S + 1
    journal = _journal(session)
    journal.open("a.py", "one 😀🦊\n")
    journal.wait(600)
    journal.clocks(asleep_ns=0, wall_ns=(wall_s + 600) * S)
    journal.wait(100)
    journal.clocks(asleep_ns=0, wall_ns=(wall_s + 700 + hours * 3600) * S)
    journal.wait(400)
    journal.clocks(asleep_ns=0, wall_ns=(wall_s + 1100 + hours * 3600) * S)
    journal.write(session.folder)
    for name, after_s in (("before", 300), ("after", 800 + hours * 3600)):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{wall_s + after_s} +0000")
        _git(session.root, "commit", "-q", "--allow-empty", "-m", name)
    late = _gathered(session).late
    assert [str(one.fields["message"]).strip() for one in late] == ["before", "after"]
    seconds = [(one.t_boot_ns - session.started_boot_ns) // S for one in late]
    assert abs(seconds[0] - 300) < 5
    assert abs(seconds[1] - 800) < 5


def test_a_journal_without_its_end_is_a_crash_for_every_kind_of_writer(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    clock = SystemClock()
    program = (
        "import os, sys; sys.path[:] = sys.argv[3:]\n"
        "from pathlib import Path\n"
        "from signoff_collector.capture.journal.journal import JournalWriter, RecordKind\n"
        "from signoff_collector.system.clock import SystemClock\n"
        "clock = SystemClock()\n"
        "w = JournalWriter.create(Path(sys.argv[1]), sys.argv[2], clock=clock)\n"
        "note = {'t_boot_ns': clock.boot_ns(), 't_kind': 'event', 'kind': 'note', 'text': 'x'}\n"
        "w.append_value(RecordKind.STEP, note)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    for name in ("lsp", "git", "run"):
        words = [sys.executable, "-c", program, str(session.folder), name, *sys.path]
        assert subprocess.run(words, check=False, timeout=60).returncode == -9
    with session.join("run", clock=clock) as closed:
        closed.append_value(
            RecordKind.STEP,
            {"t_boot_ns": clock.boot_ns(), "t_kind": "event", "kind": "note", "text": "y 😀🦊"},
        )
    full = session.join("lsp", clock=clock)
    full._end("failed")
    full.close()
    gathered = _gathered(session)
    told = sorted((one.writer_id.split("-")[0], str(one.how)) for one in gathered.endings)
    assert told == [("git", "crashed"), ("lsp", "crashed"), ("lsp", "dropped"), ("run", "crashed")]
    writers, _ = read_writers(session.folder)
    episode = sound(assemble(writers, gathered))
    assert sorted(str(gap.reason) for gap in gaps(episode)) == ["crashed"] * 3 + ["dropped"]


def test_a_process_that_began_anew_outlived_its_first_journal(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    for t_ns in (5, 9):
        journal = Journal(t_boot_ns=session.started_boot_ns + t_ns, marks_end=True)
        journal.header = replace(journal.header, writer_id=f"lsp-100-000{t_ns}")
        journal.open("a.py", "one 😀🦊\n")
        journal.write(session.folder)
    (ending,) = _gathered(session).endings
    assert ending.writer_id == "lsp-100-0009"


def test_the_base_commit_is_public_once_a_remote_holds_it_though_git_did_nothing_in_the_session(
    tmp_path: Path,
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    (root / "a.py").write_text("one 😀🦊\n")
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "first", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z")
    session = make_session(root)
    note_start(session)
    assert _gathered(session).public_commits == ()
    head = _git(root, "rev-parse", "HEAD")
    _git(root, "update-ref", "refs/remotes/origin/main", head)
    assert _gathered(session).public_commits == (head,)


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
    (ending,) = _gathered(session).endings
    assert (ending.writer_id, ending.how) == ("lsp-100-abcd", How.KILLED)


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
