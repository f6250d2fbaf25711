"""Two things that trainers make of an episode, from it and its public repository alone.

Where something had to be assumed that the episode does not say, `GUESSED` names it; the test
compares that list with docs/taxonomy_proof.md.
"""

from __future__ import annotations

import difflib
import json
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_schemas.steps import CommandStep, TaskStep, TestsStep

RUNS = 5
GUESSED = (
    "how far apart two edits may be and still be one thought (8 lines)",
    "a machine on which the recorded interpreter and packages are installed",
)
_LIMIT_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A SWE-bench instance."""

    repo: str
    base_commit: str
    problem_statement: str
    patch: str
    test_patch: str
    command: tuple[str, ...]
    """The test command as the developer gave it, without the selection."""
    python: str
    packages: dict[str, str]
    """The test runner, and what the tests import, with versions."""
    fail_to_pass: tuple[str, ...] = ()
    pass_to_pass: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()

    def row(self) -> dict[str, str]:
        """Return the row as SWE-bench holds it: the two lists are JSON strings."""
        return {
            "instance_id": f"{self.repo.rpartition('/')[2]}-{self.base_commit[:7]}",
            "repo": "/".join(self.repo.split("/")[-2:]),
            "base_commit": self.base_commit,
            "environment_setup_commit": self.base_commit,
            "problem_statement": self.problem_statement,
            "hints_text": "",
            "patch": self.patch,
            "test_patch": self.test_patch,
            "FAIL_TO_PASS": json.dumps(self.fail_to_pass),
            "PASS_TO_PASS": json.dumps(self.pass_to_pass),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a record that an agent could have made, and what it came to."""

    seq: int
    name: str
    arguments: dict[str, str]
    exit_code: int | None = None


def git(folder: Path, *words: str, stdin: str | None = None) -> str:
    """Run git as a trainer would."""
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", *words],
        cwd=folder, input=stdin, capture_output=True, text=True, timeout=_LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def lay(tree: Path, clone: Path) -> None:
    """Make the work tree of a clone equal to a checked-out moment."""
    git(clone, "rm", "-rq", "--cached", ".")
    for path in sorted(clone.rglob("*"), reverse=True):
        inside = path.relative_to(clone)
        if inside.parts[0] != ".git":
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in sorted(tree.rglob("*")):
        target = clone / path.relative_to(tree)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(path.read_bytes())
            target.chmod(path.stat().st_mode)
    git(clone, "add", "-A", ".")


def task_instance(episode: Episode, end: Path, clone: Path) -> Instance:
    """Return the instance of the episode's one task, not yet run.

    Args:
        episode: a shared one that names its repository.
        end: the tree of its last moment.
        clone: at the base commit; left as it was.
    """
    base = episode.header.base
    assert base.repository is not None
    assert base.commit is not None
    (task,) = [step for step in episode.steps if isinstance(step, TaskStep)]
    assert task.stated == "before_first_edit"
    runs = [step for step in episode.steps if isinstance(step, TestsStep)]
    tests = {case.id.partition("::")[0] for run in runs for case in run.cases}
    lay(end, clone)
    changed = git(clone, "diff", "--cached", "--name-only", "-z").split("\0")[:-1]
    others = [path for path in changed if path not in tests]
    patch = git(clone, "diff", "--cached", "--binary", "--", *others)
    test_patch = git(clone, "diff", "--cached", "--binary", "--", *sorted(tests & {*changed}))
    git(clone, "reset", "-q", "--hard", base.commit)
    environment = next(
        step for step in reversed(episode.steps)
        if step.kind == "environment" and step.env == runs[-1].env
    )  # fmt: skip
    return Instance(
        repo=base.repository,
        base_commit=base.commit,
        problem_statement=task.text,
        patch=patch,
        test_patch=test_patch,
        command=_launcher(episode, runs[-1]),
        python=dict(getattr(environment, "interpreters", {}))["python"],
        packages={
            runs[-1].framework: str(runs[-1].framework_version),
            **getattr(environment, "distributions", {}),
        },
    )


def _launcher(episode: Episode, run: TestsStep) -> tuple[str, ...]:
    """Return the command that a test run belongs to."""
    (command,) = [
        step for step in episode.steps
        if isinstance(step, CommandStep) and run.run_id in (step.run_ids or ())
    ]  # fmt: skip
    return command.argv


