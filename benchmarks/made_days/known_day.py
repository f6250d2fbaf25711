"""A made day whose truth is known: which steps were a task, an attempt, a dead end, a revert.

The person in it works as people do: looks around, writes a test first or breaks one, tries what is
wrong and takes it back by undo, by hand or by git, slips and corrects, is called away, runs what
collects nothing, moves code to another place. What the levels should find is written down as it is
done; nothing of it is read from the levels.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_schemas.steps import (
    DiagnosticsStep,
    FocusStep,
    GitStep,
    SearchStep,
    ViewStep,
)
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

_MINUTE_MS: Final = 60_000
_SYLLABLES: Final = ("ba", "ko", "ri", "ten", "lu", "mos", "fir", "ga", "ped", "zu", "nor", "vi")
_WAYS_BACK: Final = ("undo", "slow undo", "hand", "keys", "git", "rest", "elsewhere", "stays")
"""How something wrong is taken back, or is not."""
Span = tuple[int, int]
Turn = tuple[str, int, int]
"""Test, last red run, green run."""
Phase = tuple[str, int, int]
"""Name, first and last step."""


@dataclass(slots=True, kw_only=True)
class Truth:
    """What was really done, as spans of `seq`."""

    tasks: list[Span] = field(default_factory=list[Span])
    attempts: list[Span] = field(default_factory=list[Span])
    red_green: list[Turn] = field(default_factory=list[Turn])
    """Those with a change between."""
    green_red: list[Turn] = field(default_factory=list[Turn])
    """Test, green run, red run; those with a change between."""
    phases: list[Phase] = field(default_factory=list[Phase])
    weakened: list[Turn] = field(default_factory=list[Turn])
    flaky: list[Turn] = field(default_factory=list[Turn])
    dead_ends: list[Span] = field(default_factory=list[Span])
    reverts: list[Span] = field(default_factory=list[Span])
    diagnostics: list[Span] = field(default_factory=list[Span])


def known_day(seed: int, *, tasks: int = 8) -> tuple[Episode, Truth]:
    """Make a day of some tasks; everything follows from the seed."""
    return _Day(random.Random(seed)).run(tasks)  # noqa: S311


class _Day:
    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._typist = Typist(key_ms=source.choice((60, 90, 140)))
        self._truth = Truth()
        self._paths = [f"src/{self._word()}_{n}.py" for n in range(6)]
        self._tests: dict[str, str] = {}
        """Outcome of each test now."""
        self._last_run = -1
        self._last_red: dict[str, int] = {}
        self._last_green: dict[str, tuple[int, int]] = {}
        """Of each test: the run, and how many files had been written until then."""
        self._writes = 0
        self._rows = 0
        """How many edits belong to attempts that have ended."""
        self._numbers = 0

    def run(self, tasks: int) -> tuple[Episode, Truth]:
        typist = self._typist
        for path in self._paths:
            lines = [self._line() for _ in range(self._source.randrange(20, 60))]
            typist.open(path, f"# 😀🚀 {path}\n" + "".join(lines))
        for path in self._paths:
            typist.open(_test_file(path), f"# 😀🚀 tests of {path}\n")
        first = 0
        for number in range(tasks):
            self._task(is_last=number == tasks - 1)
            self._truth.tasks.append((first, typist.seq - 1))
            first = typist.seq
        if self._last_run < typist.seq - 1:
            self._end_attempt(typist.seq - 1, "other")
        return typist.episode(), self._truth

    # One task

    def _task(self, *, is_last: bool) -> None:
        source, typist = self._source, self._typist
        path = source.choice(self._paths)
        if source.random() < 0.4:
            typist.begin_task(f"{self._word()} 😀🚀 {self._word()}")
        elif source.random() < 0.3:
            typist.add(GitStep, operation="checkout", branch=self._word())
        self._look(path)
        test = self._write_test(path) if source.random() < 0.6 else self._break_test(path)
        for _ in range(source.choice((0, 1, 1, 2))):
            (self._swap if source.random() < 0.15 else self._wrong)(path, test)
            if source.random() < 0.2:
                self._call_away()
        if source.random() < 0.15 and self._can_weaken(path, test):
            self._weaken(path, test)
        else:
            self._right(path, test)
        if source.random() < 0.3:
            self._move(path)
        if source.random() < 0.2:
            self._flake(path)
        if source.random() < 0.8:
            self._noise(path)
            typist.commit(f"{self._word()} {self._word()}")
        elif not is_last:
            typist.wait(source.randrange(25, 90) * _MINUTE_MS)

    def _look(self, path: str) -> None:
        typist = self._typist
        for _ in range(self._source.randrange(1, 5)):
            typist.wait(self._source.randrange(500, 9_000))
            where = self._source.choice((path, *self._paths))
            typist.add(ViewStep, path=where, visible=({"first": 1, "last": 30},))
        if self._source.random() < 0.5:
            typist.add(SearchStep, query=self._word(), scope="workspace", hits=3)
        typist.wait(4_000)

    def _write_test(self, path: str) -> str:
        test = f"{_test_file(path)}::test_{self._word()}_{self._count()}"
        name = test.partition("::")[2]
        body = f"def {name}():\n    assert {self._word()}({self._word()}) == {self._count()}\n"
        self._type(_test_file(path), body)
        self._save(_test_file(path))
        self._run({**self._of(path), test: "failed"})
        return test

    def _break_test(self, path: str) -> str:
        known = [name for name in self._tests if name.startswith(_test_file(path) + "::")]
        if not known:
            return self._write_test(path)
        test = self._source.choice(known)
        self._type(path, "".join(self._line() for _ in range(2)))
        self._save(path)
        self._run({**self._of(path), test: "failed"})
        return test

    def _wrong(self, path: str, test: str) -> None:
        """Try something that stays red, and take it back, or leave it."""
        typist, source = self._typist, self._source
        self._noise(path)
        before = typist.texts[path]
        place = self._place(path)
        put = "".join(self._line() for _ in range(source.randrange(5, 9)))
        first = typist.seq
        is_flux = source.random() < 0.3
        self._finding(path, flux=is_flux, while_typing=put, place=place)
        last = typist.seq - 1
        self._save(path)
        self._run({**self._of(path), test: "failed"})
        typist.wait(source.randrange(3_000, 20_000))
        way = source.choice(_WAYS_BACK)
        if way == "stays":
            return
        if way in {"undo", "slow undo", "keys"}:
            self._take_back_in_pieces(way, path, place, put)
        elif way == "git":
            blob = typist.blob(before.encode())
            item = {"path": path, "blob": blob}
            typist.add(GitStep, operation="restore", disk=(item,))
            typist.edit(path, 0, len(typist.texts[path]), before, ActorClass.GIT)
        else:
            if way == "elsewhere":  # something else is written first, and stays
                self._keys(path, len(typist.texts[path]), self._line())
                typist.wait(source.randrange(500, 6_000))
            kept = put.partition("\n")[0] + "\n" if way == "rest" else ""
            typist.edit(path, place + len(kept), len(put) - len(kept), "")
            first += len(kept)
        self._truth.reverts.append((first, typist.seq - 1))
        self._truth.dead_ends.append((first, last))
        self._save(path)

    def _take_back_in_pieces(self, way: str, path: str, place: int, put: str) -> None:
        """Undo at once, undo with a look at what is left after each step, or by the key."""
        typist, source = self._typist, self._source
        size = {"undo": 40, "slow undo": 60, "keys": 1}[way]
        actor = ActorClass.TYPED if way == "keys" else ActorClass.UNDO
        for low in range(len(put) - len(put) % size, -1, -size):
            piece = put[low : low + size]
            if not piece:
                continue
            typist.edit(path, place + low, len(piece), "", actor)
            waits = {"undo": 120, "slow undo": source.randrange(800, 5_000)}
            typist.wait(waits.get(way, 3_000 if source.random() < 0.1 else 40))

    def _swap(self, path: str, test: str) -> None:
        """Try another word in a line, and put the old one back."""
        typist = self._typist
        lines = typist.texts[path].split("\n")
        row = self._source.choice([at for at, line in enumerate(lines) if " = " in line])
        place = sum(len(line) + 1 for line in lines[:row]) + lines[row].index(" = ") + 3
        old = lines[row].partition(" = ")[2].partition("(")[0]
        new = self._word()
        first = typist.seq
        typist.edit(path, place, len(old), "")
        self._keys(path, place, new, is_fast=True)
        self._save(path)
        self._run({**self._of(path), test: "failed"})
        typist.wait(4_000)
        typist.edit(path, place, len(new), "")
        self._keys(path, place, old, is_fast=True)
        self._truth.reverts.append((first, typist.seq - 1))
        self._save(path)

    def _right(self, path: str, test: str) -> None:
        self._type(path, "".join(self._line() for _ in range(self._source.randrange(1, 5))))
        self._save(path)
        self._run({**self._of(path), test: "passed"})

    def _can_weaken(self, path: str, test: str) -> bool:
        body = f"def {test.partition('::')[2]}():\n    assert "
        return f"{body}True" not in self._typist.texts[_test_file(path)] and (
            body in self._typist.texts[_test_file(path)]
        )

    def _weaken(self, path: str, test: str) -> None:
        file = _test_file(path)
        text = self._typist.texts[file]
        name = test.partition("::")[2]
        at = text.index("    assert", text.index(f"def {name}("))
        end = text.index("\n", at)
        new = self._source.choice(("    pass", "    assert True"))
        self._typist.edit(file, at, end - at, new)
        self._save(file)
        red = self._last_red[test]
        self._run({**self._of(path), test: "passed"})
        self._truth.weakened.append((test, red, self._typist.seq - 1))

    def _move(self, path: str) -> None:
        """Cut some lines and paste them elsewhere: no dead end."""
        typist = self._typist
        put = "".join(self._line() for _ in range(5))
        self._type(path, put)
        typist.wait(6_000)
        place = typist.texts[path].index(put)
        typist.edit(path, place, len(put), "")
        typist.wait(3_000)
        other = self._source.choice(self._paths)
        typist.edit(other, len(typist.texts[other]), 0, put, ActorClass.PASTED)
        self._save(path)
        self._save(other)

    def _flake(self, path: str) -> None:
        """Run twice without a change, with unlike outcomes."""
        names = self._of(path)
        if not names:
            return
        test = self._source.choice(sorted(names))
        self._run({**names, test: "failed"})
        red = self._typist.seq - 1
        self._run({**names, test: "passed"}, has_change=False)
        self._truth.flaky.append((test, red, self._typist.seq - 1))

    # What surrounds it

    def _noise(self, path: str) -> None:
        """Do what is no work: look, leave, run what tells nothing, slip."""
        typist, source = self._typist, self._source
        match source.randrange(7):
            case 0:
                typist.command(("ls", "-l"), exit_code=0)
            case 1:
                run_tests(typist, {}, exit_code=130)
            case 2:
                run_tests(typist, {}, exit_code=5, selection=("-k", "nothing"))
            case 3:
                typist.add(FocusStep, gained=False, to="other")
                typist.wait(source.randrange(5_000, 400_000))
                typist.add(FocusStep, gained=True)
            case 4:
                self._type(path, f"# {self._word()}\n")
            case 5:
                typist.command(("mypy", "."), exit_code=None)
            case _:
                self._look(path)

    def _call_away(self) -> None:
        """Have lunch in the middle of a task."""
        self._typist.wait(self._source.randrange(2, 40) * _MINUTE_MS)

    def _finding(self, path: str, *, flux: bool, while_typing: str, place: int) -> None:
        """Type something at which a language server finds a fault."""
        typist = self._typist
        server = {"path": path, "server": "pyright"}
        finding = {
            "message": f"{self._word()} is not defined {self._count()}",
            "range": {
                "start": {"line": 3, "column": 0},
                "end": {"line": 3, "column": 3},
            },
        }
        half = len(while_typing) // 2
        self._keys(path, place, while_typing[:half])
        born = typist.add(DiagnosticsStep, **server, appeared=(finding,)).seq
        if flux:
            self._keys(path, place + half, while_typing[half : half + 4], is_fast=True)
            typist.add(DiagnosticsStep, **server, cleared=(finding,))
            self._keys(path, place + half + 4, while_typing[half + 4 :])
            return
        self._keys(path, place + half, while_typing[half:])
        typist.wait(4_000)
        gone = typist.add(DiagnosticsStep, **server, cleared=(finding,)).seq
        self._truth.diagnostics.append((born, gone))

    def _type(self, path: str, text: str) -> None:
        self._keys(path, self._place(path), text)

    def _keys(self, path: str, place: int, text: str, *, is_fast: bool = False) -> None:
        """Type with pauses, slips that are taken back, and looks elsewhere."""
        typist, source = self._typist, self._source
        for char in text:
            if not is_fast and source.random() < 0.02:
                typist.edit(path, place, 0, source.choice("etaoin"))
                typist.wait(200)
                typist.edit(path, place, 1, "")
            typist.edit(path, place, 0, char)
            place += 1
            typist.wait(typist.key_ms)
            if not is_fast and char == "\n" and source.random() < 0.3:
                typist.wait(source.randrange(1_000, 8_000))
                if source.random() < 0.3:
                    typist.add(ViewStep, path=path, visible=({"first": 1, "last": 9},))

    def _save(self, path: str) -> None:
        self._typist.save(path)
        self._writes += 1
        self._typist.wait(500)

    def _run(self, outcomes: dict[str, str], *, has_change: bool = True) -> None:
        seq = run_tests(self._typist, outcomes, selection=("-x", "::"))
        self._end_attempt(seq, "validate")
        self._last_run = seq
        for name, outcome in outcomes.items():
            if outcome == "failed":
                green, writes = self._last_green.pop(name, (-1, self._writes))
                if writes < self._writes:
                    self._truth.green_red.append((name, green, seq))
                self._last_red[name] = seq
            else:
                self._last_green[name] = (seq, self._writes)
                if self._tests.get(name) == "failed" and has_change:
                    self._truth.red_green.append((name, self._last_red[name], seq))
            self._tests[name] = outcome
        self._typist.wait(2_000)

    def _end_attempt(self, seq: int, end: str) -> None:
        """Write down an attempt, and what was done in it: looking, writing, trying."""
        first = self._last_run + 1
        self._truth.attempts.append((first, seq))
        edited = [row.seq for row in self._typist.rows[self._rows :]]
        self._rows = len(self._typist.rows)
        bounds = [first, edited[0], edited[-1] + 1, seq + 1] if edited else [first, seq + 1]
        names = ("localise", "patch", end) if edited else (end,)
        self._truth.phases.extend(
            (name, low, high - 1)
            for name, low, high in zip(names, bounds, bounds[1:], strict=False)
            if low < high
        )

    def _of(self, path: str) -> dict[str, str]:
        file = _test_file(path)
        return {name: how for name, how in self._tests.items() if name.startswith(f"{file}::")}

    def _place(self, path: str) -> int:
        """Return the start of a random line, behind the first."""
        text = self._typist.texts[path]
        if path.startswith("tests/"):
            return len(text)
        starts = [at + 1 for at, char in enumerate(text) if char == "\n"]
        return self._source.choice(starts)

    def _line(self) -> str:
        words = [self._word() for _ in range(self._source.randrange(2, 6))]
        return f"    {words[0]}_{self._count()} = {words[1]}({', '.join(words[1:])})\n"

    def _word(self) -> str:
        return "".join(self._source.choice(_SYLLABLES) for _ in range(self._source.randrange(2, 5)))

    def _count(self) -> int:
        self._numbers += 1
        return self._numbers


def _test_file(path: str) -> str:
    return "tests/test_" + path.rpartition("/")[2]
