"""The rows at the foot of the player: what would be labelled, what is said of it, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical

from signoff_collector.replay.screens.bars import Bar
from signoff_schemas.labels import TagField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from signoff_collector.labels.screens.pointing import Pointed
    from signoff_schemas.labels import Label, LabelSchema, ProposedLabel

Parts = tuple[tuple[str, str], ...]
_OWN_KEYS: Final = (
    ("v", "span"), ("u", "undo"), ("p", "look at next"), ("b", "next burst"), ("z", "its start"),
    ("del", "remove"), ("h", "list"),
)  # fmt: skip
_KEY_ROWS: Final = 2


class LabelBars(Vertical):
    """Two rows of what is said, two of keys."""

    DEFAULT_CSS = "LabelBars { height: 4; dock: bottom; }"

    def __init__(self, schema: LabelSchema) -> None:
        super().__init__()
        self._schema = schema
        self._said = Bar(look="bar")
        self._proposed = Bar()
        self._keys = [Bar() for _ in range(_KEY_ROWS)]

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield self._said
        yield self._proposed
        yield from self._keys

    def show_keys(self, width: int) -> None:
        """Spread the keys over the rows; what does not fit is in the help."""
        rows: list[list[tuple[str, str]]] = [[]]
        used = 1
        for key, words in key_words(self._schema):
            taken = len(key) + len(words) + 3
            if used + taken > width and len(rows) < _KEY_ROWS:
                rows.append([])
                used = 1
            used += taken
            rows[-1] += [(f" {key}", "key"), (f" {words} ", "plain")]
        for bar, row in zip(self._keys, [*rows, []], strict=False):
            bar.say(*row)

    def show_place(
        self,
        at: Pointed,
        said: Sequence[Label],
        around: Sequence[Label],
        proposed: ProposedLabel | None,
    ) -> None:
        """Show what would be labelled, and what is said of it."""
        words = ", ".join(label_words(one) for one in said) or "no label"
        more = ", ".join(label_words(one) for one in around)
        within = f"   (within: {more})" if more else ""
        self._said.say((f" {at.what}: ", "strong"), (f"{words}{within}", "plain"))
        self._proposed.say(*_proposed_parts(proposed))


def key_words(schema: LabelSchema) -> list[tuple[str, str]]:
    """Return each key of labels with what it does: the schema's, then the player's own."""
    found: list[tuple[str, str]] = []
    for field in schema.fields:
        if isinstance(field, TagField):
            found += [(one.key, one.name) for one in field.values if one.key is not None]
        elif field.key is not None:
            found.append((field.key, f"{field.name} …"))
    return [*found, *_OWN_KEYS]


def label_words(label: Label) -> str:
    """Return a label in words."""
    accepted = " (accepted)" if label.accepted is not None else ""
    return f"{label.field} {label.value}{accepted}"


def _proposed_parts(proposed: ProposedLabel | None) -> Parts:
    if proposed is None:
        return ((" nothing is proposed here", "dim"),)
    return (
        (f" proposed: {proposed.field} {proposed.value} ", "warning"),
        (" y", "key"), (" accept ", "plain"), (" x", "key"), (" turn down  ", "plain"),
        (proposed.reason, "dim"),
    )  # fmt: skip
