"""A recorded story for players: long files that change, tests that fail, do not load, and pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.history import ended_session
from tests.support.review_browser import codename
from tests.support.seal_journals import Journal

from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

ASTRAL: Final = "\U0001f600\U0001f603"
FOLDERS: Final = "src/" + "/".join(f"folder_with_a_long_name_{n}" for n in range(5))
COUNTING: Final = f"{FOLDERS}/counting_words.py"
OTHER: Final = "src/other.py"
FAILING: Final = f"tests/test_counting.py::test_lines_are_counted {ASTRAL}"
SAYS: Final = f"E   AssertionError: three lines {ASTRAL} were counted as four"
UNLOADED: Final = 130
"""How many files of tests could not be loaded."""
NEEDLE: Final = codename(20261125)
"""In the midst of a long output, and nowhere else."""
CHANGED_LINES: Final = (20, 200, 390)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Where the episode lies."""

    episode: Path


def sealed_story(root: Path) -> Story:
    """Record the story, and seal it for real."""
    journal = Journal(root=root)
    journal.step("task", text=f"Count lines right {ASTRAL}", stated="before_first_edit")
    text = "".join(f"value_{n} = {n}  # {ASTRAL}\n" for n in range(1, 421))
    _edit(journal, COUNTING, text, CHANGED_LINES)
    _edit(journal, OTHER, "first = 1\nsecond = 2\nthird = 3\n", (2,))
    _run(journal, "run-1", {FAILING: _message()}, passed=4)
    journal.wait(30)
    for number in range(12):
        journal.change(OTHER, (0, 0), (0, 0), f"# try {number} {ASTRAL}\n", 10 + number)
    _command(journal, "make lint", "nothing to complain of\n")
    journal.wait(900)
    unloaded = {f"tests/test_{n:03}.py": "E   ModuleNotFoundError: no such module"
                for n in range(UNLOADED)}  # fmt: skip
    _run(journal, "run-2", unloaded, passed=0, outcome="error", exit_code=2)
    journal.wait(20)
    journal.change(OTHER, (0, 0), (0, 0), "# found\n", 30)
    _run(journal, "run-3", {}, passed=5, names=[FAILING])
    journal.step("git", operation="commit", head_after="12" * 20, branch="refs/heads/main",
                 message=f"count lines right {ASTRAL}\n")  # fmt: skip
    journal.wait(1500)
    journal.step("task", text="Write down what was learnt", stated="during")
    journal.open("notes.md", "")
    journal.change("notes.md", (0, 0), (0, 0), f"Lines end, or they do not. {ASTRAL}\n", 1)
    output = "".join(f"{n} of the lines of a long output\n" for n in range(1, 3001))
    _command(journal, "cat everything", f"{output}the needle {NEEDLE} {ASTRAL} in it\n{output}")
    journal.wait(1)
    journal.change("notes.md", (0, 0), (0, 0), "Now.\n", 2)
    session = ended_session(root, journal)
    return Story(episode=seal_session(session, resolve_home(), SystemClock()).path)


def _edit(journal: Journal, path: str, text: str, lines: tuple[int, ...]) -> None:
    """Open a file and change some of its lines, counted from 1; the last of them goes."""
    journal.open(path, text)
    for version, line in enumerate(lines, 1):
        journal.change(path, (line - 1, 0), (line - 1, 5), f"told_{line}_", version)


def _message() -> str:
    before = "".join(f"    line {n} of the test's text\n" for n in range(40))
    return f"def test_lines_are_counted():\n{before}>       assert counted == 3\n{SAYS}\n"


def _run(
    journal: Journal, run: str, failing: dict[str, str], *, passed: int,
    outcome: str = "failed", exit_code: int | None = None, names: list[str] | None = None,
) -> None:  # fmt: skip
    good = names or []
    good += [f"tests/test_counting.py::test_{n}" for n in range(passed - len(good))]
    cases = [{"id": name, "outcome": "passed"} for name in good]
    cases += [
        {"id": name, "outcome": outcome, "message": message} for name, message in failing.items()
    ]
    code = (1 if failing else 0) if exit_code is None else exit_code
    journal.step(
        "tests", run_id=run, framework="pytest", argv=["pytest", "-q"], cases=cases,
        exit_code=code, duration_ns=2_000_000_000, collected=passed + len(failing),
    )  # fmt: skip


def _command(journal: Journal, line: str, output: str) -> None:
    journal.step(
        "command", line=line, exit_code=0, duration_ns=800_000_000, tty=True,
        output_state="full", output_bytes=len(output.encode()), output={"head": output, "tail": ""},
    )  # fmt: skip
