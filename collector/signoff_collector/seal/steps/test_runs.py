"""Builds `tests` steps: from recorded test runs, and from command lines that run tests.

A run recorded by `signoff run` is journalled before its command, so its `state_after` is set when
the command is processed. A shell command recognised as a test run (`runners.py`) gives a `tests`
step with what is certain: the runner, the exit code where it is the runner's own, and the cases
when a complete `go test -json` stream was kept. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.runs.runners import Runner, recognise
from signoff_collector.capture.test_results.go_test import GoTestStream
from signoff_schemas.steps import TestsStep
from signoff_schemas.untyped import items_of
from signoff_schemas.values import Actor

if TYPE_CHECKING:
    from signoff_collector.seal.building.building import Builder

_MAX_RUNS: Final = 1_000


class TestRuns:
    """Tracks test runs and links them to their commands while records are processed."""

    __test__ = False

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._begun: dict[str, int] = {}
        """Run id to the index of its step."""
        self._names: dict[str, str] = {}
        """Journalled run id, which contains a random token, to its id in the episode."""
        self._derived = 0

    def take(self, kind: str, source: str, fields: dict[str, object], state: int) -> None:
        """Process a `tests` or `command` step before it is added, with the current state.

        Sets `state_after`, here or in the runs of a command; may add a step before the command.
        """
        if kind == "command":
            self._end(source, fields, state)
            return
        fields["state_after"] = state
        run_id = fields.get("run_id")
        if isinstance(run_id, str) and len(self._begun) < _MAX_RUNS:
            fields["run_id"] = run_id = self._name(run_id)
            self._begun[run_id] = len(self._builder.steps)

    def _name(self, run_id: str) -> str:
        """Return the id of a run in the episode; its command may be processed before it."""
        return self._names.setdefault(run_id, f"run-{len(self._names)}")

    def _end(self, source: str, command: dict[str, object], state: int) -> None:
        run_ids = command.get("run_ids")
        told = items_of(run_ids)
        if told or not isinstance(command.get("exit_code"), int | None):
            named = [self._name(item) if isinstance(item, str) else item for item in told]
            if told:
                command["run_ids"] = named
            run_ids = [item for item in named if isinstance(item, str)]
            self._complete(run_ids, state, command.get("actor"))
            return
        runner = recognise(_words(command))
        if runner is not None:
            run_id = f"{source}-{self._derived}"
            self._derived += 1
            fields = _derived(run_id, runner, command, state)
            if self._builder.add("tests", source, fields) is not None:
                command["run_ids"] = [run_id]

    def _complete(self, run_ids: Sequence[str], state: int, actor: object) -> None:
        steps = self._builder.steps
        for run_id in run_ids:
            place = self._begun.pop(run_id, len(steps))
            step = steps[place] if place < len(steps) else None
            if isinstance(step, TestsStep) and step.run_id == run_id:  # else it was not valid
                by = actor if step.actor == Actor() and isinstance(actor, Actor) else step.actor
                steps[place] = step.model_copy(update={"state_after": state, "actor": by})


def _words(command: Mapping[str, object]) -> str | list[str]:
    """Return the line of a command, or its arguments when it has no line."""
    line = command.get("line")
    if isinstance(line, str):
        return line
    argv = command.get("argv")
    items = items_of(argv)
    return [item for item in items if isinstance(item, str)]


def _derived(
    run_id: str, runner: Runner, command: Mapping[str, object], state: int
) -> dict[str, object]:
    """Return the fields of a `tests` step derived from a command."""
    code = command.get("exit_code")
    return {
        "run_id": run_id,
        "framework": runner.framework,
        "argv": list(runner.argv),
        "exit_code": runner.exit_code(code) if type(code) is int else None,
        "duration_ns": command.get("duration_ns") if runner.tells == "always" else None,
        "exactness": "unknown",
        "state_after": state,
        "state": state,
        "env": command.get("env"),
        "t_kind": command.get("t_kind"),
        "actor": command.get("actor"),
        **_told_by_output(runner, command),
    }


def _told_by_output(runner: Runner, command: Mapping[str, object]) -> dict[str, object]:
    output = command.get("output")
    is_whole = command.get("output_state") == "full" and isinstance(output, Mapping)
    if not runner.writes_json or not is_whole:
        return {}
    head = cast("Mapping[str, object]", output).get("head")
    stream = GoTestStream()
    stream.add(head.encode("utf-8", "replace") if isinstance(head, str) else b"")
    report = stream.finish()
    if report is None:
        return {}
    return {
        "cases": [dict(case) for case in report.cases],
        "not_run": report.not_run,
        "stopped_early": report.stopped_early,
    }
