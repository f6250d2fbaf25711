"""Random stretches of work: what people do at a desk, in any order."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_schemas.steps import DiagnosticsStep, GitStep, TaskStep
from signoff_schemas.words import ActorClass

OPENED = {path: f"# {path} 😀🚀\nassert one\n" for path in ("a.py", "tests/test_a.py")}
"""The files, and their texts at the start."""
MOVES = ("type", "type", "cut", "undo", "back", "save", "run", "run", "git", "note", "set", "find")
A, B = "tests/test_a.py::test_one", "tests/test_a.py::test_two 😀🚀"


@st.composite
def work(draw: st.DrawFn, *, is_task: bool = False) -> Episode:
    """Draw a stretch of work: typing, taking back, saving, running, looking, git, pauses.

    Args:
        draw: of hypothesis.
        is_task: one task, stated before all and green at its end, that only edits.
    """
    typist = Typist()
    if is_task or draw(st.booleans()):
        typist.add(TaskStep, text="first 😀🚀", stated="before_first_edit")
    for path, text in OPENED.items():
        typist.open(path, text)
    for number in range(draw(st.integers(1, 30))):
        path = draw(st.sampled_from(["a.py", "a.py", "tests/test_a.py"]))
        text = typist.texts[path]
        typist.wait(
            draw(st.sampled_from([50, 900, 4_000] if is_task else [50, 900, 4_000, 30 * 60_000]))
        )
        match draw(st.sampled_from(MOVES[:6] if is_task else MOVES)):
            case "type":
                line = f"    value_{number} = call(one, two, three, '😀🚀')\n"
                typist.type(path, draw(st.integers(0, len(text))), line * draw(st.integers(1, 3)))
            case "cut" | "undo" as how:
                start = draw(st.integers(0, len(text)))
                count = draw(st.integers(0, len(text) - start))
                actor = ActorClass.UNDO if how == "undo" else ActorClass.TYPED
                typist.edit(path, start, count, "", actor)
            case "back":
                typist.backspace(path, len(text), min(len(text), draw(st.integers(0, 90))))
            case "save":
                typist.save(path)
            case "run":
                outcomes = st.sampled_from(["passed", "failed", "error", "skipped"])
                run_tests(typist, draw(st.dictionaries(st.sampled_from([A, B]), outcomes)))
            case "git":
                told = draw(st.sampled_from(["commit", "restore", "stash", "checkout"]))
                item = {"path": path, "blob": typist.blob(b"# as it was\n")}
                typist.add(GitStep, operation=told, branch=draw(st.sampled_from([None, "b"])),
                           disk=() if told == "commit" else (item,))  # fmt: skip
            case "note":
                typist.add(TaskStep, text="next 😀🚀", stated="during")
            case "set":
                typist.command(draw(st.sampled_from([("pip", "install", "x"), ("make",)])))
            case _:
                told = draw(st.sampled_from(["appeared", "cleared"]))
                typist.add(DiagnosticsStep, path=path, **{told: ({"message": "no 😀🚀"},)})
    if is_task:
        for path in OPENED:
            typist.save(path)
        for outcome in ("failed", "passed"):
            run_tests(typist, {A: outcome})
    return typist.episode()
