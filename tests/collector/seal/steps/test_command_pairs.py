"""A command that a hook and an editor both told of is one step, whichever told first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.seal_journals import START_BOOT_NS, Journal, S, gathered_for

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.steps.command_pairs import FAR_NS
from signoff_schemas.steps import CommandStep, StepBase, TestsStep

LINE = "pytest -q tests/😀𝄞"
OUTPUT = {"head": "1 failed 😀𝄞\n", "tail": "", "middle_bytes": 0, "middle_lines": 0}
SHOWN = {"output_state": "full", "output_bytes": 18, "output": OUTPUT, "via": "terminal"}


class Told:
    """The records of one shell hook and one editor."""

    def __init__(self) -> None:
        self.hook = Journal("shell", 300, editor_pid=None)
        self.editor = Journal("lsp", 100)

    def by_hook(self, line: str, at_s: float, *, lasted_s: float = 1, **more: object) -> None:
        """Add what the hook noted of a command that ended then."""
        self._add(self.hook, line, at_s, lasted_s, {"output_state": "none", **more})

    def by_editor(self, line: str, at_s: float, *, lasted_s: float = 1, **more: object) -> None:
        """Add what the editor saw of it."""
        self._add(self.editor, line, at_s, lasted_s, {**SHOWN, **more})

    def _add(
        self, journal: Journal, line: str, at_s: float, lasted_s: float, more: dict[str, object]
    ) -> None:
        journal.t_boot_ns = START_BOOT_NS + int((at_s - 0.1) * S)
        common = {"line": line, "cwd": "/home/ada/project", "exit_code": 1}
        journal.step("command", **{**common, "duration_ns": int(lasted_s * S), **more})

    def steps(self, *control: ControlLine) -> list[StepBase]:
        """Return the steps of the episode."""
        writers = [self.hook.records(), self.editor.records()]
        return list(assemble(writers, gathered_for(*control)).steps)

    def commands(self, *control: ControlLine) -> list[CommandStep]:
        return [step for step in self.steps(*control) if isinstance(step, CommandStep)]


@pytest.mark.parametrize("apart_s", [-4.5, -0.2, 0.0, 0.2, 4.5])
def test_one_command_told_by_both_is_one_step_with_the_output(apart_s: float) -> None:
    told = Told()
    told.by_hook(LINE, 20, agent_marker="codex")
    told.by_editor(LINE, 20 + apart_s, exit_code=None)
    (step,) = told.commands()
    assert (step.source, step.agent_marker) == ("shell", "codex")
    assert step.exit_code == 1
    assert step.output is not None
    assert step.output.head == OUTPUT["head"]
    assert step.via == "terminal"


def test_a_hook_that_kept_the_output_keeps_its_own() -> None:
    told = Told()
    own = {"head": "own 😀𝄞\n", "tail": "", "middle_bytes": 0, "middle_lines": 0}
    told.by_hook(LINE, 20, output_state="full", output_bytes=13, output=own)
    told.by_editor(LINE, 20)
    (step,) = told.commands()
    assert step.output is not None
    assert step.output.head == own["head"]


@pytest.mark.parametrize(
    ("line", "at_s", "more"),
    [
        ("pytest", 20.0, {}),
        (LINE, 20 + FAR_NS / S + 1.5, {"duration_ns": S}),
        (LINE, 20.0, {"exit_code": 0}),
    ],
    ids=["another line", "another time", "another end"],
)
def test_two_commands_stay_two(line: str, at_s: float, more: dict[str, object]) -> None:
    told = Told()
    told.by_hook(LINE, 20)
    told.by_editor(line, at_s, **more)
    assert len(told.commands()) == 2


def test_a_repeated_line_is_paired_one_by_one_also_when_the_clocks_differ() -> None:
    told = Told()
    for place in range(4):
        told.by_hook("ls", 20 + place, lasted_s=0.1)
        told.by_editor("ls", 22.5 + place, lasted_s=0.1)
    told.by_hook("ls", 90, lasted_s=0.1)
    steps = told.commands()
    assert [step.source for step in steps] == ["shell"] * 5
    assert [step.output is not None for step in steps] == [True] * 4 + [False]


def test_a_masked_line_of_the_editor_is_the_line_of_the_hook() -> None:
    told = Told()
    told.by_hook("curl -H 'X: abcdefgh1234' 😀𝄞", 20)
    told.by_editor("curl -H 'X: REDACTED_VALUE' 😀𝄞", 20)
    assert len(told.commands()) == 1


def test_a_run_of_tests_that_the_editor_reported_is_not_derived_once_more() -> None:
    told = Told()
    told.editor.t_boot_ns = START_BOOT_NS + 20 * S
    case = {"id": "t::a", "outcome": "failed"}
    told.editor.step("tests", run_id="r1", framework="pytest", cases=[case])
    told.by_hook(LINE, 20)
    told.by_editor(LINE, 20.2, run_ids=["r1"])
    runs = [step for step in told.steps() if isinstance(step, TestsStep)]
    (command,) = [step for step in told.steps() if isinstance(step, CommandStep)]
    assert [(run.run_id, run.cases[0].outcome) for run in runs] == [("run-0", "failed")]
    assert command.run_ids == ("run-0",)


def test_an_editors_forgotten_record_adds_nothing() -> None:
    told = Told()
    told.by_hook(LINE, 20)
    told.by_editor(LINE, 21)
    span = {"from": str(START_BOOT_NS + int(20.5 * S)), "to": str(START_BOOT_NS + 22 * S)}
    line = ControlLine(verb="forget", t_boot_ns=START_BOOT_NS + 30 * S, fields=span)
    (step,) = told.commands(line)
    assert step.output is None


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["ls", "make 😀𝄞"]), st.integers(0, 40)),
        max_size=24,
    )
)
def test_no_command_is_lost_and_none_is_paired_twice(
    records: list[tuple[bool, str, int]],
) -> None:
    told = Told()
    for is_hook, line, at_s in sorted(records, key=lambda one: one[2]):
        (told.by_hook if is_hook else told.by_editor)(line, 10 + at_s)
    hooks = sum(is_hook for is_hook, _, _ in records)
    steps = told.commands() if records else []
    assert max(hooks, len(records) - hooks) <= len(steps) <= len(records)
    assert sum(step.source == "shell" for step in steps) == hooks


def ran(at_s: float, *argv: str, **more: object) -> Journal:
    """Return what `signoff run` told of one command."""
    run = Journal("run", 400, editor_pid=None)
    run.t_boot_ns = START_BOOT_NS + int((at_s - 0.1) * S)
    common = {"argv": list(argv), "cwd": "/home/ada/project", "exit_code": 1}
    run.step("command", **{**common, "duration_ns": S // 2, "run_ids": ["r1"], **more})
    return run


def told_with(told: Told, *runs: Journal) -> list[CommandStep]:
    writers = [told.hook.records(), told.editor.records(), *(run.records() for run in runs)]
    steps = assemble(writers, gathered_for()).steps
    return [step for step in steps if isinstance(step, CommandStep)]


@pytest.mark.parametrize("by_editor", [False, True])
def test_a_run_typed_at_a_prompt_is_one_command_with_its_words(by_editor: bool) -> None:
    told = Told()
    told.by_hook("signoff run -- pytest -q '😀𝄞 $X'", 20)
    if by_editor:
        told.by_editor("signoff run -- pytest -q '😀𝄞 $X'", 20.2)
    told.by_hook("git diff", 25, exit_code=0)
    run, other = told_with(told, ran(19.9, "pytest", "-q", "😀𝄞 1"))
    assert (run.source, run.argv, run.run_ids) == ("run", ("pytest", "-q", "😀𝄞 1"), ("run-0",))
    assert other.line == "git diff"


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("signoff run -- pytest -q && git push", ran(19.9, "pytest", "-q")),
        ("signoff run -- pytest", ran(19.9, "pytest", "-q")),
        ("signoff run -- pytest -q", ran(40, "pytest", "-q")),
        ("signoff run -- pytest -q", ran(19.9, "pytest", "-q", exit_code=0)),
        ("pytest -q", ran(19.9, "pytest", "-q")),
    ],
)
def test_a_line_that_is_more_or_other_than_the_run_stays(line: str, run: Journal) -> None:
    told = Told()
    told.by_hook(line, 20)
    assert len(told_with(told, run)) == 2


def test_a_run_that_told_nothing_leaves_its_line() -> None:
    told = Told()
    told.by_hook("signoff run -- pytest -q", 20)
    told.by_hook("signoff run -- pytest -q", 30)
    steps = told_with(told, ran(29.9, "pytest", "-q"))
    assert [step.source for step in steps] == ["shell", "run"]
