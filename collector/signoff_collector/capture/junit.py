"""Read JUnit XML, the report that most test runners can write; a stranger's bytes.

No tree is built and no document type is accepted, so neither entities nor millions of empty
elements cost more than reading them (THREATS 37). The form has no standard; what is read is what
the runners agree on: testsuite, testcase, failure, error, skipped.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from signoff_collector.private_files import open_regular
from signoff_schemas.errors import DamagedError

MAX_BYTES: Final = 64 << 20
MAX_CASES: Final = 100_000
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 2_000_000
_MAX_TEXT: Final = 4_000
_CHUNK: Final = 1 << 16
_RESULTS: Final[Mapping[str, str]] = {"failure": "failed", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitReport:
    """The cases of one report file."""

    suites: tuple[str, ...]
    """Names of the suites, in order."""
    cases: tuple[Mapping[str, object], ...]
    """Each as a `tests` step holds it."""

    @property
    def framework(self) -> str:
        """What wrote it, as far as the suites' names tell."""
        known = {"pytest", "jest", "mocha", "vitest", "nextest"}
        return next((name for name in self.suites if name in known), "junit")


@dataclass(slots=True)
class _Reader:
    """Follows the parser through one file."""

    suites: list[str] = field(default_factory=list[str])
    cases: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    _depth: int = 0
    _elements: int = 0
    _case: dict[str, object] | None = None
    _inside: str | None = None
    _text: list[str] = field(default_factory=list[str])
    _text_left: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's start."""
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise DamagedError(f"the report nests deeper than {MAX_DEPTH} elements")
        if self._elements > MAX_ELEMENTS:
            raise DamagedError(f"the report has more than {MAX_ELEMENTS} elements")
        if name == "testsuite" and attributes.get("name"):
            self.suites.append(attributes["name"][:_MAX_TEXT])
        elif name == "testcase":
            if len(self.cases) >= MAX_CASES:
                raise DamagedError(f"the report has more than {MAX_CASES} cases")
            self._case = _case(attributes)
        elif name in _RESULTS and self._case is not None and self._inside is None:
            self._inside = name
            self._text_left = _MAX_TEXT
            self._take_result(_RESULTS[name], attributes)

    def text(self, piece: str) -> None:
        """Take characters; only those of a result are kept."""
        if self._inside is not None and self._text_left > 0:
            self._text.append(piece[: self._text_left])
            self._text_left -= len(piece)

    def end(self, name: str) -> None:
        """Take an element's end."""
        self._depth -= 1
        case = self._case
        if name == self._inside:
            if case is not None and not case["message"]:
                case["message"] = "".join(self._text).strip() or None
            self._inside = None
            self._text.clear()
        elif name == "testcase" and case is not None:
            self.cases.append(case)
            self._case = None

    def _take_result(self, outcome: str, attributes: dict[str, str]) -> None:
        case = self._case
        if case is None or case["outcome"] in {"failed", "error"}:
            return
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
        "outcome": "passed",
        "duration_ns": _duration_ns(attributes.get("time", "")),
        "message": None,
        "frame": {"path": file[:_MAX_TEXT], "line": int(line)} if file and has_line else None,
    }


def _duration_ns(text: str) -> int | None:
    """Return seconds, as runners write them (`1,234.5` too), in nanoseconds."""
    try:
        seconds = float(text.replace(",", "")[:40])
    except ValueError:
        return None
    return int(seconds * 1e9) if 0 <= seconds < 1e9 else None
