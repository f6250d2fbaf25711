"""Interprets test runs: which tests failed, which passed, and which a run says nothing about.

The exit code of a run that was interrupted, crashed internally, was called wrongly or collected
no tests is no verdict; a run of a selection says nothing about the other tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from signoff_schemas.steps import TestsStep

RED: Final = frozenset({"failed", "error"})
GREEN: Final = frozenset({"passed", "xpassed"})
_TELLING: Final[Mapping[str, frozenset[int]]] = {"pytest": frozenset({1})}
"""Exit codes that mean failed tests, for frameworks with other codes for other problems:
pytest's 2 to 5 are interrupted, internal error, usage error, no tests collected."""
_NOTHING_RAN: Final[Mapping[str, frozenset[int]]] = {"unittest": frozenset({5})}
_NO_VERDICT: Final = frozenset({126, 127})
"""Exit codes of a shell that could not run the program."""
_FIRST_SIGNAL: Final = 129
_CRASHES: Final = frozenset({132, 134, 135, 136, 139})
"""ILL, ABRT, BUS, FPE, SEGV: the tested program crashed. Other signals: the run was killed."""
At = TypeVar("At")
"""Position of a run, in whatever unit the caller counts."""
_NARROWING: Final = frozenset({"-k", "-m", "--lf", "--ff", "--nf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The fields of one test run that decide its verdict."""

    framework: str
    argv: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    exit_code: int | None = None
    is_cut_short: bool = False
    cases: tuple[tuple[str, str], ...] = ()
    """Name and outcome of each test."""

    @classmethod
    def of(cls, step: TestsStep) -> Run:
        """Return the run of a step."""
        return cls(
            framework=step.framework,
            argv=step.argv,
            selection=step.selection,
            exit_code=step.exit_code,
            is_cut_short=bool(step.stopped_early),
            cases=tuple(zip(step.cases.ids, step.cases.outcomes, strict=True)),
        )

    @classmethod
    def of_fields(cls, fields: Mapping[str, object]) -> Run:
        """Return the same from the unvalidated fields of a step."""
        code = fields.get("exit_code")
        cases = [case for case in _items(fields.get("cases")) if isinstance(case, Mapping)]
        return cls(
            framework=str(fields.get("framework", "")),
            argv=tuple(map(str, _items(fields.get("argv")))),
            selection=tuple(map(str, _items(fields.get("selection")))),
            exit_code=code if type(code) is int else None,
            is_cut_short=fields.get("stopped_early") is True,
            cases=tuple((str(case.get("id", "")), str(case.get("outcome"))) for case in cases),
        )

    @property
    def says_by_its_end(self) -> bool | None:
        """Whether its exit code means that all passed; None when it is no verdict."""
        code = self.exit_code
        if code is None or code in _NO_VERDICT | _NOTHING_RAN.get(self.framework, frozenset()):
            return None
        if code == 0:
            return True
        if self.framework in _TELLING:
            return False if code in _TELLING[self.framework] else None
        return False if code < _FIRST_SIGNAL or code in _CRASHES else None

    @property
    def is_green(self) -> bool | None:
        """Whether it passed, by its cases or else its exit code; None without a verdict."""
        outcomes = {outcome for _, outcome in self.cases}
        if outcomes & RED:
            return False
        if self.exit_code is None:
            return True if outcomes & GREEN else None
        return self.says_by_its_end

    def told(self) -> list[tuple[str, bool]]:
        """Return the name of each test with a verdict, and whether it passed.

        A run without results per test counts as one test, named after its command.
        """
        if self.cases:
            known = RED | GREEN
            return [(name, outcome in GREEN) for name, outcome in self.cases if outcome in known]
        ended = self.says_by_its_end
        return [] if ended is None else [(" ".join(self.argv), ended)]

    @property
    def whole_files(self) -> frozenset[str]:
        """The files all of whose tests it ran, as far as its arguments show."""
        is_narrow = any(
            word in _NARROWING or word.startswith("--deselect") or "::" in word
            for word in self.selection
        )
        is_end = self.framework == "pytest" and self.exit_code in (0, 1) and not self.is_cut_short
        names = (name.partition("::") for name, _ in self.cases) if is_end and not is_narrow else ()
        return frozenset(path for path, colons, _ in names if colons)


@dataclass(slots=True, kw_only=True)
class RedTests(Generic[At]):
    """Tracks the tests whose latest verdict is a failure, over a sequence of runs."""

    since: dict[str, At] = field(default_factory=dict)
    """Test name to the position of its first failure."""
    _commands: dict[str, str] = field(default_factory=dict[str, str])
    """Those that are runs without results per test, to their framework."""

    def take(self, run: Run, at: At) -> dict[str, At]:
        """Apply one run; return the tests that turned green, with their first failure."""
        told = run.told()
        turned: dict[str, At] = {}
        for name, is_green in told:
            if not is_green:
                self.since.setdefault(name, at)
                if not run.cases:
                    self._commands[name] = run.framework
            elif name in self.since:
                turned[name] = self.since.pop(name)
        for name in self._overtaken(run, dict(told)) if self.since and run.cases else ():
            since = self.since.pop(name)
            if "::" not in name:
                turned[name] = since
        return turned

    def _overtaken(self, run: Run, told: Mapping[str, bool]) -> list[str]:
        """Return red tests that this run resolves without naming them.

        A file whose collection failed was collected, a framework passed without a selection, or
        a test no longer exists in a file that was run completely.
        """
        collected = {name.partition("::")[0] for name, _ in run.cases if "::" in name}
        whole = run.whole_files
        passed = run.framework if run.exit_code == 0 and not run.selection else None
        seen = {name for name, _ in run.cases} if whole else frozenset[str]()
        return [
            name
            for name in self.since
            if name not in told
            and (
                self._commands.get(name, "") == passed
                or name in collected
                or (name.partition("::")[0] in whole and name not in seen)
            )
        ]


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
