"""Collect per-test results of pytest, through a reporter plugin injected for one command.

The reporter is in a folder created for one run. Only PYTHONPATH names the folder, as its last
entry, and pytest finds the reporter by its entry point, like any plugin. Where PYTHONPATH is
removed (`tox`, `python -I`) there is no report, and the run is as it would be without us; a `-p`
option in PYTEST_ADDOPTS would abort such a run with an import error.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, cast

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.capture.journal.spool import read_line_spool
from signoff_collector.own_files.private_files import make_private_folder, open_new, storage_error
from signoff_collector.own_files.unfinished import is_running
from signoff_collector.system.files.descriptors import write_all
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.untyped import is_fields, is_items

OUTCOMES: Final = frozenset({"passed", "failed", "error", "skipped", "xfailed", "xpassed"})
MAX_RUNS: Final = 100
MAX_CASES: Final = 100_000
KINDS: Final = frozenset({"start", "collected", "begin", "case", "finish"})
_MAX_TEXT: Final = 4_000
_MAX_ID: Final = 16_000
_MAX_NAMES: Final = 500
_MAX_INSTALLED: Final = 1_000
_MAX_DIGITS: Final = 10
_REPORTER: Final = Path(__file__).with_name("pytest_reporter.py")
_MODULE: Final = "signoff_run_reporter"
_DOOR: Final = """import sys
try:
    if sys.version_info >= (3, 7):
        from {body} import pytest_configure, pytest_load_initial_conftests
except Exception:
    pass
