"""Small frozen models that steps, headers and plans are composed of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from signoff_schemas.words import ActorClass, Basis

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hexadecimal SHA-256."""
Count = Annotated[int, Field(ge=0)]
"""A number of things, never negative."""
BlobIndex = Annotated[int, Field(ge=0)]
"""Ordinal of a blob of the same episode."""


class Value(BaseModel):
    """Base of everything published: frozen, strict about names, silent about inputs."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_default=False,
        defer_build=True,  # a verb that reads no step of a kind does not pay for its validator
    )

    @classmethod
    def of_valid(cls, fields: Mapping[str, object]) -> Self:
        """Construct a value without validation; `fields` must be complete and valid.

        It takes half the memory of a validated one: instances whose attributes are set one by one
        in the same order share their dictionary keys.
        """
        value = cls.__new__(cls)
        for name, held in fields.items():
            object.__setattr__(value, name, held)
        object.__setattr__(value, "__pydantic_fields_set__", _names(cls))
        object.__setattr__(value, "__pydantic_extra__", None)
        object.__setattr__(value, "__pydantic_private__", None)
        return value

    @override
    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields replaced, without validation."""
        if deep or self.model_extra is not None:
            return super().model_copy(update=update, deep=deep)
        return self.of_valid({**vars(self), **(update or {})})


@cache
def _names(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


class Actor(Value):
    """Who caused a change, and how that is known."""

    cls: ActorClass = Field(default=ActorClass.UNKNOWN, alias="class")
    basis: Basis = Basis.NONE
    evidence: tuple[str, ...] = ()

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )


class Position(Value):
    """Zero-based line and column, both counted in code points."""

    line: Count
    column: Count


class Range(Value):
    """From `start` up to but without `end`."""

    start: Position
    end: Position


class LineSpan(Value):
    """Zero-based lines `first` up to and with `last`."""

    first: Count
    last: Count


class DiskForm(Value):
    """How a text lies on disk, where its bytes are not just the text as UTF-8.

    Applied in the order of the fields; `encode_form` of `signoff_collector.episode` does it.
    """

    last_line: Literal["kept", "without", "with"] = "kept"
    """`without`: the text's last line ending is not on disk; `with`: disk has one more."""
    eol: Literal["kept", "crlf"] = "kept"
    encoding: Literal["utf-8", "latin-1", "utf-16-le", "utf-16-be"] = "utf-8"
    bom: bool = False
    """Whether a byte order mark precedes the text."""


class DiskFile(Value):
    """What lay on disk at one path."""

    path: str
    sha256: Sha256 | Literal["withheld"] | None = None
    """Of the shown text; None when the file is gone, `withheld` when it may not be said."""
    size_bytes: Count | None = None
    mode: str | None = None
    """Six octal digits as git writes them."""
    blob: BlobIndex | None = None
    """The content, when it differs from what replaying gives at this place."""
    without_content: bool | None = None
    """True: the file is there, with a content that this episode does not hold."""


class Diagnostic(Value):
    """One finding of a language server or linter."""

    code: str | None = None
    severity: Literal["error", "warning", "information", "hint"] | None = None
    range: Range | None = None
    message: str
    server: str | None = None


class Output(Value):
    """What a command printed, cut in the middle when it is long."""

    head: str = ""
    tail: str = ""
    middle_bytes: Count = 0
    middle_lines: Count = 0


class Frame(Value):
    """A place in source code."""

    path: str
    line: Count
    function: str | None = None


class TestCase(Value):
    """What one test came to."""

    __test__ = False

    id: str
    outcome: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    duration_ns: Count | None = None
    message: str | None = None
    frame: Frame | None = None
    reruns: Count | None = None
    """How often it was run again; the outcome is that of the last time."""