def run_instance(instance: Instance, clone: Path) -> Instance:
    """Return the instance with its lists, found by running before and after `RUNS` times."""
    before = [_outcomes(instance, clone, with_patch=False) for _ in range(RUNS)]
    after = [_outcomes(instance, clone, with_patch=True) for _ in range(RUNS)]
    ids = sorted({test for run in (*before, *after) for test in run})

    def says(runs: Sequence[dict[str, bool]], test: str) -> set[bool | None]:
        return {run.get(test) for run in runs}

    stable = {test: (says(before, test), says(after, test)) for test in ids}
    return Instance(
        **{name: getattr(instance, name) for name in Instance.__slots__[:8]},
        fail_to_pass=tuple(
            t for t, (old, new) in stable.items() if new == {True} and old <= {False, None}
        ),
        pass_to_pass=tuple(t for t, said in stable.items() if said == ({True}, {True})),
        flaky=tuple(t for t, said in stable.items() if any(len(one) > 1 for one in said)),
    )


def _outcomes(instance: Instance, clone: Path, *, with_patch: bool) -> dict[str, bool]:
    """Return test to whether it passed, at the base with the tests, and the patch or not."""
    for patch in (instance.test_patch, instance.patch if with_patch else ""):
        if patch:
            git(clone, "apply", "-", stdin=patch)
    report = clone.parent / "report.xml"
    words = [sys.executable if word == "python" else word for word in instance.command]
    subprocess.run(
        [*words, f"--junitxml={report}"],
        cwd=clone, capture_output=True, timeout=_LIMIT_S, check=False,
    )  # fmt: skip
    cases = ET.parse(report).iter("testcase")  # noqa: S314  our own pytest wrote it
    found = {
        f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}": len(case) == 0
        for case in cases
    }
    git(clone, "reset", "-q", "--hard", instance.base_commit)
    git(clone, "clean", "-qfdx")
    return found


def tool_calls(episode: Episode) -> Iterator[ToolCall]:
    """Yield the calls that lead from the base to the last moment, in order."""
    moments = Moments(episode)
    for step in episode.steps:
        match step.kind:
            case "open" if step.path is not None and moments.disk(step.path, step.seq) is not None:
                yield ToolCall(seq=step.seq, name="open_file", arguments={"path": step.path})
            case "save" if step.path is not None:
                yield from _edits_until(moments, step.path, step.seq)
            case "command" if isinstance(step, CommandStep):
                yield ToolCall(
                    seq=step.seq,
                    name="bash",
                    arguments={"command": step.line or shlex.join(step.argv)},
                    exit_code=step.exit_code,
                )
            case "create" | "delete" | "files" | "rename" if not _is_of_command(step.actor):
                raise AssertionError(f"nobody is known to have done step {step.seq}: {step!r}")
            case _:
                continue


def _is_of_command(actor: object) -> bool:
    return any(word.startswith("command") for word in getattr(actor, "evidence", ()))


def _edits_until(moments: Moments, path: str, seq: int) -> Iterator[ToolCall]:
    before, after = moments.disk(path, seq - 1), moments.disk(path, seq)
    assert isinstance(after, str)
    if before is None:
        yield ToolCall(seq=seq, name="create", arguments={"path": path, "text": after})
    elif before != after:
        assert isinstance(before, str)
        old, new = _unique_change(before, after)
        arguments = {"path": path, "old_str": old, "new_str": new}
        yield ToolCall(seq=seq, name="str_replace", arguments=arguments)


def _unique_change(before: str, after: str) -> tuple[str, str]:
    """Return what to replace by what: whole lines, as many as make the place unique."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    start, end, new_end = first[1], last[2], last[4]
    while before.count("".join(old[start:end])) != 1:
        start, end, new_end = max(0, start - 1), min(len(old), end + 1), min(len(new), new_end + 1)
    shift = first[3] - first[1]
    return "".join(old[start:end]), "".join(new[start + shift : new_end])


def execute(calls: Iterator[ToolCall], folder: Path) -> list[tuple[int, int]]:
    """Do what the calls say in a folder; return (recorded, reached) exit codes of commands."""
    codes: list[tuple[int, int]] = []
    for call in calls:
        place = folder / call.arguments.get("path", ".")
        match call.name:
            case "open_file":
                assert place.is_file(), call
            case "create":
                assert not place.exists(), call
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(call.arguments["text"].encode())
            case "str_replace":
                text = place.read_bytes().decode()
                assert text.count(call.arguments["old_str"]) == 1, call
                old, new = call.arguments["old_str"], call.arguments["new_str"]
                place.write_bytes(text.replace(old, new).encode())
            case _:
                words = shlex.split(call.arguments["command"])
                words[0] = sys.executable if words[0] == "python" else words[0]
                done = subprocess.run(
                    words, cwd=folder, capture_output=True, timeout=_LIMIT_S, check=False
                )
                assert call.exit_code is not None
                codes.append((call.exit_code, done.returncode))
    return codes
