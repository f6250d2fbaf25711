"""The values of the list "to check": groups, their samples, and what an action would change."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from signoff_schemas.plan import FieldMask, TextMask

GroupKind = Literal["novel", "redaction", "name", "output", "entered", "residue"]
State = Literal["accepted", "masked", "unmasked"]
Action = Literal["mask", "accept", "unmask", "cut_file", "show"]
Default = Literal["decide", "mask", "tell"]
SAMPLES: Final = 6
_ID_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One place of a group, with what stands around it."""

    seq: int | None
    """The step in the base episode; None where it is no step."""
    path: str
    """The file, or the JSON pointer into the step."""
    context: str
    """Recorded text, not linearised."""
    start: int
    length: int
    """Where in `context` it stands; a length of 0 where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things that one action decides on."""

    id: str
    """Holds no value: a digest with the review's random key."""
    kind: GroupKind
    title: str
    """In words; may repeat recorded text, not linearised."""
    samples: tuple[Sample, ...]
    count: int
    """How many things it holds."""
    state: State | None
    """None: nobody decided yet."""
    actions: tuple[Action, ...]
    needs_decision: bool
    """Whether signing should wait for a decision: not for what is masked by default."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group before it is known what was decided."""

    kind: GroupKind
    what: str
    """Tells it from other groups of its kind; may hold a value, so only its digest is kept."""
    title: str
    samples: tuple[Sample, ...]
    count: int
    default: Default
    """`mask`: masked unless accepted; `tell`: nothing is to be decided."""
    texts: tuple[TextMask, ...] = ()
    fields: tuple[FieldMask, ...] = ()
    files: tuple[int, ...] = ()
    """Files of the base episode that `cut_file` leaves out."""
    placeholders: tuple[str, ...] = field(default=())

    def id(self, key: bytes) -> str:
        """Return its name, which tells nothing to whoever lacks the key."""
        message = f"{self.kind}\0{self.what}".encode("utf-8", "surrogatepass")
        return hmac.new(key, message, hashlib.sha256).hexdigest()[:_ID_DIGITS]

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be done about it."""
        found: list[Action] = []
        if self.default != "tell":
            found.append("accept")
        if self.texts or self.fields:
            found.append("mask")
        if self.files:
            found.append("cut_file")
        if self.placeholders:
            found.append("unmask")
        return (*found, "show")


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{count} {one if count == 1 else many}"


def content_name(parts: list[str]) -> str:
    """Return a name for a group of many things, another one when they are others."""
    whole = "\0".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()
