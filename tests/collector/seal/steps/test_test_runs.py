"""Test runs in an episode: what writers told, and what the words of a command give."""

from __future__ import annotations

import json
from typing import cast

from tests.support.seal_journals import Journal, gathered_for, sound

from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_schemas.steps import CommandStep, TestsStep


def sealed(journal: Journal) -> Episode:
    return sound(assemble([journal.records()], gathered_for()))


def runs(episode: Episode) -> list[TestsStep]:
    return [step for step in episode.steps if isinstance(step, TestsStep)]


def commands(episode: Episode) -> list[CommandStep]:
    return [step for step in episode.steps if isinstance(step, CommandStep)]


def shell(line: str, **fields: object) -> Journal:
    journal = Journal("shell")
    told = {"exit_code": 1, "duration_ns": 5_000_000, "shell": "bash", **fields}
    journal.step("command", line=line, **told)
    return journal


def test_a_shell_line_that_runs_tests_gives_a_run_with_its_exit_code() -> None:
    episode = sealed(shell("cd shop && pytest -q '🎉 𝄞.py'"))
    (run,) = runs(episode)
    (command,) = commands(episode)
    assert (run.framework, run.argv) == ("pytest", ("pytest", "-q", "🎉 𝄞.py"))
    assert (run.exit_code, run.duration_ns, run.exactness) == (1, 5_000_000, "unknown")
    assert (run.cases, run.collected, run.state_before, run.not_run) == ((), None, None, None)
    assert run.state_after == command.state
    assert command.run_ids == (run.run_id,)
    assert run.seq < command.seq


def test_an_exit_code_that_is_not_the_runners_is_left_open() -> None:
    (run,) = runs(sealed(shell("pytest | tee log")))
    assert (run.exit_code, run.duration_ns) == (None, None)


def test_arguments_of_an_editor_task_are_recognised_too() -> None:
    journal = Journal("lsp")
    journal.step("command", argv=["cargo", "test"], exit_code=0)
    (run,) = runs(sealed(journal))
    assert (run.framework, run.exit_code) == ("cargo", 0)


def test_what_runs_no_test_or_was_told_by_signoff_run_gives_none() -> None:
    for line in ("git status", "signoff run -- pytest", "echo pytest"):
        episode = sealed(shell(line))
        assert runs(episode) == []
        assert commands(episode)[0].run_ids is None


def test_a_whole_go_stream_in_the_output_gives_cases_and_a_cut_one_none() -> None:
    stream = "".join(
        json.dumps({"Action": action, "Package": "p", **fields}) + "\n"
        for action, fields in [
            ("run", {"Test": "TestA"}), ("fail", {"Test": "TestA", "Elapsed": 0.5}), ("fail", {}),
        ]
    )  # fmt: skip
    output = {"head": stream, "tail": "", "middle_bytes": 0, "middle_lines": 0}
    for state, expected in (("full", [("p::TestA", "failed")]), ("head_tail", [])):
        journal = shell("go test -json ./...", output=output, output_state=state)
        (run,) = runs(sealed(journal))
        assert [(case.id, case.outcome) for case in run.cases] == expected


def test_a_run_that_changed_files_has_another_state_after_it() -> None:
    journal = Journal("run")
    journal.open("a.py", "🎉 = 1\n")
    journal.save("a.py", "🎉 = 1\n")
    journal.step("tests", run_id="one", framework="pytest", exactness="raced", disk=[])
    journal.save("a.py", "🎉 = 2\n", matches=False)
    journal.step("command", argv=["pytest"], exit_code=0, run_ids=["one", "unknown"])
    episode = sealed(journal)
    (run,) = runs(episode)
    assert run.state_before is not None
    assert run.state_after == commands(episode)[0].state
    assert run.state_after != run.state_before


def test_a_run_that_was_not_valid_changes_no_other_step() -> None:
    journal = Journal("run")
    journal.step("tests", run_id="one", framework="pytest", exactness="invented")
    journal.step("note", text="𝄞🎉")
    journal.step("command", argv=["make"], exit_code=0, run_ids=["one", 7])
    journal.step("command", argv=["pytest"], exit_code="x", run_ids="one", line=["y"])
    assert runs(sealed(journal)) == []


def test_the_same_journals_give_the_same_run_ids() -> None:
    first, second = (sealed(shell("pytest")) for _ in range(2))
    assert runs(first)[0].run_id == runs(second)[0].run_id
    many = shell("pytest")
    many.step("command", line="npm test", exit_code=0)
    ids = [cast("str", run.run_id) for run in runs(sealed(many))]
    assert len(set(ids)) == 2
