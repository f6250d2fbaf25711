"""Steps told to a stranger."""

from __future__ import annotations

import pytest
from tests.support.episodes import ASTRAL, MS, SOURCE
from tests.support.player import with_steps

from signoff_collector.replay.masking import masked_step, unmasked
from signoff_collector.replay.outputs import full_text, problem_line
from signoff_collector.replay.problems import problems_at
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.story import duration_text, told
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CommandStep,
    DiagnosticsStep,
    EnvironmentStep,
    FilesStep,
    FocusStep,
    GapStep,
    GitStep,
    NoteStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    SearchStep,
    StepBase,
    TaskStep,
    TestsStep,
    UnknownStep,
    ViewStep,
)
from signoff_schemas.values import Diagnostic
from signoff_schemas.words import GapReason


def make(model: type[StepBase], **fields: object) -> StepBase:
    return model.model_validate({"seq": 0, "t_ns": 0, "source": SOURCE, **fields})


CASES = ({"id": "t::a", "outcome": "passed"}, {"id": f"t::{ASTRAL}", "outcome": "error"})


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (make(TaskStep, text=ASTRAL, outcome="solved"), f"task        {ASTRAL} — solved"),
        (make(CommandStep, argv=("a", "b c")), "ran         a 'b c' → end not seen"),
        (
            make(CommandStep, line=ASTRAL, exit_code=0, duration_ns=12_000 * MS),
            f"ran         {ASTRAL} → ✓ exit 0 after 12 s",
        ),
        (make(CommandStep, line="x", signal=9), "ran         x → ✗ ended by signal 9"),
        (
            make(CommandStep, line="x", exit_code=1, agent_marker="codex"),
            "ran         x (run by codex) → ✗ exit 1",
        ),
        (
            make(TestsStep, run_id="r", framework="pytest", cases=CASES, duration_ns=90 * MS),
            f"tests       ✗ pytest: 1 error, 1 passed in 0.1 s; first: t::{ASTRAL}",
        ),
        (make(TestsStep, run_id="r", framework="go"), "tests       ? go: no results"),
        (make(GitStep, operation="commit", message=f"{ASTRAL}\n\nwhy"), f"commit      {ASTRAL}"),
        (
            make(AgentStep, tool="codex", event="tool_call", tool_name="Write", paths=("a", "b")),
            "agent       codex calls Write: a, b",
        ),
        (
            make(AgentStep, tool="codex", event="prompt"),
            "agent       codex was asked (its words are not recorded)",
        ),
        (
            make(AgentStep, tool="codex", event="tool_result", tool_name="Bash", failed=True),
            "agent       codex ✗ Bash failed",
        ),
        (make(AgentStep, tool="codex", event="end"), "agent       codex is done"),
        (
            make(GapStep, reason=GapReason.IDLE, duration_ns=900_000 * MS, basis="inferred"),
            "gap         … no activity for 15 min (inferred)",
        ),
        (
            make(DiagnosticsStep, path="a", appeared=({"message": ASTRAL},)),
            f"problems    a: 1 problem came: {ASTRAL}",
        ),
        (
            make(FilesStep, changed_count=4, actor={"class": "assistant"}),
            "files       4 files changed on disk by assistant",
        ),
        (make(SaveStep, path="a", matched=False), "saved       a (the disk has another text)"),
        (make(RenameStep, path="b", old_path="a"), "renamed     a → b"),
        (
            make(ResyncStep, path="a", reason="missed_change", target="disk"),
            "corrected   a: file on disk replaced: a change was not recorded",
        ),
        (
            make(ViewStep, path="a", visible=({"first": 0, "last": 9},)),
            "looked at   a:1-10",
        ),
        (
            make(SearchStep, query=ASTRAL, scope="file", hits=1),
            f"searched    {ASTRAL!r} in file, 1 hit",
        ),
        (
            make(AssistStep, feature="inline_suggestion", provider="p", outcome="accepted"),
            "assist      inline suggestion by p accepted",
        ),
        (make(FocusStep, gained=False, to="terminal"), "focus       went to terminal"),
        (make(EnvironmentStep, os="Linux"), "tools       Linux"),
        (
            make(UnknownStep, kind="dance"),
            "unknown     a step of kind 'dance', which this release does not know",
        ),
    ],
)  # fmt: skip
def test_each_kind_is_told_in_words(step: StepBase, words: str) -> None:
    assert told(step).line == words


@pytest.mark.parametrize("reason", list(GapReason))
def test_every_reason_of_a_gap_has_words(reason: GapReason) -> None:
    assert told(make(GapStep, reason=reason)).text.startswith("… ")


def test_lengths_of_time_are_told_in_their_own_units() -> None:
    seconds = (0.25, 9.9, 59, 300, 8 * 3600)
    assert [duration_text(int(one * 1e9)) for one in seconds] == [
        "0.2 s", "9.9 s", "59 s", "5 min", "8 h 0 min"
    ]  # fmt: skip


def test_the_full_words_of_a_run_begin_with_what_failed() -> None:
    step = make(TestsStep, run_id="r", framework="pytest", argv=("pytest", "-q"), cases=CASES)
    lines = full_text(step).split("\n")
    assert lines[0] == "$ pytest -q"
    assert lines[1].startswith("error    t::")


def test_problems_come_and_go() -> None:
    first, second = Diagnostic(message="one", code="E1"), Diagnostic(message=ASTRAL)
    moved = Diagnostic.model_validate(
        {"message": "one", "code": "E1", "range": {"start": {"line": 3, "column": 0},
         "end": {"line": 3, "column": 1}}}
    )  # fmt: skip
    common = {"source": SOURCE, "path": "a.py"}
    episode = with_steps(
        DiagnosticsStep.model_validate(
            {**common, "seq": 22, "t_ns": 3000 * MS, "appeared": (first, second)}
        ),
        DiagnosticsStep.model_validate(
            {**common, "seq": 23, "t_ns": 3100 * MS, "cleared": (moved,)}
        ),
    )
    reel = Reel(episode)
    assert problems_at(reel, 21) == []
    assert problems_at(reel, 22) == [("a.py", first), ("a.py", second)]
    assert problems_at(reel, 23) == [("a.py", second)]
    assert problem_line(moved, "a.py") == "a.py:4 E1: one"


def test_a_step_is_masked_before_it_is_cut() -> None:
    note = NoteStep(seq=0, t_ns=0, source=SOURCE, text=f"{'x' * 55}secret{ASTRAL}")
    shown = told(masked_step(note, lambda text: text.replace("secret", "*")))
    assert "sec" not in shown.text
    assert masked_step(note, unmasked) is note
    assert masked_step(note, str) is note
    run = make(TestsStep, run_id="r", framework="pytest", cases=CASES)
    odd = masked_step(run, lambda text: text.replace("passed", "*"))
    assert told(odd).word == "unknown"


@pytest.mark.parametrize("end", [{"exit_code": 130}, {"signal": 2}])
def test_what_a_person_interrupted_did_not_fail(end: dict[str, int]) -> None:
    one = told(make(CommandStep, line=f"make {ASTRAL}", **end))
    assert (one.text, one.mood) == (f"make {ASTRAL} → interrupted", "")
    run = told(make(TestsStep, run_id="r", framework="pytest", exit_code=130))
    assert (run.text, run.mood) == ("interrupted, pytest: no results", "")
