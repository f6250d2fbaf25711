"""Git is asked without running anything of the repository's and without writing (threat 7)."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.git_programs import git_version
from tests.support.hostile_repository import (
    GIT,
    HostileRepository,
    git,
    listing,
    make_hostile_repository,
)

from signoff_collector.capture.git.git import (
    Git,
    RefFormat,
    find_repository,
    read_head,
    read_reflog,
    users_setting,
)
from signoff_collector.programs.children import find_program
from signoff_schemas.errors import (
    ChildFailedError,
    MissingProgramError,
    NotFoundError,
    SignoffError,
)

READING_CALLS: tuple[tuple[str, ...], ...] = (
    ("cat-file", "-p", "HEAD"),
    ("cat-file", "-p", "HEAD:a.txt"),
    ("cat-file", "--batch-check"),
    ("check-attr", "-a", "a.txt"),
    ("check-ignore", "--no-index", "ignored.log"),
    ("check-ignore", "-v", "ignored.log"),
    ("config", "--list"),
    ("config", "--get", "core.fsmonitor"),
    ("diff-files", "-p"),
    ("diff-files", "--quiet"),
    ("diff-index", "-p", "HEAD"),
    ("diff-index", "--cached", "HEAD"),
    ("diff-tree", "-p", "--root", "HEAD"),
    ("for-each-ref",),
    ("log", "-p", "-3"),
    ("log", "-g", "--format=%H %gs"),
    ("ls-files", "--stage"),
    ("ls-files", "-m", "-d", "-o", "--exclude-standard"),
    ("ls-files", "--eol"),
    ("ls-tree", "-r", "HEAD"),
    ("merge-base", "HEAD", "HEAD~1"),
    ("name-rev", "HEAD"),
    ("rev-list", "--all", "--objects"),
    ("rev-parse", "HEAD"),
    ("show-ref",),
    ("status", "--porcelain=v2", "--branch", "-z"),
    ("status", "--porcelain", "--ignored", "-uall"),
    ("symbolic-ref", "HEAD"),
    ("version",),
)


@pytest.fixture(scope="module")
def trap_of_module(tmp_path_factory: pytest.TempPathFactory) -> HostileRepository:
    return make_hostile_repository(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def trap(trap_of_module: HostileRepository) -> HostileRepository:
    trap_of_module.mark.unlink(missing_ok=True)
    return trap_of_module


def test_the_trap_catches_plain_git(tmp_path: Path) -> None:
    trap = make_hostile_repository(tmp_path / "own")
    for call in (
        ["status"],
        ["diff"],
        ["log", "-p", "-4"],
        ["-C", "vendor.git", "status"],
        ["update-index", "--refresh"],
    ):
        subprocess.run(
            [GIT, *call],
            cwd=trap.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline(),
            check=False,
        )
    by_log = {"openpgp", "ssh-signature", "textconv"}  # before 2.34 it ends at `gpg.format = ssh`
    assert set(trap.fired) >= {
        *(by_log if git_version() >= (2, 34) else ()),
        "clean",
        "command",
        "fsmonitor",
        "hook-post-index-change",
        "included",
        "process",
    }


@pytest.mark.parametrize("call", READING_CALLS, ids=" ".join)
def test_no_reading_call_runs_a_program_or_touches_the_repository(
    trap: HostileRepository, call: tuple[str, ...]
) -> None:
    before = listing(trap.root)
    Git(trap.root).result(*call, stdin=b"HEAD\n")
    assert trap.fired == []
    assert listing(trap.root) == before


@pytest.mark.parametrize("place", ["vendor.git", "vendor.git/objects", "sub"])
def test_repositories_inside_the_repository_run_nothing_either(
    trap: HostileRepository, place: str
) -> None:
    before = listing(trap.root)
    asked = Git(trap.root / place)
    repository = asked.repository
    assert repository is not None
    assert repository.root == (trap.root / "sub" if place == "sub" else trap.root).resolve()
    for call in (("status", "--porcelain"), ("log", "-p"), ("diff-files", "-p")):
        asked.result(*call)
    assert trap.fired == []
    assert listing(trap.root) == before


def test_changes_are_seen_all_the_same(trap: HostileRepository) -> None:
    lines = Git(trap.root).run("status", "--porcelain").decode().splitlines()
    assert " M a.txt" in lines
    assert "?? new.txt" in lines
    assert " M b.txt" not in lines


def test_a_filter_that_is_added_later_is_emptied_too(tmp_path: Path) -> None:
    trap = make_hostile_repository(tmp_path / "own")
    asked = Git(trap.root)
    asked.run("status", "--porcelain")
    with (trap.root / ".git" / "config").open("a") as file:
        file.write(f'[filter "late"]\n    clean = {tmp_path / "own" / "programs" / "clean"}\n')
    (trap.root / ".gitattributes").write_text("* filter=late\n")
    os.utime(trap.root / "b.txt", ns=(2 * 10**18, 2 * 10**18))
    asked.run("diff-files", "-p")
    assert trap.fired == []


def test_a_missing_object_is_not_fetched(trap: HostileRepository, tmp_path: Path) -> None:
    copy = tmp_path / "partial"
    shutil.copytree(trap.root, copy, symlinks=True)
    blob = git(copy, "hash-object", "--no-filters", "-t", "blob", "/dev/null")
    (copy / ".git" / "config").write_text(
        (copy / ".git" / "config").read_text()
        + "[core]\n    repositoryFormatVersion = 1\n[extensions]\n    partialClone = origin\n"
    )
    before = listing(copy)
    with pytest.raises(ChildFailedError):
        Git(copy).run("cat-file", "-p", blob)
    assert trap.fired == []
    assert listing(copy) == before


def test_the_environment_cannot_lead_git_elsewhere(
    trap: HostileRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    git(elsewhere, "init", "-q")
    planted = tmp_path / "planted"
    planted.write_text(f"[core]\n    fsmonitor = {trap.mark.parent / 'programs' / 'fsmonitor'}\n")
    for name, value in {
        "GIT_DIR": str(elsewhere / ".git"),
        "GIT_WORK_TREE": str(elsewhere),
        "GIT_INDEX_FILE": str(elsewhere / "index"),
        "GIT_CONFIG_GLOBAL": str(planted),
        "GIT_CONFIG_SYSTEM": str(planted),
        "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='/bin/false'",
        "GIT_EXTERNAL_DIFF": str(trap.mark.parent / "programs" / "external"),
        "GIT_EXEC_PATH": str(trap.mark.parent / "programs"),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE2_EVENT": str(tmp_path / "trace2"),
        "GIT_PAGER": str(trap.mark.parent / "programs" / "pager"),
        "PATH": str(trap.root),
        "HOME": str(trap.root),
        "XDG_CONFIG_HOME": str(trap.root),
    }.items():
        monkeypatch.setenv(name, value)
    make_program(trap.root / "git", trap.mark)
    try:
        asked = Git(trap.root)
        tree = asked.run("ls-tree", "--name-only", "HEAD").decode().splitlines()
        asked.run("diff-files", "-p")
    finally:
        (trap.root / "git").unlink()
    assert "a.txt" in tree
    assert trap.fired == []
    assert asked.environment["HOME"] != str(trap.root)
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "trace2").exists()


def make_program(path: Path, mark: Path) -> None:
    path.write_text(f"#!/bin/sh\necho decoy >>{mark}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    "call",
    [
        ("stash",),
        ("commit", "-m", "x"),
        ("update-index", "--refresh"),
        ("config", "core.fsmonitor", "true"),
        ("config", "--unset", "x.y"),
        ("symbolic-ref", "HEAD", "refs/heads/x"),
        ("symbolic-ref", "-d", "HEAD"),
        ("log", "--output=x"),
        ("log", "--format=%G?"),
        ("log", "--show-signature"),
        ("cat-file", "--textconv", "HEAD:a.txt"),
        ("cat-file", "--filters", "HEAD:a.txt"),
        ("diff-tree", "--ext-diff", "HEAD"),
        ("-C", "/", "status"),
    ],
    ids=" ".join,
)
def test_calls_that_could_write_or_run_a_program_do_not_exist(
    trap: HostileRepository, call: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="not a read-only call"):
        Git(trap.root).run(*call)


def test_the_persons_own_ignore_file_counts_and_the_repositorys_does_not(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    (tmp_path / "theirs").write_text("nothing\n")
    git(root, "config", "core.excludesFile", str(tmp_path / "theirs"))
    accepted = frozenset({0, 1})
    assert Git(root).run("check-ignore", "--no-index", "x.key", accepted=accepted) == b""
    own = Path(os.environ["HOME"]) / ".config" / "git" / "ignore"
    own.parent.mkdir(parents=True)
    own.write_text("*.key\n")
    assert Git(root).run("check-ignore", "--no-index", "x.key") == b"x.key\n"
    (tmp_path / "global").write_text("*.pem\n")
    git(root, "config", "--global", "core.excludesFile", str(tmp_path / "global"))
    assert Git(root).run("check-ignore", "--no-index", "x.pem") == b"x.pem\n"


def test_the_persons_own_settings_are_read_outside_any_repository(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "config", "user.signingKey", "theirs")
    assert users_setting("user.signingKey") == ""
    git(root, "config", "--global", "user.signingKey", "ours 😀𝄞")
    assert users_setting("user.signingKey") == "ours 😀𝄞"


def test_a_folder_in_no_repository_is_not_found(tmp_path: Path) -> None:
    assert find_repository(tmp_path) is None
    with pytest.raises(NotFoundError):
        Git(tmp_path).run("status")


def test_without_git_there_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    nowhere = functools.partial(find_program, folders=())
    monkeypatch.setattr("signoff_collector.capture.git.git.find_program", nowhere)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError) as caught:
        Git(root).run("status")
    assert caught.value.exit_code == 1
    assert "Install git" in (caught.value.hint or "")


_READ_EVERYTHING = """
import sys
from pathlib import Path
from signoff_collector.capture.git.git import find_repository, read_head, read_reflog
from signoff_schemas.errors import SignoffError
repository = find_repository(Path(sys.argv[1]))
try:
    read_head(repository) if repository else None
