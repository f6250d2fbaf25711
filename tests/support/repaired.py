"""A task with a wrong turn, a pause and a repair: what a review asks about."""

from __future__ import annotations

from pathlib import Path

from tests.support.review_page import put_base
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import GapStep
from signoff_schemas.words import GapReason

PATH = "src/a.py"
TEST = "tests/test_a.py::test_a"


def repaired(*, pause_ms: int = 60_000, away: bool = False) -> tuple[Typist, dict[str, int]]:
    """Return a task with a wrong turn, a pause and a repair, and where each of them ended."""
    typist, at = Typist(), dict[str, int]()
    typist.open(PATH, "# 😀🚀\n")
    typist.type_at_end(PATH, "x = broken()\n")
    typist.save(PATH)
    run_tests(typist, {TEST: "failed"})
    typist.wait(3_000)
    wrong = "".join(f"    wrong_{n} = call(one, two, three)\n" for n in range(6))
    start = len(typist.texts[PATH])
    typist.type(PATH, start, wrong)
    at["dead_end"] = typist.seq - 2  # behind its last word stands the end of its line
    typist.save(PATH)
    run_tests(typist, {TEST: "failed"})
    typist.wait(3_000)
    typist.edit(PATH, start, len(wrong), "")
    typist.save(PATH)
    at["pause"] = run_tests(typist, {TEST: "failed"})
    if away:
        typist.add(GapStep, reason=GapReason.PAUSED, duration_ns=pause_ms * 1_000_000)
    typist.wait(pause_ms)
    typist.type_at_end(PATH, "y = right()  # 😀🚀\n")
    at["fix"] = typist.seq - 1
    typist.save(PATH)
    run_tests(typist, {TEST: "passed"})
    return typist, at


def repaired_base() -> Path:
    """Put it where sealed episodes lie."""
    typist, _ = repaired()
    return put_base(write_episode(Redactor(RedactionPolicy()).redact_episode(typist.episode())))
