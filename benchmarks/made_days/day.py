"""One made-up day of eight hours, as an episode: same seed, same bytes.

50,000 edits in 60 files, 300 test runs of 400 cases, 2,000 findings that come and go, 400
commands with output, 40 git operations, 20,000 views. What is typed are lines of the standard
library, key by key, with slips taken back, at other places of the same library's files.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.episode.content import Edit, EditTable, Episode
from signoff_schemas.cases import Cases
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import (
    CommandStep,
    DiagnosticsStep,
    GitStep,
    OpenStep,
    SaveStep,
    TestsStep,
    ViewStep,
)
from signoff_schemas.values import Diagnostic, LineSpan, Output, TestCase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_schemas.steps import StepBase

EDITS: Final = 50_000
FILES: Final = 60
TEST_RUNS: Final = 300
CASES: Final = 400
FINDINGS: Final = 2_000
COMMANDS: Final = 400
OPERATIONS: Final = 40
VIEWS: Final = 20_000
HOURS: Final = 8
_MS: Final = 10**6
_LINES: Final = 250
_TYPED, _OBSERVED = 0, 0
Made = TypeVar("Made", bound="StepBase")
_SOURCES: Final = ("lsp", "run", "git")


def make_day(seed: int, *, scale: float = 1.0, started_wall_ns: int | None = None) -> Episode:
    """Make a day.

    Args:
        seed: everything follows from it.
        scale: of all counts; 0.01 is a hundredth of a day.
        started_wall_ns: the wall clock at its beginning; None keeps the clock out of it.
    """
    return _Making(random.Random(seed), scale).run(f"made-{seed}", started_wall_ns)  # noqa: S311


class _Making:
    def __init__(self, source: random.Random, scale: float) -> None:
        self._source = source
        self._scale = scale
        self._lines = _library_lines(source)
        self._texts = [list(self._some_lines()) for _ in range(self._count(FILES))]
        self._names = [f"src/part_{n % 9}/module_{n}.py" for n in range(len(self._texts))]
        self._steps: list[StepBase] = []
        self._rows: list[Edit] = []
        self._seq = 0
        self._t_ms = 0
        self._wait_ms = HOURS * 3600 * 1000 / (self._count(EDITS) * 1.6)
        self._cases = [f"tests/test_{n % 40}.py::test_{self._word()}_{n}" for n in range(CASES)]

    def _count(self, whole: int) -> int:
        return max(1, int(whole * self._scale))

    def _some_lines(self) -> Iterator[str]:
        first = self._source.randrange(len(self._lines) - _LINES)
        yield from self._lines[first : first + self._source.randrange(_LINES // 3, _LINES)]

    def _word(self) -> str:
        words = [w for w in self._source.choice(self._lines).split() if w.isidentifier()]
        return self._source.choice(words) if words else "it"

    def run(self, name: str, started_wall_ns: int | None) -> Episode:
        blobs = tuple("".join(text).encode() for text in self._texts)
        for number, path in enumerate(self._names):
            self._add(_made(OpenStep, path=path, blob=number, language="python"))
        others = self._others()
        every = max(1, self._count(EDITS) // max(1, len(others)))
        for place, _ in enumerate(self._type()):
            if place % every == 0 and others:
                self._add(others.pop())
        while others:
            self._add(others.pop())
        header = EpisodeHeader(
            session=name,
            workspace=f"workspace-{self._source.randrange(1 << 32):08x}",
            sources=_SOURCES,
            started_wall_ns=started_wall_ns,
            duration_ns=self._t_ms * _MS,
            edits=len(self._rows),
            steps=self._seq,
        )
        return Episode(
            header=header,
            files=tuple(self._names),
            steps=tuple(self._steps),
            edits=EditTable.from_rows(self._rows),
            blobs=blobs,
        )

    def _add(self, step: StepBase) -> None:
        """Put the step here: what it was numbered before does not count."""
        self._t_ms += 1
        self._steps.append(step.model_copy(update={"seq": self._seq, "t_ns": self._t_ms * _MS}))
        self._seq += 1

    def _others(self) -> list[StepBase]:
        """Return everything that is no edit, in random order."""
        made: list[StepBase] = [
            *(self._view() for _ in range(self._count(VIEWS))),
            *(self._finding() for _ in range(self._count(FINDINGS))),
            *(self._command() for _ in range(self._count(COMMANDS))),
            *(self._operation() for _ in range(self._count(OPERATIONS))),
            *(self._test_run() for _ in range(self._count(TEST_RUNS))),
        ]
        self._source.shuffle(made)
        return made

    def _view(self) -> ViewStep:
        first = self._source.randrange(200)
        path = self._source.choice(self._names)
        return _made(ViewStep, path=path, visible=(LineSpan(first=first, last=first + 48),))

    def _finding(self) -> DiagnosticsStep:
        line = self._source.randrange(200)
        found = Diagnostic.model_validate(
            {
                "severity": "error",
                "code": f"E{self._source.randrange(900)}",
                "message": f"undefined name {self._word()!r}",
                "range": {
                    "start": {"line": line, "column": 4},
                    "end": {"line": line, "column": 12},
                },
            }
        )
        path = self._source.choice(self._names)
        return _made(DiagnosticsStep, path=path, server="pyright", appeared=(found,))

    def _command(self) -> CommandStep:
        head = "".join(self._source.sample(self._lines, 20))
        output = Output(head=head, tail="", middle_bytes=0)
        return _made(
            CommandStep,
            line=f"make {self._word()}",
            exit_code=self._source.choice((0, 0, 0, 1)),
            duration_ns=self._source.randrange(9_000) * _MS,
            output_state="full",
            output=output,
        )

    def _operation(self) -> GitStep:
        return _made(GitStep, operation="commit", message=f"{self._word()}: {self._word()}")

    def _test_run(self) -> TestsStep:
        bad = set(self._source.sample(self._cases, self._source.randrange(6)))
        return _made(
            TestsStep,
            run_id=f"r{self._source.randrange(1 << 30)}",
            framework="pytest",
            argv=("pytest", "-q"),
            exit_code=int(bool(bad)),
            cases=Cases(
                TestCase(
                    id=name,
                    outcome="failed" if name in bad else "passed",
                    duration_ns=self._source.randrange(90) * _MS,
                    message=f"AssertionError: {self._word()}" if name in bad else None,
                )
                for name in self._cases[: self._count(CASES)]
            ),
        )

    def _type(self) -> Iterator[None]:
        """Type lines, one key at a time; yields after each edit."""
        total = self._count(EDITS)
        while len(self._rows) < total:
            file = self._source.randrange(len(self._texts))
            text = self._texts[file]
            place = self._source.randrange(len(text) + 1)
            start = sum(map(len, text[:place]))
            line = self._source.choice(self._lines)
            at = start
            for char in line:
                if self._source.random() < 0.03:
                    self._edit(file, at, 0, self._source.choice("etaoin"))
                    self._edit(file, at, 1, "")
                    yield
                self._edit(file, at, 0, char)
                at += 1
                yield
            text.insert(place, line)
            if self._source.random() < 0.2:
                self._add(_made(SaveStep, path=self._names[file]))

    def _edit(self, file: int, start: int, deleted: int, text: str) -> None:
        self._t_ms += max(1, int(self._source.expovariate(1 / self._wait_ms)))
        self._rows.append(
            Edit(
                seq=self._seq,
                t_ns=self._t_ms * _MS,
                file=file,
                buffer=0,
                start=start,
                deleted=deleted,
                text=text,
                actor=_TYPED,
                basis=_OBSERVED,
            )
        )
        self._seq += 1


def _made(model: type[Made], **fields: object) -> Made:
    """Return a step that gets its number and its time later."""
    return model.model_validate({"seq": 0, "t_ns": 0, "source": "lsp", **fields})


def _library_lines(source: random.Random) -> list[str]:
    """Return lines of ten modules of the standard library."""
    folder = Path(os.__file__).parent
    names = sorted(path for path in folder.glob("*.py") if path.stat().st_size > 20_000)
    lines: list[str] = []
    for path in source.sample(names, 10):
        lines.extend(path.read_text("utf-8", "replace").splitlines(keepends=True))
    return [line for line in lines if len(line) < 200]
