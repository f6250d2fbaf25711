"""The full text of a step: outputs, results, messages."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final, assert_never

from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CommandStep,
    DiagnosticsStep,
    DiskStep,
    EnvironmentStep,
    FilesStep,
    FileStep,
    GitStep,
    NoteStep,
    SearchStep,
    SeenStep,
    TaskStep,
    TestsStep,
    ToldStep,
    UnknownStep,
    step_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_schemas.cases import Cases
    from signoff_schemas.steps import AnyStep
    from signoff_schemas.values import Diagnostic, Output, TestCase

KINDS_ON_A_SCREEN: Final = frozenset(
    {"command", "tests", "agent", "git", "note", "task", "diagnostics", "assist", "files"}
)
"""Kinds whose full text is worth a screen of its own."""
_BAD: Final = frozenset({"failed", "error"})


def full_text(step: AnyStep) -> str:
    """Return the full text of a step, in several lines."""
    return "\n".join(_lines(step))


def _lines(step: AnyStep) -> Iterator[str]:  # noqa: PLR0912  # one case per kind
    match step:
        case CommandStep():
            yield f"$ {step.line or shlex.join(step.argv)}"
            if step.cwd:
                yield f"in {step.cwd}"
            if step.output is None:
                yield "(its output was not recorded)"
            else:
                yield from _output(step.output)
        case TestsStep():
            yield f"$ {shlex.join(step.argv)}" if step.argv else step.framework
            yield from _results(step.cases)
        case AgentStep():
            parts = (step.tool, step.model, step.event, step.tool_name, step.line)
            yield " ".join(filter(None, parts))
            yield from step.paths
            yield from filter(None, (step.text, step.foreign))
        case GitStep(operation=operation, message=message):
            named = (step.branch or "", step.head_after or "")
            yield " ".join(filter(None, (operation, *named)))
            if message:
                yield message
        case DiagnosticsStep():
            yield from (f"+ {problem_line(one, step.path)}" for one in step.appeared)
            yield from (f"- {problem_line(one, step.path)}" for one in step.cleared)
        case AssistStep():
            yield " ".join(filter(None, (step.feature, step.provider, step.outcome)))
            yield from (f"offered {label}" for label in step.offered)
            yield from (text for text in (step.chosen, step.inserted) if text)
        case NoteStep(text=text) | TaskStep(text=text):
            yield text
        case SearchStep(query=query):
            yield query
        case FilesStep():
            yield from (item.path for item in step.changed)
        case EnvironmentStep():
            packages = {**step.installed, **step.distributions}
            yield from (f"{name} {value}" for name, value in packages.items())
            if step.installed_unnamed:
                yield f"{step.installed_unnamed} more"
        case FileStep() | DiskStep() | SeenStep() | ToldStep() | UnknownStep():
            yield json.dumps(step_json(step), ensure_ascii=False, indent=1, default=str)
        case _:
            assert_never(step)


def _output(output: Output) -> Iterator[str]:
    yield output.head
    if output.middle_bytes or output.middle_lines:
        yield f"… {output.middle_lines} lines, {output.middle_bytes} bytes not kept …"
    if output.tail:
        yield output.tail


def _results(cases: Cases) -> Iterator[str]:
    """Yield the outcome of every test, failures first; parses only cases with details.

    A search reads every run of a day: 120,000 cases.
    """
    columns = zip(cases.ids, cases.outcomes, cases.durations_ns, strict=True)
    rows = [f"{outcome:<8} {name}{_took(spent)}" for name, outcome, spent in columns]
    bad = [at for at, outcome in enumerate(cases.outcomes) if outcome in _BAD]
    talkative, first = set(cases.talkative), set(bad)
    for at in (*bad, *(at for at in range(len(rows)) if at not in first)):
        yield rows[at]
        if at in talkative:
            yield from _more(cases[at])


def _took(duration_ns: int | None) -> str:
    return "" if duration_ns is None else f" {duration_ns / 1e9:.2f} s"


def _more(case: TestCase) -> Iterator[str]:
    if case.frame is not None:
        yield f"         at {case.frame.path}:{case.frame.line}"
    if case.message:
        yield from (f"         {line}" for line in case.message.split("\n"))


def problem_line(problem: Diagnostic, path: str | None) -> str:
    """Format one diagnostic on one line."""
    line = "" if problem.range is None else f":{problem.range.start.line + 1}"
    about = " ".join(filter(None, (problem.severity, problem.code)))
    return f"{path or ''}{line} {about}: {problem.message}".strip()
