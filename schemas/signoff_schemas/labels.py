"""Labels of an episode: the schema that says which there are, label sets, proposed labels.

A label set is what one labeller says of one episode. It lies beside the episode, never in it, and
is signed over its exact bytes (docs/labels.md). What a rule of ours proposes is another type: no
document takes a `ProposedLabel` where a `Label` is meant.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from signoff_schemas.errors import DamagedError, NotSignedError, UsageError
from signoff_schemas.strict import (
    Count,
    RandomId,
    Sha256,
    ShortText,
    Strict,
    Word,
    field_names,
    first_fault,
    refuse_ambiguous_json,
    signed_form,
)

MAX_SET_BYTES: Final = 8 << 20
MAX_SCHEMA_BYTES: Final = 64 << 10
MOST_LABELS: Final = 20_000
_MOST_STEPS_OF_A_SCALE: Final = 100

LabelKey = Annotated[str, Field(pattern=r"^[0-9a-zA-Z]$")]
"""One key of the keyboard."""
Words = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What a person reads of a field or a value, in one line."""


def _is_a_day(text: str) -> str:
    date.fromisoformat(text)
    return text


UtcDay = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_is_a_day)]
"""A day in UTC. Never finer: how fast somebody labels is nobody's business."""
Where = Literal["step", "span", "any"]
Value = str | int
Measure = Literal["nominal", "ordinal", "interval", "ratio"]
"""How far apart two values are (Krippendorff 2011): the same or not, by rank, by difference, by
share."""


class TagValue(Strict):
    """One of the values of a tag."""

    name: Word
    key: LabelKey | None = None
    """Sets it in the player."""
    words: Words | None = None


class TagField(Strict):
    """A label with one of a few values that have no order."""

    kind: Literal["tag"]
    name: Word
    where: Where = "any"
    """Whether it is said of one step, of a span of steps, or of either."""
    values: Annotated[tuple[TagValue, ...], Field(min_length=1, max_length=40)]
    words: Words | None = None


class ScaleField(Strict):
    """A label with a whole number between two bounds."""

    kind: Literal["scale"]
    name: Word
    where: Where = "any"
    lowest: Annotated[int, Field(ge=-1000, le=1000)]
    highest: Annotated[int, Field(ge=-1000, le=1000)]
    measure: Literal["ordinal", "interval", "ratio"] = "ordinal"
    key: LabelKey | None = None
    """Asks for the number in the player."""
    words: Words | None = None

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if not 1 <= self.highest - self.lowest < _MOST_STEPS_OF_A_SCALE:
            raise ValueError("a scale goes up, by at most 99 steps")
        if self.measure == "ratio" and self.lowest < 0:
            raise ValueError("a ratio scale begins at zero or above")
        return self


class TextField(Strict):
    """A label in words of the labeller's own, in one line."""

    kind: Literal["text"]
    name: Word
    where: Where = "any"
    longest: Annotated[int, Field(ge=1, le=1000)] = 200
    """Characters."""
    key: LabelKey | None = None
    """Asks for the words in the player."""
    words: Words | None = None


LabelField = Annotated[TagField | ScaleField | TextField, Field(discriminator="kind")]


