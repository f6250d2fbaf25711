"""Git operations that move no ref: told by the command that ran them, or not at all."""

from __future__ import annotations

import pytest
from tests.support.seal_journals import Journal, gathered_for, sound

from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.disk.explaining import Explanations, explain
from signoff_collector.seal.git_commands import git_operations
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.seal.times.merge import session_scale
from signoff_schemas.steps import CommandStep, GitStep
from signoff_schemas.words import ActorClass


def operations(line: str, exit_code: object = 0) -> list[object]:
    found = git_operations({"line": line, "exit_code": exit_code})
    return [told["operation"] for told in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git push", ["push"]),
        ("git push origin '🎉 𝄞' --force-with-lease", ["push"]),
        ("/usr/bin/git --no-pager fetch --all", ["fetch"]),
        ("git remote update", ["fetch"]),
        ("GIT_TRACE=1 git -c http.proxy=x fetch", ["fetch"]),
        ("git restore --staged 'a 🎉.py'", ["restore"]),
        ("git checkout -- 'a 🎉.py'", ["restore"]),
        ("git checkout topic -- a.py", ["restore"]),
        ("git checkout .", ["restore"]),
        ("git stash apply stash@{1}", ["stash"]),
        ("pytest; git fetch && git restore a.py && make", ["fetch", "restore"]),
    ],
)
def test_what_surely_ran_is_told(line: str, expected: list[str]) -> None:
    assert operations(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "git push --dry-run", "git fetch -h", "git -C ../other push", "git --git-dir=x fetch",
        "cd ../other && git push", "git push | tee log", "git push || true", "git push; make",
        "git push &", "true || git push", "for r in a b; do git push $r; done",
        "if git fetch; then make; fi", "echo git push", "echo 'git push'", "# git push",
        "git checkout topic", "git checkout -b topic --", "git stash", "git stash pop",
        "git commit -m push", "git pull", "git", "", "x=$(git fetch)", "push() { git push; }",
    ],
)  # fmt: skip
def test_what_did_nothing_or_may_not_have_run_here_is_not(line: str) -> None:
    assert operations(line) == []


@pytest.mark.parametrize("exit_code", [1, 128, None, "0", False])
def test_what_failed_or_has_no_end_is_not_told(exit_code: object) -> None:
    assert operations("git push", exit_code) == []


@pytest.mark.parametrize("argv", [["git", 7], "git push", None, [], [["git"]], ["", "push"]])
def test_arguments_of_any_kind_are_read(argv: object) -> None:
    assert git_operations({"argv": argv, "exit_code": 0}) == []
    told = git_operations({"argv": ["git", "fetch"], "exit_code": 0})
    assert told == [{"operation": "fetch"}]


def test_the_step_stands_before_its_command_and_moves_no_head() -> None:
    journal = Journal("shell")
    journal.step("command", line="git stash apply", exit_code=0, duration_ns=5_000_000)
    journal.step("command", line="git push", exit_code=1)
    episode = sound(assemble([journal.records()], gathered_for()))
    git, applied, _ = episode.steps
    assert isinstance(git, GitStep)
    assert isinstance(applied, CommandStep)
    assert (git.operation, git.message, git.source) == ("stash", "apply", applied.source)
    assert (git.head_before, git.head_after, git.branch) == (None, None, None)
    assert (git.t_ns, git.state) == (applied.t_ns, applied.state)


def explained(line: str) -> Explanations:
    """A line that ended at 10 s and took 5 s."""
    shell = Journal("shell")
    shell.wait(9.9)
    shell.step("command", line=line, exit_code=0, duration_ns=5 * 10**9)
    writers = [shell.records()]
    scale = session_scale(writer.header for writer in writers)
    return explain(writers, scale, WorkspacePaths(str(shell.root), {}))


@pytest.mark.parametrize(
    ("line", "at_ms", "expected"),
    [
        ("git restore a.py", 9_990, ActorClass.GIT),
        ("git restore a.py", 10_300, ActorClass.GIT),
        ("git restore a.py", 11_000, ActorClass.EXTERNAL),
        ("make && git restore a.py", 7_000, ActorClass.EXTERNAL),
        ("git push", 9_990, ActorClass.EXTERNAL),
    ],
)
def test_files_that_a_restore_brought_back_are_gits(
    line: str, at_ms: int, expected: ActorClass
) -> None:
    content = ("a.py", "1" * 64)
    assert explained(line).actor([content], at_ms, at_ms)["class"] is expected
