"""Stores the cases of one test run as columns, behind a sequence interface.

A day of test runs has 120,000 cases. A model takes 1.3 kB each; here a case takes 17 bytes and
its id, which is interned across runs. A `TestCase` is made on access.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from sys import intern
from typing import TYPE_CHECKING, Final, NamedTuple, cast, final, get_args, overload

from pydantic import ValidationError
from pydantic_core import core_schema

from signoff_schemas.values import Frame, TestCase

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, SerializationInfo
    from pydantic_core import CoreSchema

OUTCOMES: Final[tuple[str, ...]] = get_args(TestCase.model_fields["outcome"].annotation)
"""Possible outcomes of a case; the index is the code in the column."""

_CODES: Final = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_NOT_SAID: Final = -1
_LONGEST_NS: Final = (1 << 63) - 1


class _Rest(NamedTuple):
    """Fields of the few cases with more than an id, an outcome and an int64 duration."""

    duration_ns: int | None
    message: str | None = None
    frame: Frame | None = None
    reruns: int | None = None


_Row = tuple[str, int, int, _Rest | None]
"""Id, code of the outcome, duration or _NOT_SAID, and the rest; if set, it has the duration."""


@final
class Cases(Sequence[TestCase]):
    """The cases of one run in their recorded order; equal to a tuple of the same cases.

    Args:
        cases: models, or mappings as stored in files. A mapping without a message costs
            0.5 µs, a tenth of a model.

    Raises:
        ValidationError: a case is not valid.
    """

    __slots__ = ("_codes", "_durations", "_rest", "ids")

    def __init__(self, cases: Iterable[object] = ()) -> None:
        ids: list[str] = []
        codes = bytearray()
        durations = array("q")
        rest: dict[int, _Rest] = {}
        for place, case in enumerate(cases):
            name, code, duration_ns, more = _read(case)
            ids.append(intern(name))
            codes.append(code)
            durations.append(duration_ns)
            if more is not None:
                rest[place] = more
        self.ids: Final = tuple(ids)
        """The id of each case."""
        self._codes: Final = bytes(codes)
        self._durations: Final = durations
        self._rest: Final = rest

    @property
    def outcomes(self) -> Iterator[str]:
        """The outcome of each case."""
        return map(OUTCOMES.__getitem__, self._codes)

    @property
    def messages(self) -> Iterator[str]:
        """The message of each case, empty where there is none."""
        for at in range(len(self)):
            rest = self._rest.get(at)
            yield (rest.message if rest is not None else None) or ""

    @property
    def durations_ns(self) -> Iterator[int | None]:
        """The duration of each case, None where unknown."""
        for at, duration_ns in enumerate(self._durations):
            rest = self._rest.get(at)
            if rest is not None:
                yield rest.duration_ns
            else:
                yield None if duration_ns == _NOT_SAID else duration_ns

    @property
    def talkative(self) -> Iterator[int]:
        """Indices of cases that may have more than an id, an outcome and a duration."""
        return iter(self._rest)

    def replaced(self, cases: Mapping[int, TestCase]) -> Cases:
        """Return a copy with the cases at these indices replaced."""
        return Cases(cases[at] if at in cases else self[at] for at in range(len(self)))

    def rows(self, *, mode: str = "json", is_short: bool = True) -> Iterator[dict[str, object]]:
        """Yield the JSON form of each case; a short one leaves out unknown fields."""
        for at, (name, code, duration_ns) in enumerate(
            zip(self.ids, self._codes, self._durations, strict=True)
        ):
            if is_short and at not in self._rest:  # nearly all: a third of the time
                short: dict[str, object] = {"id": name, "outcome": OUTCOMES[code]}
                if duration_ns != _NOT_SAID:
                    short["duration_ns"] = duration_ns
                yield short
                continue
            row = self._fields(at)
            frame = row["frame"]
            if isinstance(frame, Frame):
                row["frame"] = frame.model_dump(mode=mode, exclude_none=is_short)
            yield {name: said for name, said in row.items() if said is not None or not is_short}

    def _fields(self, at: int) -> dict[str, object]:
        duration_ns = self._durations[at]
        rest = self._rest.get(at) or _Rest(None if duration_ns == _NOT_SAID else duration_ns)
        return {"id": self.ids[at], "outcome": OUTCOMES[self._codes[at]], **rest._asdict()}

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> TestCase: ...
    @overload
    def __getitem__(self, place: slice) -> Cases: ...
    def __getitem__(self, place: int | slice) -> TestCase | Cases:
        places = range(len(self))[place]
        if isinstance(places, range):
            return Cases(self[at] for at in places)
        return TestCase.of_valid(self._fields(places))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Cases):
            mine = (self.ids, self._codes, self._durations, self._rest)
            return mine == (other.ids, other._codes, other._durations, other._rest)
        if isinstance(other, (tuple, list)):
            return tuple(self) == tuple(cast("tuple[object, ...]", other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Cases({list(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Give pydantic the schema of a list of `TestCase`, each validated on input."""
        return core_schema.no_info_wrap_validator_function(
            _valid,
            handler.generate_schema(tuple[TestCase, ...]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _serialised, info_arg=True
            ),
        )


def as_cases(value: Sequence[TestCase]) -> Cases:
    """Return the cases of a step as they are; a copy of one, never validated, may hold a tuple."""
    return value if isinstance(value, Cases) else Cases(value)


def _valid(value: object, handler: Callable[[object], tuple[TestCase, ...]]) -> Cases:
    if isinstance(value, Cases):
        return value
    if isinstance(value, (tuple, list)):
        try:
            return Cases(cast("Sequence[object]", value))
        except ValidationError:
            pass  # the handler says which one is not valid
    return Cases(handler(value))


def _serialised(value: Sequence[TestCase], info: SerializationInfo) -> Sequence[dict[str, object]]:
    cases = as_cases(value)
    is_short = info.exclude_none or info.exclude_defaults or info.exclude_unset
    rows = cases.rows(mode=info.mode, is_short=is_short)
    return list(rows) if info.mode == "json" else tuple(rows)


def _read(value: object) -> _Row:
    """Return one case; most are plain mappings, which are checked here without a model."""
    if isinstance(value, TestCase):
        return _taken(value)
    if type(value) is dict:
        fields = cast("dict[object, object]", value)
        name, outcome = fields.get("id"), fields.get("outcome")
        if type(name) is str and type(outcome) is str and outcome in _CODES:
            duration_ns = fields.get("duration_ns", _NOT_SAID)
            if len(fields) == 2 and duration_ns == _NOT_SAID:
                return name, _CODES[outcome], _NOT_SAID, None
            if len(fields) == 3 and type(duration_ns) is int and 0 <= duration_ns <= _LONGEST_NS:
                return name, _CODES[outcome], duration_ns, None
    return _taken(TestCase.model_validate(value))


def _taken(case: TestCase) -> _Row:
    rest = _Rest(case.duration_ns, case.message, case.frame, case.reruns)
    code, duration_ns = _CODES[case.outcome], case.duration_ns
    if rest[1:] == (None, None, None) and (duration_ns is None or duration_ns <= _LONGEST_NS):
        return case.id, code, _NOT_SAID if duration_ns is None else duration_ns, None
    return case.id, code, _NOT_SAID, rest