class LabelSchema(Strict):
    """Which labels there are, as a team agreed on them."""

    label_schema: Literal[1]
    name: Word
    fields: Annotated[tuple[LabelField, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _means_one_thing_by_each_name_and_key(self) -> Self:
        if len({field.name for field in self.fields}) != len(self.fields):
            raise ValueError("two fields have one name")
        for field in self.fields:
            if isinstance(field, TagField) and _are_repeated([one.name for one in field.values]):
                raise ValueError("two values of a tag have one name")
        if _are_repeated(self.keys()):
            raise ValueError("a key is given twice")
        return self

    def keys(self) -> list[str]:
        """Return every key that it names."""
        found: list[str | None] = []
        for field in self.fields:
            if isinstance(field, TagField):
                found += [value.key for value in field.values]
            else:
                found.append(field.key)
        return [key for key in found if key is not None]

    def field(self, name: str) -> TagField | ScaleField | TextField | None:
        """Return the field of a name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def sha256(self) -> str:
        """The digest of its canonical form: the same from YAML, from JSON, in any spelling."""
        held = self.model_dump(mode="json", exclude_none=True)
        text = json.dumps(held, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def fault_of(self, name: str, value: Value, first: int, last: int) -> str | None:
        """Return what is wrong with a label, or None; no word of it is repeated."""
        field = self.field(name)
        if field is None:
            return "the schema has no such field"
        if first > last:
            return "a span ends before it begins"
        if field.where == "step" and first != last:
            return f"{field.name} is said of one step, not of a span"
        if field.where == "span" and first == last:
            return f"{field.name} is said of a span, not of one step"
        return _fault_of_value(field, value)


class Acceptance(Strict):
    """Which proposal a person took over."""

    rule: Word
    rule_version: Count


class Label(Strict):
    """What a person says of a step, or of a span of steps."""

    origin: Literal["person"]
    field: Word
    value: Value
    first: Count
    last: Count
    """Its last step, inclusive; `first` where it is said of one step."""
    set_on: UtcDay
    tool: Word
    """With which it was set: `signoff`, or what it was imported from."""
    version: ShortText
    accepted: Acceptance | None = None
    """A rule proposed it, and a person accepted it."""

    @property
    def place(self) -> tuple[int, int, str]:
        """Of which a set holds at most one: first, last, field."""
        return self.first, self.last, self.field


class ProposedLabel(Strict):
    """What a rule says of a step or a span; nobody said it."""

    origin: Literal["proposed"]
    field: Word
    value: Word
    first: Count
    last: Count
    rule: Word
    rule_version: Count
    reason: str
    """In words; holds names of files and tests as the episode shows them."""
    sure: Annotated[int, Field(ge=0, le=100)]
    """Of 100, by rule of thumb: puts proposals in order and is no probability."""

    @property
    def id(self) -> str:
        """Short name of the proposal: the same for the same episode and rules."""
        said = f"{self.rule} {self.rule_version} {self.field} {self.value} {self.first} {self.last}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]


class Rejection(Strict):
    """Which proposal a person turned down."""

    field: Word
    value: Word
    first: Count
    last: Count
    rule: Word
    rule_version: Count


class LabelSet(Strict):
    """All labels of one labeller for one episode."""

    label_set: Literal[1]
    episode_sha256: Sha256
    episode_steps: Count
    """Number of its steps: labels name them from 0 on."""
    schema_sha256: Sha256
    label_schema: LabelSchema
    labeller: RandomId
    """The beginning of the SHA-256 of the key that signs it."""
    labels: Annotated[tuple[Label, ...], Field(max_length=MOST_LABELS)] = ()
    rejected: Annotated[tuple[Rejection, ...], Field(max_length=MOST_LABELS)] = ()

    @model_validator(mode="after")
    def _says_what_its_schema_knows(self) -> Self:
        if self.label_schema.sha256 != self.schema_sha256:
            raise ValueError("its schema is another than its digest names")
        places = [label.place for label in self.labels]
        if places != sorted(set(places)):
            raise ValueError("its labels are not in order, or two say one thing of one place")
        turned = [rejection_order(one) for one in self.rejected]
        if turned != sorted(set(turned)):
            raise ValueError("what was turned down is not in order")
        for label in self.labels:
            fault = self.label_schema.fault_of(label.field, label.value, label.first, label.last)
            if fault is None and label.last >= self.episode_steps:
                fault = "a label is beyond the last step"
            if fault is not None:
                raise ValueError(fault)
        return self


def rejection_order(one: Rejection) -> tuple[int, int, str, str, str, int]:
    """Return what puts rejections in order, and tells them apart."""
    return one.first, one.last, one.field, one.value, one.rule, one.rule_version


def _fault_of_value(field: TagField | ScaleField | TextField, value: Value) -> str | None:
    match field:
        case TagField():
            if value not in {one.name for one in field.values}:
                return f"{field.name} has no such value"
        case ScaleField():
            if not isinstance(value, int) or not field.lowest <= value <= field.highest:
                return f"{field.name} is a number from {field.lowest} to {field.highest}"
        case TextField():
            if not isinstance(value, str) or not value.isprintable():
                return f"{field.name} is one line of words"
            if not 1 <= len(value) <= field.longest:
                return f"{field.name} has 1 to {field.longest} characters"
    return None


def _are_repeated(names: list[str]) -> bool:
    return len(set(names)) != len(names)


_PARTS: Final = (
    *(TagValue, TagField, ScaleField, TextField, LabelSchema),
    *(Acceptance, Label, Rejection, LabelSet),
)
_NAMES: Final = field_names(_PARTS)


def parse_schema(content: bytes) -> LabelSchema:
    """Parse the JSON form of a label schema.

    Raises:
        DamagedError: it is none.
    """
    try:
        return LabelSchema.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(
            f"this is no label schema: {first_fault(error, _NAMES, 'the schema')}",
            hint="docs/labels.md shows one.",
        ) from error


def label_set_bytes(found: LabelSet) -> bytes:
    """Return the exact bytes of a label set: what lies on the disk and what is signed."""
    return signed_form(found)


def parse_label_set(content: bytes) -> LabelSet:
    """Parse a label set in its canonical form; its signature is not looked at.

    Raises:
        DamagedError: it is none, or spelled in another way.
    """
    if len(content) > MAX_SET_BYTES:
        raise DamagedError(f"a label set has at most {MAX_SET_BYTES} bytes")
    try:
        refuse_ambiguous_json(content)
    except NotSignedError as error:
        raise DamagedError("this label set is not JSON with every name given once") from error
    try:
        found = LabelSet.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(
            f"this is no label set: {first_fault(error, _NAMES, 'the set')}"
        ) from error
    if label_set_bytes(found) != content:
        raise DamagedError("this label set is not in its canonical form")
    return found


def checked_label(schema: LabelSchema, label: Label, steps: int) -> Label:
    """Return a label that its schema knows, of steps that there are.

    Raises:
        UsageError: the schema does not know it, or the episode ends before it.
    """
    fault = schema.fault_of(label.field, label.value, label.first, label.last)
    if fault is None and label.last >= steps:
        fault = f"the episode has {steps} steps"
    if fault is not None:
        raise UsageError(fault, hint="`signoff label EPISODE --fields` lists what can be said.")
    return label
