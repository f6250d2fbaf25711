"""Values of the check list: groups, their samples, and the changes that an action makes."""

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
    """One place of a group, with its surrounding text."""

    seq: int | None
    """The step in the base episode; None if it is not in a step."""
    path: str
    """The file, or the JSON pointer into the step."""
    context: str
    """Raw recorded text, not linearised."""
    start: int
    length: int
    """Length of the finding within `context`; 0 if it is not in there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Items that one action decides on together."""

    id: str
    """A digest keyed by the review's random key, so that it reveals no value."""
    kind: GroupKind
    title: str
    """Description; may contain raw recorded text, not linearised."""
    samples: tuple[Sample, ...]
    count: int
    """Number of items."""
    state: State | None
    """None while undecided."""
    actions: tuple[Action, ...]
    needs_decision: bool
    """Whether signing should wait for a decision; not for items masked by default."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group before its decision is known."""

    kind: GroupKind
    what: str
    """Identifies the group within its kind; may contain a value, so only its digest is stored."""
    title: str
    samples: tuple[Sample, ...]
    count: int
    default: Default
    """`mask`: masked unless accepted; `tell`: for information, nothing to decide."""
    texts: tuple[TextMask, ...] = ()
    fields: tuple[FieldMask, ...] = ()
    files: tuple[int, ...] = ()
    """Files of the base episode that `cut_file` leaves out."""
    placeholders: tuple[str, ...] = field(default=())

    def id(self, key: bytes) -> str:
        """Return its id, which reveals nothing without the key."""
        message = f"{self.kind}\0{self.what}".encode("utf-8", "surrogatepass")
        return hmac.new(key, message, hashlib.sha256).hexdigest()[:_ID_DIGITS]

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return the actions that are possible."""
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
    """Return an id for the contents of a group; it changes whenever the contents do."""
    whole = "\0".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()
