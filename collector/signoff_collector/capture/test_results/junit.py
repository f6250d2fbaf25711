"""Parse JUnit XML, the report that most test runners can write, as untrusted input.

No tree is built and a document type is refused, so neither entities nor millions of empty elements
cost more than reading them (threat 37). The format has no standard; parsed is what the runners
agree on: testsuite, testcase, failure, error, skipped, and what surefire and nextest write about
repeated tests. Totals in a report are ignored: cases are counted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from signoff_collector.own_files.private_files import open_regular
from signoff_schemas.errors import DamagedError

MAX_BYTES: Final = 64 << 20
MAX_CASES: Final = 100_000
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 2_000_000
MAX_KEPT: Final = 32 << 20
"""Most characters of ids and messages of one report."""
_MAX_TEXT: Final = 4_000
_MAX_NAME: Final = 200
_MAX_SUITES: Final = 1_000
_CHUNK: Final = 2 << 20
"""Large, because an old expat parses an unfinished token again with every chunk."""
_RESULTS: Final[Mapping[str, str]] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_FLAKY: Final = frozenset({"flakyFailure", "flakyError", "rerunFailure", "rerunError"})
"""Results of earlier attempts; the outcome is that of the last one."""
_STATUSES: Final[Mapping[str, str]] = {"fail": "failed", "notrun": "skipped", "disabled": "skipped"}
"""Values of the status attribute that ctest writes."""
_KNOWN: Final[tuple[tuple[str, str], ...]] = (
    ("pytest", "pytest"), ("jest", "jest"), ("mocha", "mocha"), ("vitest", "vitest"),
    ("nextest", "nextest"), ("phpunit", "phpunit"), ("rspec", "rspec"),
)  # fmt: skip
"""Prefix of a suite's name, and the runner it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitReport:
    """The cases of one report file."""

    suites: tuple[str, ...]
    """Names of the suites, in order."""
    cases: tuple[Mapping[str, object], ...]
    """Each as a `tests` step holds it."""

    @property
    def framework(self) -> str:
        """The runner that wrote it, as far as the suites' names reveal it."""
        for name in self.suites:
            for start, framework in _KNOWN:
                if re.match(rf"{start}\b", name, re.IGNORECASE):
                    return framework
        return "junit"


@dataclass(slots=True)
class _Reader:
    """Handles the parser's events for one file."""

    suites: list[str] = field(default_factory=list[str])
    cases: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    _depth: int = 0
    _elements: int = 0
    _case: dict[str, object] | None = None
    _inside: str | None = None
    _text: list[str] = field(default_factory=list[str])
    _text_left: int = 0
    _kept: int = 0
    _has_failed: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise DamagedError(f"the report nests deeper than {MAX_DEPTH} elements")
        if self._elements > MAX_ELEMENTS:
            raise DamagedError(f"the report has more than {MAX_ELEMENTS} elements")
        if name in {"testsuite", "testsuites"} and attributes.get("name"):
            if len(self.suites) < _MAX_SUITES:
                self.suites.append(attributes["name"][:_MAX_NAME])
        elif name == "testcase":
            if len(self.cases) >= MAX_CASES:
                raise DamagedError(f"the report has more than {MAX_CASES} cases")
            self._case = _case(attributes)
            self._has_failed = False
            self._count(str(self._case["id"]))
        elif name in _FLAKY and self._case is not None and self._inside is None:
            self._case["reruns"] = int(str(self._case["reruns"] or 0)) + 1
        elif name in _RESULTS and self._case is not None and self._inside is None:
            self._inside = name
            self._text_left = _MAX_TEXT
            self._take_result(_RESULTS[name], attributes)

    def text(self, piece: str) -> None:
        """Handle text; only that of a result is kept."""
        if self._inside is not None and self._text_left > 0:
            self._text.append(piece[: self._text_left])
            self._text_left -= len(piece)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._depth -= 1
        case = self._case
        if name == self._inside:
            if case is not None and not case["message"]:
                case["message"] = "".join(self._text).strip() or None
            self._inside = None
            self._text.clear()
        elif name == "testcase" and case is not None:
            if case["outcome"] == "passed":
                case["frame"] = None  # the test's definition, not the place of the failure
            self._count(str(case["message"] or ""))
            self.cases.append(case)
            self._case = None

    def _count(self, text: str) -> None:
        self._kept += len(text)
        if self._kept > MAX_KEPT:
            raise DamagedError(f"the report names more than {MAX_KEPT} characters")

    def _take_result(self, outcome: str, attributes: dict[str, str]) -> None:
        case = self._case
        if case is None or self._has_failed:
            return
        self._has_failed = outcome in {"failed", "error"}
        is_expected = attributes.get("type") == "pytest.xfail"
        case["outcome"] = "xfailed" if is_expected else outcome
        case["message"] = attributes.get("message", "")[:_MAX_TEXT] or None


def read_junit(path: Path) -> JunitReport:
    """Return the cases of a JUnit XML file.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no such report, has a document type, or is too large.
    """
    descriptor = open_regular(path)
    reader = _Reader()
    parser = _parser(reader)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > MAX_BYTES:
            raise DamagedError(f"{path} is larger than {MAX_BYTES} bytes")
        left_bytes = MAX_BYTES
        try:
            while left_bytes > 0 and (piece := file.read(min(_CHUNK, left_bytes))):
                left_bytes -= len(piece)
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise DamagedError(f"{path} is not XML: line {error.lineno}: {reason}") from None
        except (LookupError, ValueError, OSError) as error:
            raise DamagedError(f"{path} cannot be read: {type(error).__name__}") from None
    if not reader.suites and not reader.cases:
        raise DamagedError(
            f"{path} holds no testsuite and no testcase", hint="Give a JUnit XML report."
        )
    return JunitReport(suites=tuple(reader.suites), cases=tuple(reader.cases))


def _parser(reader: _Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    return parser


def _refuse_doctype(*_: object) -> None:
    raise DamagedError("the report has a document type declaration")


def _case(attributes: Mapping[str, str]) -> dict[str, object]:
    place = attributes.get("classname") or attributes.get("file") or ""
    name = attributes.get("name", "")
    identifier = f"{place}::{name}" if place else name
    file, line = attributes.get("file"), attributes.get("line", "")
    has_line = line.isascii() and line.isdigit() and len(line) < 10
    return {
        "id": identifier[:_MAX_TEXT],
        "outcome": _STATUSES.get(attributes.get("status", ""), "passed"),
        "duration_ns": _duration_ns(attributes.get("time", "")),
        "message": None,
        "frame": {"path": file[:_MAX_TEXT], "line": int(line)} if file and has_line else None,
        "reruns": None,
    }


def _duration_ns(text: str) -> int | None:
    """Convert seconds, as runners write them (`1,234.5` too), to nanoseconds."""
    try:
        seconds = float(text.replace(",", "")[:40])
    except ValueError:
        return None
    return int(seconds * 1e9) if 0 <= seconds < 1e9 else None
