"""Read result files that a test command writes: JUnit XML or `go test -json`, a file or a folder.

Surefire and Gradle write a file per class, so a folder stands for all reports in it. Only files
that changed since the command began are read, so that an old report is not taken for a result.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.capture.git.git_refs import stamp
from signoff_collector.capture.test_results.go_test import GoTestReport, module_of, read_go_test
from signoff_collector.capture.test_results.junit import MAX_CASES, read_junit
from signoff_collector.own_files.private_files import open_regular
from signoff_schemas.errors import SignoffError

MAX_FILES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The merged content of the changed reports."""

    framework: str
    """`junit` where the reports do not name the runner."""
    cases: tuple[Mapping[str, object], ...]
    not_run: int | None = None
    stopped_early: bool | None = None

    def fields(self) -> dict[str, object]:
        """Return fields of a `tests` step."""
        return {
            "framework": self.framework,
            "not_run": self.not_run,
            "stopped_early": self.stopped_early,
            "cases": [dict(case) for case in self.cases],
        }


class ReportFiles:
    """Compares a report, or a folder of them, before and after a command."""

    def __init__(self, path: Path) -> None:
        """Note the present state of the files."""
        self.path = path
        self._before = {file: stamp(file) for file in self._files()}

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self.path) as entries:
                names = sorted(
                    item.name for item in entries if item.name.endswith((".xml", ".json", ".jsonl"))
                )
        except OSError:
            return [self.path]
        return [self.path / name for name in names[:MAX_FILES]]

    def read(self, *, root: Path) -> Results | None:
        """Return the results of files that changed; None when there are none or none is a report.

        Files that are not reports are skipped.
        """
        changed = [file for file in self._files() if stamp(file) != self._before.get(file)]
        found: list[Results] = []
        count = 0
        for file in changed:
            try:
                result = _read(file, root)
            except SignoffError:
                continue
            count += len(result.cases)
            if count > MAX_CASES:
                break
            found.append(result)
        return _joined(found)


def results_of_go(report: GoTestReport) -> Results:
    """Convert a parsed `go test -json` stream to results."""
    return Results(
        framework="go",
        cases=report.cases,
        not_run=report.not_run,
        stopped_early=report.stopped_early,
    )


def _read(path: Path, root: Path) -> Results:
    with os.fdopen(open_regular(path), "rb") as file:
        try:
            start = file.read(64).lstrip()
        except OSError:
            start = b""
    if start.startswith(b"{"):
        return results_of_go(read_go_test(path, module=module_of(root)))
    report = read_junit(path)
    return Results(framework=report.framework, cases=report.cases)


def _joined(found: list[Results]) -> Results | None:
    if len(found) < 2:
        return found[0] if found else None
    names = {result.framework for result in found}
    return Results(
        framework=names.pop() if len(names) == 1 else "junit",
        cases=tuple(case for result in found for case in result.cases),
    )