except SignoffError as error:
    print(type(error).__name__)
print(read_reflog(repository).is_readable if repository else "none")
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("logs/HEAD", "False"),
        ("HEAD", "none"),
        ("refs/heads/main", "DamagedError\nTrue"),
        ("packed-refs", "True"),
        ("config", "True"),
        ("commondir", "True"),
    ],
)
def test_a_pipe_in_the_repository_does_not_hang_us(tmp_path: Path, name: str, said: str) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    pipe = root / ".git" / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-c", _READ_EVERYTHING, str(root)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
    )
    assert done.stdout.strip() == said


def test_git_itself_waiting_for_a_pipe_is_stopped(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    asked = Git(root)
    asked.run("status", "--porcelain")
    os.mkfifo(root / ".git" / "FETCH_HEAD")  # a pipe as a branch holds up older gits alone
    with pytest.raises(ChildFailedError, match="took too long"):
        asked.run("rev-parse", "FETCH_HEAD", timeout_s=1)


@pytest.mark.parametrize("name", [".git/packed-refs", ".git/index", ".git/config", ".gitignore"])
def test_git_is_not_asked_where_it_would_wait_for_a_pipe(tmp_path: Path, name: str) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    (root / name).unlink(missing_ok=True)
    os.mkfifo(root / name)
    with pytest.raises(ChildFailedError, match="is a pipe or a device"):
        Git(root).run("status", "--porcelain")


def test_head_and_reflog_are_read_as_git_reads_them(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    repository = find_repository(root / "deep" / "er")
    assert repository is not None
    assert (repository.root, repository.is_bare) == (root.resolve(), False)
    assert (read_head(repository).branch, read_head(repository).commit) == ("refs/heads/main", None)
    git(root, "commit", "-q", "--allow-empty", "-m", "one 😀𝄞")
    first = git(root, "rev-parse", "HEAD")
    before = read_reflog(repository)
    git(root, "pack-refs", "--all")
    assert read_head(repository).commit == first
    git(root, "checkout", "-q", "-b", "feature/😀")
    git(root, "commit", "-q", "--allow-empty", "-m", "two")
    assert read_head(repository).branch == "refs/heads/feature/😀"
    git(root, "checkout", "-q", "--detach")
    head = read_head(repository)
    assert (head.branch, head.commit) == (None, git(root, "rev-parse", "HEAD"))
    after = read_reflog(repository, from_bytes=before.end_bytes)
    assert [entry.message for entry in before.entries] == ["commit (initial): one 😀𝄞"]
    assert [entry.message.split(":")[0] for entry in after.entries] == [
        "checkout",
        "commit",
        "checkout",
    ]
    assert after.entries[0].old == first
    assert read_reflog(repository, "refs/heads/main").entries[0].new == first
    (root / ".git" / "logs" / "HEAD").write_bytes(b"garbage\n\xff\n")
    assert not read_reflog(repository, from_bytes=after.end_bytes).is_readable
    assert read_reflog(repository).entries == []


def test_refs_kept_as_a_reftable_are_said_to_be_so(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    (root / ".git" / "reftable").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    repository = find_repository(root)
    assert repository is not None
    assert repository.ref_format is RefFormat.REFTABLE
    with pytest.raises(SignoffError, match="reftable"):
        read_head(repository)


def test_a_second_work_tree_has_its_own_head_and_shares_the_refs(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    git(root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "second"))
    repository = find_repository(tmp_path / "second")
    assert repository is not None
    assert repository.common_dir == (root / ".git").resolve()
    assert repository.git_dir != repository.common_dir
    head = read_head(repository)
    assert (head.branch, head.commit) == ("refs/heads/other", git(root, "rev-parse", "HEAD"))
    assert Git(tmp_path / "second").run("symbolic-ref", "HEAD") == b"refs/heads/other\n"


@pytest.mark.parametrize(
    "text",
    ["ref: ../../../etc/passwd\n", "ref: refs/heads/../../x\n", "ref: refs/heads/a\n", "x" * 100],
)
def test_a_head_that_leads_outside_or_in_circles_is_damage(tmp_path: Path, text: str) -> None:
    root = tmp_path / "w"
    root.mkdir()
    git(root, "init", "-q")
    (root / ".git" / "HEAD").write_text(text)
    (root / ".git" / "refs" / "heads" / "a").write_text("ref: refs/heads/a\n")
    repository = find_repository(root)
    assert repository is not None
    with pytest.raises(SignoffError):
        read_head(repository)
