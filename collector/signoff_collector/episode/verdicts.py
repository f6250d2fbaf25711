"""What a test run says: which tests failed and which passed, and nothing about any other.

A run that was interrupted, broke, was asked wrongly or collected nothing says nothing by its exit
code; a run of a selection says nothing of the rest.
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
"""Exit codes with which a framework says that tests failed, where it has others for the rest:
pytest's 2 to 5 are interrupted, internal error, usage, nothing collected."""
_NOTHING_RAN: Final[Mapping[str, frozenset[int]]] = {"unittest": frozenset({5})}
_NO_VERDICT: Final = frozenset({126, 127})
"""What a shell says of a program that it could not run."""
_FIRST_SIGNAL: Final = 129
_CRASHES: Final = frozenset({132, 134, 135, 136, 139})
"""ILL, ABRT, BUS, FPE, SEGV: the tested program died; by other signals somebody ended the run."""
At = TypeVar("At")
"""Where a run stands: whatever its reader calls a moment."""
_NARROWING: Final = frozenset({"-k", "-m", "--lf", "--ff", "--nf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of tests, as far as verdicts go."""

    framework: str
    argv: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    exit_code: int | None = None
    is_cut_short: bool = False
    cases: tuple[tuple[str, str], ...] = ()
    """Name and outcome of each test."""

    @classmethod
    def of(cls, step: TestsStep) -> Run:
        """Return what a step tells."""
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
        """Return the same of a step's fields, whatever they hold."""
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
        """Whether its exit code says that all passed; None when that says nothing."""
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
        """Whether it passed, by its cases or else by its end; None when it says nothing."""
        outcomes = {outcome for _, outcome in self.cases}
        if outcomes & RED:
            return False
        if self.exit_code is None:
            return True if outcomes & GREEN else None
        return self.says_by_its_end

    def told(self) -> list[tuple[str, bool]]:
        """Return the name of each test it tells of and whether that passed.

        A run without single results is one test, called by its command.
        """
        if self.cases:
            known = RED | GREEN
            return [(name, outcome in GREEN) for name, outcome in self.cases if outcome in known]
        ended = self.says_by_its_end
        return [] if ended is None else [(" ".join(self.argv), ended)]

    @property
    def whole_files(self) -> frozenset[str]:
        """The files of which it ran every test there is, as far as it can be told."""
        is_narrow = any(
            word in _NARROWING or word.startswith("--deselect") or "::" in word
            for word in self.selection
        )
        is_end = self.framework == "pytest" and self.exit_code in (0, 1) and not self.is_cut_short
        names = (name.partition("::") for name, _ in self.cases) if is_end and not is_narrow else ()
        return frozenset(path for path, colons, _ in names if colons)


@dataclass(slots=True, kw_only=True)
class RedTests(Generic[At]):
    """The tests that failed when they were last run, as runs go by."""

    since: dict[str, At] = field(default_factory=dict)
    """Name of each to where it was first seen to fail."""
    _commands: dict[str, str] = field(default_factory=dict[str, str])
    """Which of them are runs without single results, and their framework."""

    def take(self, run: Run, at: At) -> dict[str, At]:
        """Follow one run; return the tests it turned green, and since when they were red."""
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
        """Return what this run says without naming it.

        A file that could not be collected was, a command's whole framework passed, and a test is
        gone from a file that was run whole.
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