"""
"""The entry point's module: any Python can import it, so that an old one does not fail."""
_DISTRIBUTION: Final = "signoff_run_reporter-0.dist-info"
FOR_ALL: Final = "signoff_run_reporter-0-py3-none-any.whl"
"""Entry that a shell's hook may have put into PYTHONPATH (`pytest_results`); inner runs report."""
METADATA: Final = b"Metadata-Version: 2.1\nName: signoff-run-reporter\nVersion: 0\n"
_LISTING_WORDS: Final = frozenset({"pip", "pip3", "pipx", "pipdeptree"})
"""Commands that list importable packages: they would show the reporter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One run of a test runner, as its process reported it: untrusted claims (threat 36)."""

    __test__ = False

    fields: Mapping[str, object]
    """Fields of a `tests` step."""
    interpreters: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    distributions: Mapping[str, str] = field(default_factory=dict[str, str])
    installed: Mapping[str, str] = field(default_factory=dict[str, str])
    installed_unnamed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run whose process has ended, or has written its last record."""

    path: Path
    """Of the spool."""
    started_boot_ns: int
    root: Path
    """Where it ran, as it says."""
    run: TestRun


class ReportFolder:
    """The reporter's folder, for one run or for the terminals of one editor, and its spools."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.token = secrets.token_hex(8)
        """Random name of the run."""

    @classmethod
    def create(cls, parent: Path) -> ReportFolder:
        """Copy the reporter into a new private folder.

        Raises:
            SignoffError: it cannot be written.
        """
        made = cls(parent / f"run-{os.getpid()}-{secrets.token_hex(4)}")
        module = made._module
        make_private_folder(made._folder / "__pycache__")  # else Python makes it, open to others
        _write(made._folder / f"{module}.py", door_of(module))
        _write(made._folder / f"{module}_body.py", _REPORTER.read_bytes())
        made.offer()
        return made

    @property
    def folder(self) -> Path:
        """The entry for PYTHONPATH."""
        return self._folder

    @property
    def _module(self) -> str:
        return f"{_MODULE}_{self.token}"

    def offer(self) -> None:
        """Write the entry point, so that pytest finds the reporter from now on.

        Raises:
            SignoffError: it cannot be written.
        """
        place = self._folder / _DISTRIBUTION
        if not place.exists():
            make_private_folder(place)
            _write(place / "entry_points.txt", entry_points(self._module))
            _write(place / "METADATA", METADATA)

    def hide(self) -> None:
        """Remove the entry point; a pytest that is running goes on reporting."""
        shutil.rmtree(self._folder / _DISTRIBUTION, ignore_errors=True)

    def environment(self, environ: Mapping[str, str], argv: Sequence[str]) -> dict[str, str]:
        """Return the command's environment, with our folder last in PYTHONPATH.

        The folder of an enclosing run is removed: the inner run reports its tests.
        """
        changed = dict(environ)
        is_listing = any(PurePath(word).name in _LISTING_WORDS for word in argv[:4])
        if is_listing or os.pathsep in str(self._folder):
            return changed
        before = environ.get("PYTHONPATH", "").split(os.pathsep)
        kept = [part for part in before if part and not _is_reporter(Path(part))]
        changed["PYTHONPATH"] = os.pathsep.join([*kept, str(self._folder)])
        return changed

    def read(self, *, root: Path | None = None) -> tuple[TestRun, ...]:
        """Return the runs that were reported, in the order they began.

        Frames are relative to `root`, or to the reporter's own folder when there is none.
        """
        runs = [self._run(path, root) for path in sorted(self._folder.glob("*.spool"))[:MAX_RUNS]]
        told = [run for run in runs if run is not None]
        return tuple(run for _, run in sorted(told, key=lambda pair: pair[0]))

    def ended(self, root: Path) -> list[EndedRun]:
        """Return the runs of a workspace whose processes have ended, in the order they began."""
        found: list[EndedRun] = []
        for path in sorted(self._folder.glob("*.spool"))[:MAX_RUNS]:
            records = read_line_spool(path, kinds=KINDS).records
            has_ended = any(item["kind"] == "finish" for item in records) or not _is_alive(path)
            told = self._run(path, root) if has_ended else None
            named = _text(records[0].get("root")) if told is not None else None
            place = None if named is None else true_path(named)
            if told is not None and place is not None and place.is_relative_to(root):
                found.append(EndedRun(path=path, started_boot_ns=told[0], root=place, run=told[1]))
        return sorted(found, key=lambda one: one.started_boot_ns)

    def _run(self, path: Path, root: Path | None) -> tuple[int, TestRun] | None:
        records = read_line_spool(path, kinds=KINDS).records
        if not records or records[0]["kind"] != "start":
            return None
        start = records[0]
        fields = told_fields(records, f"{self.token}-{path.stem}")
        fields["cases"] = _placed(cases_told(records), _text(start.get("root")), root)
        ended = next((item for item in records if item["kind"] == "finish"), {})
        run = TestRun(
            fields=fields,
            interpreters=_versions({"python": start.get("python")}),
            tools=_versions(ended.get("tools")),
            distributions=_versions(ended.get("distributions")),
            installed=_versions(ended.get("installed"), _MAX_INSTALLED),
            installed_unnamed=_count(ended.get("installed_unnamed")),
        )
        return _count(start.get("t_boot_ns")) or 0, run

    def remove(self) -> None:
        """Delete the folder; a process that still uses it reports nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)


def told_fields(records: Sequence[Mapping[str, object]], run_id: str) -> dict[str, object]:
    """Return the fields of a `tests` step from a run's records, of which the first is its `start`.

    Cases are not among them.
    """
    start = records[0]
    finish = next((item for item in records if item["kind"] == "finish"), None)
    return {
        "run_id": run_id,
        "framework": _text(start.get("framework")) or "unknown",
        "framework_version": _text(start.get("framework_version")),
        "argv": _texts(start.get("argv")),
        "selection": _texts(start.get("selection")),
        "seed": _text(start.get("seed")),
        "workers": _count(start.get("workers")),
        "agent_marker": agent_marker(dict.fromkeys(_texts(start.get("markers")), "set")),
        **(_cut_short(records) if finish is None else _totals(finish)),
    }


def text_in(record: Mapping[str, object], name: str) -> str | None:
    """Return a text field of a record, truncated to what may be kept."""
    return _text(record.get(name))


def count_in(record: Mapping[str, object], name: str) -> int | None:
    """Return a numeric field of a record, if it is a number."""
    return _count(record.get(name))


def door_of(module: str) -> bytes:
    """Return the content of the entry point's module."""
    return _DOOR.format(body=f"{module}_body").encode()


def entry_points(module: str) -> bytes:
    """Return the entry point file by which pytest finds a reporter."""
    return f"[pytest11]\nsignoff_run_reporter = {module}\n".encode()


def _is_reporter(part: Path) -> bool:
    """Whether an entry of PYTHONPATH is the reporter of an enclosing run, or of a shell."""
    return part.name == FOR_ALL or Path(part, _DISTRIBUTION).exists()


def _is_alive(spool: Path) -> bool:
    """Whether the process that writes a spool may still be running."""
    number = spool.name.partition("-")[0]
    is_number = number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS
    return is_number and is_running(int(number))


def _write(path: Path, data: bytes) -> None:
    """Write a file without syncing: only this run needs it."""
    try:
        descriptor = open_new(path, os.O_WRONLY)
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise storage_error(error, path) from error


def _totals(finish: Mapping[str, object]) -> dict[str, object]:
    """Return what a run that ended normally reported about itself."""
    return {
        "collected": _count(finish.get("collected")),
        "deselected": _count(finish.get("deselected")),
        "not_run": _count(finish.get("not_run")),
        "stopped_early": bool(finish.get("stopped_early")),
        "exit_code": _count(finish.get("exit_code")),
        "duration_ns": _count(finish.get("duration_ns")),
    }


