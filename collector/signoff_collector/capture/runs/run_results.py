"""Collect the test results of one recorded command, from the most detailed source.

In this order: the reporter injected into pytest, result files, a `go test -json` stream in the
output. Without any of them, a recognised runner gives a run with its exit code and without cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.test_results.test_reports import ReportFolder, TestRun, placed_path

if TYPE_CHECKING:
    from signoff_collector.capture.runs.runners import Runner
    from signoff_collector.capture.runs.running import Ending
    from signoff_collector.capture.test_results.go_test import GoTestStream
    from signoff_collector.capture.test_results.report_files import ReportFiles, Results

_STARTERS: Final = frozenset(
    {"make", "ninja", "just", "task", "rake", "npm", "pnpm", "yarn", "tox", "nox", "cmake",
     "composer", "hatch", "invoke", "doit"}
)  # fmt: skip
"""Runners that start other runners: their exit code is not that of the tests."""


@dataclass(slots=True, kw_only=True)
class ResultSources:
    """The possible sources of one command's results."""

    argv: Sequence[str]
    cwd: Path
    root: Path
    """Of the workspace."""
    reports: ReportFolder
    files: ReportFiles | None
    runner: Runner | None
    stream: GoTestStream | None

    @property
    def own_files(self) -> list[Path]:
        """Return the files that the command writes its results to; they are not source code."""
        return [] if self.files is None else [self.files.path]

    def take_output(self, piece: bytes) -> None:
        """Parse the next bytes of output."""
        if self.stream is not None:
            try:
                self.stream.add(piece)
            except Exception:  # noqa: BLE001  a fault of ours ends the looking, nothing else
                self.stream = None

    def runs(self, ending: Ending) -> list[TestRun]:
        """Return the test runs that the command made."""
        found = list(self.reports.read(root=self.root))
        others = self._other_runs(ending, has_reported=bool(found))
        runs = [*found, *others] or self._by_exit_code(ending)
        return [self._with_exit_code(run, ending) for run in runs] if len(runs) == 1 else runs

    def _other_runs(self, ending: Ending, *, has_reported: bool) -> list[TestRun]:
        results: Results | None = None
        if self.files is not None and not has_reported:  # the file reports the same tests
            results = self.files.read(root=self.root)
        if results is None and self.stream is not None:
            from signoff_collector.capture.test_results.report_files import results_of_go

            with suppress(Exception):  # likewise
                report = self.stream.finish()
                results = None if report is None else results_of_go(report)
        if results is None:
            return []
        fields = results.fields()
        if fields["framework"] == "junit" and self.runner is not None:
            fields["framework"] = self.runner.framework
        for case in cast("list[dict[str, object]]", fields["cases"]):
            case["frame"] = self._placed(case.get("frame"))
        made = {"run_id": f"{self.reports.token}-report", "argv": list(self.argv), **fields}
        return [TestRun(fields={**made, "duration_ns": ending.duration_ns})]

    def _placed(self, frame: object) -> object:
        if not isinstance(frame, Mapping):
            return None
        fields = cast("Mapping[str, object]", frame)
        return {**fields, "path": placed_path(str(fields["path"]), str(self.cwd), self.root)}

    def _by_exit_code(self, ending: Ending) -> list[TestRun]:
        if self.runner is None or not ending.is_started:
            return []
        fields: dict[str, object] = {
            "run_id": f"{self.reports.token}-exit",
            "framework": self.runner.framework,
            "argv": list(self.argv),
            "exit_code": self.runner.exit_code(ending.exit_code),
            "duration_ns": ending.duration_ns,
            "cases": [],
        }
        return [TestRun(fields=fields)]

    def _with_exit_code(self, run: TestRun, ending: Ending) -> TestRun:
        """Fill in the exit code that a run could not report: it was killed, or read from a file."""
        runner = self.runner
        if runner is None or run.fields.get("exit_code") is not None:
            return run
        if runner.framework in _STARTERS or runner.framework != run.fields["framework"]:
            return run
        code = runner.exit_code(ending.exit_code)
        duration_ns = run.fields.get("duration_ns")
        if duration_ns is None:
            duration_ns = ending.duration_ns
        return replace(run, fields={**run.fields, "exit_code": code, "duration_ns": duration_ns})


def sources_of(
    argv: Sequence[str], cwd: Path, root: Path, reports: ReportFolder, named: Path | None
) -> ResultSources:
    """Return the sources for a command about to start; `named` is the file the person named.

    A result file that the command's arguments name is included, if it is inside the workspace.
    """
    from signoff_collector.capture.runs.runners import recognise

    runner = recognise(argv)
    place = named
    if place is None and runner is not None and runner.report and runner.framework != "pytest":
        told = Path(cwd, runner.report)
        place = told if told.resolve().is_relative_to(root.resolve()) else None
    may_be_go = runner is not None and (runner.writes_json or runner.framework in _STARTERS)
    return ResultSources(
        argv=argv,
        cwd=cwd,
        root=root,
        reports=reports,
        files=None if place is None else _files(place),
        runner=runner,
        stream=_stream(root) if may_be_go else None,
    )


def _files(place: Path) -> ReportFiles:
    from signoff_collector.capture.test_results.report_files import ReportFiles

    return ReportFiles(place)


def _stream(root: Path) -> GoTestStream:
    from signoff_collector.capture.test_results.go_test import GoTestStream, module_of

    return GoTestStream(module=module_of(root))
