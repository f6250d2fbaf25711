"""Values of the check list: groups, their samples, and the changes that an action makes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

from signoff_schemas.plan import FieldMask, TextMask

GroupKind = Literal["novel", "redaction", "name", "output", "entered", "residue"]
State = Literal["accepted", "masked", "unmasked", "mixed"]
"""`mixed`: of a group whose items are decided, but not alike."""
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
    places: int
    """Number of occurrences in the kept task that an action on the group changes."""
    left: int
    """Number of items that wait for a decision."""
    state: State | None
    """None while undecided."""
    actions: tuple[Action, ...]
    suggested: Action | None
    """The action that is right for most; None where there is nothing to do."""
    needs_decision: bool
    """Whether signing should wait for a decision; not for items masked by default."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item of a group as it is shown."""

    id: str
    title: str
    """The value, file, line or mask; raw recorded text, not linearised."""
    sample: Sample | None
    places: int
    where: tuple[str, ...]
    """Files and fields that hold it, the first few."""
    state: State | None
    actions: tuple[Action, ...]

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What can be decided on by itself: a value, a name, a line, a text, a mask."""

    what: str
    """Identifies it within its kind; may contain a value, so only its digest is stored."""
    title: str
    sample: Sample | None = None
    places: int = 1
    """Number of occurrences in the kept task."""
    where: tuple[str, ...] = ()
    texts: tuple[TextMask, ...] = ()
    fields: tuple[FieldMask, ...] = ()
    files: tuple[int, ...] = ()
    """Files of the base episode that `cut_file` leaves out."""
    placeholders: tuple[str, ...] = ()

    def holds(self, words: str) -> bool:
        """Return whether a search for lower-case words finds it."""
        context = "" if self.sample is None else self.sample.context
        return any(words in text.lower() for text in (self.title, context, *self.where))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group before its decisions are known."""

    kind: GroupKind
    name: str
    """Identifies the group within its kind."""
    title: str
    items: tuple[Item, ...]
    default: Default
    """`mask`: masked unless accepted; `tell`: for information, nothing to decide."""
    shared_places: int | None = None
    """Occurrences of all items, where one may belong to several of them."""
    suggested: Action | None = None

    def id(self, key: bytes) -> str:
        """Return its id, which reveals nothing without the key."""
        return _id(key, self.kind, self.name)

    def item_id(self, key: bytes, item: Item) -> str:
        """Return the id of one of its items."""
        return _id(key, self.kind, f"{self.name}\0{item.what}")

    def only(self, item: Item) -> Draft:
        """Return the group as if it had this item alone."""
        return replace(self, items=(item,))

    @property
    def places(self) -> int:
        """Return how many occurrences an action on the group changes."""
        each = sum(item.places for item in self.items)
        return each if self.shared_places is None else self.shared_places

    @property
    def texts(self) -> tuple[TextMask, ...]:
        """Return the masks of all items in texts."""
        return tuple(dict.fromkeys(mask for item in self.items for mask in item.texts))

    @property
    def fields(self) -> tuple[FieldMask, ...]:
        """Return the masks of all items in strings of steps."""
        return tuple(dict.fromkeys(mask for item in self.items for mask in item.fields))

    @property
    def files(self) -> tuple[int, ...]:
        """Return the files that `cut_file` leaves out."""
        return tuple(dict.fromkeys(file for item in self.items for file in item.files))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return the masks of sealing that the group is about."""
        return tuple(dict.fromkeys(one for item in self.items for one in item.placeholders))

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


def _id(key: bytes, kind: str, what: str) -> str:
    message = f"{kind}\0{what}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:_ID_DIGITS]


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{count} {one if count == 1 else many}"


def content_name(parts: list[str]) -> str:
    """Return an id for the contents of a group; it changes whenever the contents do."""
    whole = "\0".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()