def _cut_short(records: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the same fields for a run whose process ended before it could report them."""
    told = next((item for item in records if item["kind"] == "collected"), {})
    selected, deselected = _count(told.get("selected")), _count(told.get("deselected"))
    begun = len({_identifier(item) for item in records if item["kind"] == "begin"})
    return {
        "collected": None if selected is None else selected + (deselected or 0),
        "deselected": deselected,
        "not_run": None if selected is None else max(0, selected - begun),
        "stopped_early": True,
        "exit_code": None,
        "duration_ns": None,
    }


def cases_told(
    records: Sequence[Mapping[str, object]], *, is_over: bool = True
) -> list[dict[str, object]]:
    """Return one case per test, in the order they were first reported.

    A test that is reported twice failed if it failed once, since the run failed because of it. One
    that began and did not end was running when the process ended; while the run may still go on it
    gives no case.
    """
    found: dict[str, dict[str, object]] = {}
    running: dict[str, None] = {}
    for record in records:
        identifier = _identifier(record)
        if record["kind"] == "begin" and identifier is not None:
            running[identifier] = None
        elif record["kind"] == "case" and (item := case(record)) is not None:
            running.pop(str(item["id"]), None)
            if len(found) < MAX_CASES or item["id"] in found:
                found[str(item["id"])] = _merged(found.get(str(item["id"])), item)
    for identifier in list(running)[: MAX_CASES - len(found)] if is_over else ():
        message = "did not end: the process of the run ended first"
        record = {"id": identifier, "outcome": "error", "message": message}
        if (item := case(record)) is not None:
            found[identifier] = _merged(found.get(identifier), item)
    return list(found.values())


def _merged(before: dict[str, object] | None, now: dict[str, object]) -> dict[str, object]:
    if before is None:
        return now
    kept = before if before["outcome"] in {"failed", "error"} else now
    earlier, later = (_count(item.get("reruns")) or 0 for item in (before, now))
    return {**kept, "reruns": earlier + later + 1}


def _placed(
    cases: Sequence[dict[str, object]], run_root: str | None, root: Path | None
) -> list[dict[str, object]]:
    """Return the cases with frames relative to the workspace; paths of the machine are dropped."""
    for item in cases:
        frame = item["frame"]
        if is_fields(frame):
            fields = frame
            fields["path"] = placed_path(str(fields["path"]), run_root, root)
    return list(cases)


def placed_path(path: str, run_root: str | None, root: Path | None) -> str:
    """Return a path relative to the workspace; of other files only a part that reveals no account.

    `run_root` is the folder that a relative path starts from.
    """
    if root is None:
        return path
    return path_below(path, run_root or str(root), (str(root), os.path.realpath(root)))


def path_below(path: str, start: str, bases: Sequence[str]) -> str:
    """Return the same from the names alone; nothing is looked up on disk."""
    whole = os.path.normpath(os.path.join(start, path))  # noqa: PTH118
    for base in bases:
        if whole.startswith(base + os.sep):
            return whole[len(base) + 1 :].replace(os.sep, "/")
    parts = PurePath(whole).parts
    for name in ("site-packages", "dist-packages"):
        if name in parts:
            return "/".join(parts[parts.index(name) :])
    return PurePath(whole).name


def _identifier(record: Mapping[str, object]) -> str | None:
    value = record.get("id")
    return value[:_MAX_ID] if isinstance(value, str) else None


def case(record: Mapping[str, object]) -> dict[str, object] | None:
    """Validate one test case: only the fields and types of a `tests` step, or None."""
    identifier, outcome = _identifier(record), _text(record.get("outcome"))
    if identifier is None or outcome not in OUTCOMES:
        return None
    return {
        "id": identifier,
        "outcome": outcome,
        "duration_ns": _count(record.get("duration_ns")),
        "message": _text(record.get("message")),
        "frame": _frame(record.get("frame")),
        "reruns": _count(record.get("reruns")),
    }


def _frame(value: object) -> dict[str, object] | None:
    if not is_fields(value):
        return None
    fields = value
    path, line = _text(fields.get("path")), _count(fields.get("line"))
    return None if path is None or line is None else {"path": path, "line": line}


def _text(value: object) -> str | None:
    return value[:_MAX_TEXT] if isinstance(value, str) else None


def _texts(value: object) -> list[str]:
    items = value[:_MAX_NAMES] if is_items(value) else []
    return [text for item in items if (text := _text(item)) is not None]


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 63 else None


def _versions(value: object, most: int = _MAX_NAMES) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    pairs = list(cast("dict[object, object]", value).items())[:most]
    return {str(name): text for name, item in pairs if (text := _text(item)) is not None}
