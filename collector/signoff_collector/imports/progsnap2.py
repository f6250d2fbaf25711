"""Imports data sets of programming courses in the ProgSnap2 format, one student at a time.

A data set is a folder or a zip file: `MainTable.csv` with one row per event, the states of the code
as a table (`CodeStates.csv`) or as folders, and `DatasetMetadata.csv`. States are exact; how one
became the next is not in it, so the shortest edit between them stands for it.
Source: github.com/CSSPLICE/progsnap2, version 3 to 8 of its specification.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.building import Building
from signoff_collector.imports.reading import MAX_BYTES, parse_csv
from signoff_collector.imports.trace_times import wall_ns_of
from signoff_schemas.errors import DamagedError, NotFoundError, UsageError
from signoff_schemas.steps import DiagnosticsStep, NoteStep, TestsStep, ViewStep
from signoff_schemas.values import Diagnostic, TestCase
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.imports.people import Foreign

MAX_FILES: Final = 100_000
_COMPRESSIONS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SOURCE: Final = "progsnap2"
_MAIN: Final = "MainTable.csv"
_METADATA: Final = "DatasetMetadata.csv"
_STATES: Final = "CodeStates"
_NAMED: Final = 5
_OUTCOMES: Final = {
    "pass": "passed",
    "passed": "passed",
    "success": "passed",
    "true": "passed",
    "fail": "failed",
    "failed": "failed",
    "false": "failed",
    "error": "error",
    "skipped": "skipped",
}
_RUNS: Final = frozenset({"Compile", "Run.Program", "Run.Test", "Submit", "Debug.Program"})
"""Events that use the state of the code as it lies on disk."""


def read_zip(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip file by their names; nothing is written anywhere.

    Raises:
        DamagedError: it is none, or would give more files or bytes than a data set may have.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if len(entries) > MAX_FILES:
                raise DamagedError(f"the zip file holds more than {MAX_FILES} files")
            if sum(one.file_size for one in entries) > MAX_BYTES:
                raise DamagedError(f"the zip file holds more than {MAX_BYTES} bytes")
            if any(one.compress_type not in _COMPRESSIONS for one in entries):
                raise DamagedError("the zip file is compressed in another way than deflate")
            return {one.filename.replace("\\", "/"): _content(archive, one) for one in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise DamagedError(f"the zip file cannot be read: {error}") from error


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return no more than the size that the entry claims: a liar is damage, never a bomb."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise DamagedError("the zip file holds an entry of another size than it says")
    return content


def read_progsnap2(files: Mapping[str, bytes], subject: str | None = None) -> Foreign:
    """Return the episode of one student.

    Args:
        files: the data set by the names of its files.
        subject: whose; may be left out where there is only one.

    Raises:
        DamagedError: the files are no such data set.
        UsageError: several people are in it, and none was named.
        NotFoundError: nobody of that name is in it.
    """
    dataset = _Dataset.of(files)
    subject = _one_subject(dataset, subject)
    rows = [row for row in dataset.rows() if row.get("SubjectID", "") == subject]
    rows.sort(key=_order)
    student = _Student(dataset, subject, rows)
    for number, row in enumerate(rows, 1):
        student.take(number, row)
    return student.finish()


def _one_subject(dataset: _Dataset, wanted: str | None) -> str:
    subjects = dict.fromkeys(row.get("SubjectID", "") for row in dataset.rows())
    if wanted is not None:
        if wanted not in subjects:
            raise NotFoundError(
                f"the data set has no events of {wanted!r}",
                hint="`--subject` takes a value of the column SubjectID in MainTable.csv.",
            )
        return wanted
    if not subjects:
        raise DamagedError(f"{_MAIN} has no events")
    if len(subjects) > 1:
        some = ", ".join(sorted(subjects)[:_NAMED])
        raise UsageError(
            f"the data set has events of {len(subjects)} people: {some}"
            + (", …" if len(subjects) > _NAMED else ""),
            hint="An episode is one person's: name one with --subject.",
        )
    return next(iter(subjects))


def _order(row: dict[str, str]) -> int:
    told = row.get("Order", "").strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


@dataclass(slots=True)
class _Dataset:
    """The files of a data set, without the folder that a zip file may put around them."""

    files: dict[str, bytes]
    table: dict[str, str] = field(default_factory=dict[str, str])
    """State of the code by its id, in the form of a table."""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> _Dataset:
        roots = [
            name[: -len(_MAIN)] for name in files if name == _MAIN or name.endswith(f"/{_MAIN}")
        ]
        if not roots:
            raise DamagedError(f"there is no {_MAIN}: this is no ProgSnap2 data set")
        root = min(roots, key=lambda one: (one.count("/"), one))
        dataset = cls(
            {
                name.removeprefix(root): content
                for name, content in files.items()
                if name.startswith(root)
            }
        )
        told = {
            row.get("Property", ""): row.get("Value", "")
            for row in parse_csv(
                dataset.files.get(_METADATA, b"Property,Value\n"), _METADATA, "Property", "Value"
            )
        }
        if told.get("CodeStateRepresentation", "").strip().casefold() == "git":
            raise DamagedError(
                "its states of the code are git repositories, which are not read",
                hint="Check them out as folders CodeStates/ID, then import again.",
            )
        for name in (f"{_STATES}/{_STATES}.csv", f"{_STATES}.csv", f"LinkTables/{_STATES}.csv"):
            if name in dataset.files:
                for row in parse_csv(dataset.files[name], name, "CodeStateID", "Code"):
                    dataset.table[row.get("CodeStateID", "")] = row.get("Code", "")
                break
        return dataset

    def rows(self) -> Iterator[dict[str, str]]:
        return parse_csv(self.files[_MAIN], _MAIN, "SubjectID", "EventType")

    def folders(self) -> dict[str, dict[str, bytes]]:
        """Return the files of each state that is a folder, by `ID` and `SUBJECT/ID`."""
        found: dict[str, dict[str, bytes]] = {}
        for name, content in self.files.items():
            parts = name.split("/")
            if parts[0] == _STATES:
                for depth in (2, 3):
                    if len(parts) > depth:
                        key, rest = "/".join(parts[1:depth]), "/".join(parts[depth:])
                        found.setdefault(key, {})[rest] = content
        return found


class _Student:
    """What one student's events told so far."""

    def __init__(self, dataset: _Dataset, subject: str, rows: list[dict[str, str]]) -> None:
        self._dataset, self._subject = dataset, subject
        self._folders = {} if dataset.table else dataset.folders()
        self._building = Building("progsnap2", _SOURCE)
        self._building.say("between two states the shortest edit stands for what was typed")
        self._building.say("what else was on disk or on the screen is not recorded")
        tasks = {_task_of(row) for row in rows}
        self._has_tasks = len(tasks) > 1
        self._state: dict[str, str] = {}
        """State of the code by task."""
        self._shown: dict[str, set[str]] = {}
        """Open files by task."""

    def take(self, number: int, row: dict[str, str]) -> None:
        """Take the next event."""
        building = self._building
        time = row.get("ClientTimestamp") or row.get("ServerTimestamp") or None
        is_number = time is not None and time.isascii() and time.isdigit() and len(time) < 16
        building.at(wall_ns_of(int(time) if time is not None and is_number else time, number))
        event = row.get("EventType", "")
        self._show(row)
        paths = sorted(self._shown.get(_task_of(row), ()))
        if event in _RUNS or event == "File.Save":
            for path in paths:
                if building.buffer(path) != building.disk(path) or event == "File.Save":
                    building.save(path)
        self._tell(number, event, row, paths)

    def finish(self) -> Foreign:
        """Return the episode."""
        return self._building.finished(
            edits=Coverage.PARTIAL,
            output=Coverage.PARTIAL,
            tests=Coverage.PARTIAL,
            diagnostics=Coverage.PARTIAL,
        )

    def _tell(self, number: int, event: str, row: dict[str, str], paths: list[str]) -> None:
        building = self._building
        match event:
            case "File.Open" | "File.Focus":
                for path in paths:
                    building.add(ViewStep, path=path, buffer=0)
            case "File.Edit" | "File.Save" | "File.Create" | "File.Delete" | "File.Close":
                pass
            case "Compile.Error" | "Compile.Warning":
                self._diagnose(event, row, paths)
            case "Run.Test":
                self._test(number, row)
            case "Compile" | "Run.Program" | "Debug.Program":
                building.command(row.get("ProgramOutput") or None, line=event)
            case "":
                raise DamagedError(f"row {number} of {_MAIN} has no EventType")
            case _:
                said = row.get("InterventionMessage") or row.get("Score") or ""
                building.add(NoteStep, text=f"{event}: {said}" if said else event)

    def _diagnose(self, event: str, row: dict[str, str], paths: list[str]) -> None:
        is_error = event == "Compile.Error"
        finding = Diagnostic(
            code=row.get("CompileMessageType") or None,
            severity="error" if is_error else "warning",
            message=row.get("CompileMessageData") or event,
        )
        path = paths[0] if len(paths) == 1 else None
        self._building.add(DiagnosticsStep, path=path, server="compiler", appeared=(finding,))

    def _test(self, number: int, row: dict[str, str]) -> None:
        told = (row.get("TestResult") or row.get("Score") or "").strip().casefold()
        outcome = _OUTCOMES.get(told)
        if outcome is None:
            outcome = "passed" if told in {"1", "1.0"} else None
        if outcome is None:
            self._building.count("test results in unknown words, kept as notes")
            self._building.add(NoteStep, text=f"Run.Test: {told}")
            return
        case = TestCase.model_validate({"id": row.get("TestID") or "test", "outcome": outcome})
        self._building.add(TestsStep, run_id=f"run-{number}", framework="unknown", cases=(case,))

    def _show(self, row: dict[str, str]) -> None:
        """Bring the files of a task into the state that an event names."""
        state, task = row.get("CodeStateID", ""), _task_of(row)
        if not state or self._state.get(task) == state:
            return
        files = self._files(state, row)
        if files is None:
            self._building.count("states of the code that the data set does not hold")
            self._building.miss()
            return
        self._state[task] = state
        building, prefix = self._building, f"{task}/" if self._has_tasks and task else ""
        shown = {building.paths.of(f"{prefix}{name}"): text for name, text in files.items()}
        before = self._shown.get(task, set())
        for path in sorted(before - shown.keys()):
            building.delete(path)
        for path, text in sorted(shown.items()):
            if path in before:
                building.rewrite(path, text)
            else:
                building.open(path, text)
        self._shown[task] = set(shown)

    def _files(self, state: str, row: dict[str, str]) -> dict[str, str] | None:
        if state in self._dataset.table:
            name = row.get("CodeStateSection") or "code.txt"
            return {name: self._dataset.table[state]}
        found = self._folders.get(f"{self._subject}/{state}") or self._folders.get(state)
        if found is None:
            return None
        texts: dict[str, str] = {}
        for name, content in found.items():
            try:
                texts[name] = content.decode()
            except UnicodeDecodeError:
                self._building.count("files that are no UTF-8 left out")
        return texts


def _task_of(row: dict[str, str]) -> str:
    return "/".join(filter(None, (row.get("AssignmentID", ""), row.get("ProblemID", ""))))
