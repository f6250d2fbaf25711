"""Parse a `go test -json` stream, incrementally from a command's output or from a file.

The format is that of `go doc test2json`: one JSON object per line, packages interleaved. The lines
are untrusted claims of the tested process (a test can print such a line itself), so every field is
checked, and bytes, lines, cases and kept text are capped (threat 36). Lines that are not events are
skipped, since compilers and tests print between them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from signoff_collector.own_files.private_files import open_regular, read_regular
from signoff_schemas.errors import DamagedError, SignoffError
from signoff_schemas.untyped import is_fields

MAX_BYTES: Final = 64 << 20
MAX_LINE_BYTES: Final = 1 << 20
MAX_CASES: Final = 100_000
MAX_PACKAGES: Final = 10_000
_MAX_TEXT: Final = 4_000
_MAX_NAME: Final = 2_000
_MAX_KEPT: Final = 8 << 20
"""Most characters of output held for tests and packages that have not ended."""
_GIVE_UP_BYTES: Final = 64 << 10
"""A stream without an event in its first bytes is not parsed further."""
_CHUNK: Final = 1 << 16
_ENDS: Final[Mapping[str, str]] = {
    "pass": "passed", "fail": "failed", "skip": "skipped", "bench": "passed",
}  # fmt: skip
_NOISE: Final = re.compile(
    r"(?:=== (?:RUN|PAUSE|CONT|NAME)|\s*--- (?:PASS|FAIL|SKIP)|FAIL$|exit status)"
)
_PLACE: Final = re.compile(r"^\s+([^\s:]+\.go):(\d{1,8}):", re.MULTILINE)
_TRACE: Final = re.compile(r"^\t(/[^\n:]+_test\.go):(\d{1,8})(?: \+0x|$)", re.MULTILINE)
_NOT_BUILT: Final = re.compile(rb"FAIL\t(\S{1,2000}) \[(?:build|setup) failed\]\s*$")
"""How Go before 1.24 reports a failed build, between the events."""
_NO_END: Final = "did not end: the test process ended first"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoTestReport:
    """The result of parsing one stream."""

    cases: tuple[Mapping[str, object], ...]
    """Each as a `tests` step holds it, in the order they ended; ids are `package::Test/sub`."""
    not_run: int
    """Tests that had started and were waiting for their turn when their process ended."""
    stopped_early: bool
    """Whether a package began and did not end."""
    refused: int
    """Events that were malformed or beyond a cap."""


@dataclass(slots=True)
class _Test:
    """A test or package that has begun."""

    is_paused: bool = False
    output: list[str] = field(default_factory=list[str])
    kept: int = 0
    has_panicked: bool = False


@dataclass(slots=True)
class _Package:
    tests: dict[str, _Test] = field(default_factory=dict[str, _Test])
    own: _Test = field(default_factory=_Test)
    has_failed: bool = False
    ended: set[str] = field(default_factory=set[str])
    """Tests that ended since the package began: `-count=2` runs them again."""


class GoTestStream:
    """Parses a stream piece by piece, in bounded memory."""

    def __init__(self, *, module: str | None = None) -> None:
        """Begin; `module` is the path in go.mod, to make file paths relative to the workspace."""
        self._module = module
        self._line = bytearray()
        self._taken_bytes = 0
        self._packages: dict[str, _Package] = {}
        self._builds: dict[str, _Test] = {}
        self._cases: dict[str, dict[str, object]] = {}
        self._kept = 0
        self._refused = 0
        self._events = 0
        self._is_skipping = False
        self._waiting = 0

    def add(self, piece: bytes) -> None:
        """Parse the next bytes; beyond the cap, or when no event was found, they are ignored."""
        is_other = not self._events and self._taken_bytes > _GIVE_UP_BYTES
        if is_other or self._taken_bytes > MAX_BYTES:
            return
        self._taken_bytes += len(piece)
        first, *others = piece.split(b"\n")
        self._extend(first)
        for part in others:
            if not self._is_skipping:
                self._take_line(bytes(self._line))
            self._line.clear()
            self._is_skipping = False
            self._extend(part)

    def _extend(self, part: bytes) -> None:
        if len(self._line) + len(part) > MAX_LINE_BYTES:
            self._refused += not self._is_skipping
            self._is_skipping = True
            self._line.clear()
        elif not self._is_skipping:
            self._line += part

    def finish(self) -> GoTestReport | None:
        """Return what was parsed, or None when there was no event at all."""
        if self._line and not self._is_skipping:
            self._take_line(bytes(self._line))
            self._line.clear()
        if not self._events:
            return None
        open_packages = list(self._packages.items())
        not_run = sum(self._end_open(name, package) for name, package in open_packages)
        is_cut = bool(open_packages) or self._taken_bytes > MAX_BYTES
        return GoTestReport(
            cases=tuple(self._cases.values()),
            not_run=not_run + self._waiting,
            stopped_early=is_cut,
            refused=self._refused,
        )

    def _take_line(self, line: bytes) -> None:
        text = line.strip()
        if not text.startswith(b"{"):
            found = _NOT_BUILT.match(text)
            if found is not None:
                name = found[1].decode("utf-8", "replace")
                self._put(name, "error", None, "the package was not built", None)
                self._events += 1
            return
        try:
            event: object = json.loads(text)
        except (ValueError, RecursionError):
            return
        if is_fields(event):
            self._take(event)

    def _take(self, event: Mapping[str, object]) -> None:
        action, package = _name(event.get("Action")), _name(event.get("Package"))
        imported, output = _name(event.get("ImportPath")), event.get("Output")
        if action in {"build-output", "build-fail"} and imported:
            self._events += 1
            self._keep(self._build(imported), output)
        elif not action or not package or action not in _ACTIONS:
            return
        elif package not in self._packages and len(self._packages) >= MAX_PACKAGES:
            self._refused += 1
        else:
            self._events += 1
            test = _name(event.get("Test"))
            if test:
                self._take_test(action, package, test, event)
            else:
                self._take_package(action, package, event)

    def _build(self, imported: str) -> _Test:
        if imported not in self._builds and len(self._builds) >= MAX_PACKAGES:
            self._refused += 1
            return _Test()
        return self._builds.setdefault(imported, _Test())

    def _take_package(self, action: str, name: str, event: Mapping[str, object]) -> None:
        package = self._packages.setdefault(name, _Package())
        if action == "output":
            self._keep(package.own, event.get("Output"))
        elif action in {"pass", "fail", "skip"}:
            self._waiting += self._end_open(name, package)
            if action == "fail" and not package.has_failed:
                failed_build = _name(event.get("FailedBuild"))
                built = self._builds.get(failed_build or "")
                message = _message(built or package.own) or "the package failed"
                self._put(name, "error", event.get("Elapsed"), message, None)
            self._forget(package.own)
            del self._packages[name]

    def _take_test(
        self, action: str, name: str, test_name: str, event: Mapping[str, object]
    ) -> None:
        package = self._packages.setdefault(name, _Package())
        if action not in _ENDS:
            if test_name not in package.tests and len(package.tests) >= MAX_CASES:
                self._refused += 1
                return
            test = package.tests.setdefault(test_name, _Test())
            if action in {"pause", "cont"}:
                test.is_paused = action == "pause"
            elif action == "output":
                self._keep(test, event.get("Output"))
            return
        test = package.tests.pop(test_name, _Test())
        outcome = _ENDS[action]
        package.has_failed |= outcome == "failed"
        message = None if outcome == "passed" else _message(test)
        frame = self._frame(name, test) if outcome == "failed" else None
        is_again = test_name in package.ended
        package.ended.add(test_name)
        identifier = f"{name}::{test_name}"
        self._put(identifier, outcome, event.get("Elapsed"), message, frame, is_again=is_again)
        self._forget(test)

    def _end_open(self, name: str, package: _Package) -> int:
        """Add the tests that were running when their process ended; return how many waited."""
        waiting = 0
        for test_name, test in package.tests.items():
            if test.is_paused:
                waiting += 1
                continue
            message = "\n".join(part for part in (_message(test), _NO_END) if part)
            frame = self._frame(name, test)
            self._put(f"{name}::{test_name}", "error", None, message[-_MAX_TEXT:], frame)
            package.has_failed = True
        for test in package.tests.values():
            self._forget(test)
        package.tests.clear()
        return waiting

    def _put(
        self,
        identifier: str,
        outcome: str,
        elapsed: object,
        message: str | None,
        frame: dict[str, object] | None,
        *,
        is_again: bool = False,
    ) -> None:
        """Add a case; the repetition of a test replaces its previous case.

        Repeated in the same process (`-count=2`), a failure is kept: that run failed because of it.
        """
        before = self._cases.get(identifier)
        if before is None and len(self._cases) >= MAX_CASES:
            self._refused += 1
            return
        reruns = 0 if before is None else cast("int", before.get("reruns") or 0) + 1
        if before is not None and is_again and before["outcome"] in {"failed", "error"}:
            before["reruns"] = reruns
            return
        self._cases[identifier] = {
            "id": identifier,
            "outcome": outcome,
            "duration_ns": _duration_ns(elapsed),
            "message": message or None,
            "frame": frame,
            "reruns": reruns or None,
        }

    def _frame(self, package: str, test: _Test) -> dict[str, object] | None:
        """Return the first position in a Go file that the output mentions."""
        text = "".join(test.output)
        found = _PLACE.search(text) or _TRACE.search(text)
        if found is None:
            return None
        path = found[1]
        if "/" not in path and self._module and (package + "/").startswith(self._module + "/"):
            path = f"{package[len(self._module) + 1 :]}/{path}".lstrip("/")
        return {"path": path[:_MAX_NAME], "line": int(found[2])}

    def _keep(self, test: _Test, output: object) -> None:
        """Keep the end of what a test printed; of a panic, whose trace is long, the start."""
        if not isinstance(output, str) or self._kept > _MAX_KEPT:
            return
        if output.startswith("panic: ") and not test.has_panicked:
            self._forget(test)
            test.has_panicked = True
        if test.has_panicked and test.kept > _MAX_TEXT:
            return
        text = output[-_MAX_TEXT:]
        test.output.append(text)
        test.kept += len(text)
        self._kept += len(text)
        while not test.has_panicked and test.kept - len(test.output[0]) > _MAX_TEXT:
            gone = len(test.output.pop(0))
            test.kept -= gone
            self._kept -= gone

    def _forget(self, test: _Test) -> None:
        self._kept -= test.kept
        test.output, test.kept = [], 0


_ACTIONS: Final = frozenset({"start", "run", "pause", "cont", "output", *_ENDS})


def read_go_test(path: Path, *, module: str | None = None) -> GoTestReport:
    """Parse a file with a `go test -json` stream.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it holds no event, or is too large.
    """
    stream = GoTestStream(module=module)
    descriptor = open_regular(path)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > MAX_BYTES:
            raise DamagedError(f"{path} is larger than {MAX_BYTES} bytes")
        try:
            while piece := file.read(_CHUNK):
                stream.add(piece)
        except OSError as error:
            raise DamagedError(f"{path} cannot be read: {type(error).__name__}") from None
    report = stream.finish()
    if report is None:
        raise DamagedError(
            f"{path} holds no event of go test", hint="Give the output of `go test -json`."
        )
    return report


def module_of(root: Path) -> str | None:
    """Return the module path that a workspace's go.mod names, or None."""
    try:
        text = read_regular(root / "go.mod", max_bytes=1 << 20).decode("utf-8", "replace")
    except SignoffError:
        return None
    found = re.search(r'^module\s+"?([^\s"]+)', text, re.MULTILINE)
    return found[1][:_MAX_NAME] if found is not None else None


def _message(test: _Test) -> str | None:
    lines = "".join(test.output).splitlines()
    kept = "\n".join(line for line in lines if not _NOISE.match(line)).strip()
    return (kept[:_MAX_TEXT] if test.has_panicked else kept[-_MAX_TEXT:]) or None


def _name(value: object) -> str | None:
    return value[:_MAX_NAME] if isinstance(value, str) else None


def _duration_ns(value: object) -> int | None:
    if type(value) not in {int, float}:
        return None
    seconds = cast("float", value)
    return int(seconds * 1e9) if 0 <= seconds < 1e9 else None
