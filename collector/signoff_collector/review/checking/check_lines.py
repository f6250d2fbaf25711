"""Format the items to check as text, for the full screens and the line dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.review.checking.group_values import counted
from signoff_collector.text.linear import linearise, linearise_path
from signoff_schemas.shown_words import field_words

if TYPE_CHECKING:
    from signoff_collector.review.checking.groups import Group, ItemRow, Sample

_KINDS: Final = {
    "novel": "unknown words",
    "redaction": "masked already",
    "name": "names",
    "output": "long output",
    "entered": "from outside",
    "residue": "left open by sealing",
}
_WIDE: Final = 160


def group_line(group: Group) -> str:
    """Return a group in two lines: decision, description, one sample."""
    state = group.state or ("decide" if group.needs_decision else "as it is")
    sample = f"\n           {_sample(group.samples[0])}" if group.samples else ""
    left = f", {group.left} to decide" if 0 < group.left < group.count else ""
    places = f" ({counted(group.places, 'place', 'places')}{left})"
    return f"{state:<10} {_KINDS[group.kind]}: {_one_line(group.title)}{places}{sample}"


def group_head(group: Group) -> str:
    """Return a group in lines above those of its items."""
    return "\n".join(
        [
            _one_line(group.title),
            f"{counted(group.places, 'place', 'places')}; {_KINDS[group.kind]};"
            f" decided: {group.state or 'not yet'}",
            f"actions: {', '.join(group.actions)}",
        ]
    )


def item_line(item: ItemRow) -> str:
    """Return an item in two lines: decision, text and number of places; then where it stands."""
    state = item.state or ("decide" if "accept" in item.actions else "as it is")
    places = counted(item.places, "place", "places")
    held = [
        field_words(one) if one.startswith("/") else linearise_path(one)
        for one in item.where
        if item.sample is None or one != item.sample.path
    ]
    where = f"; also in {', '.join(held)}" if held else ""
    sample = "" if item.sample is None else f"\n           {_sample(item.sample)}{where}"
    return f"{state:<10} {_one_line(item.title)} ({places}){sample}"


def _sample(sample: Sample) -> str:
    """Return one sample with the finding between marks."""
    end = sample.start + sample.length
    before, held = sample.context[: sample.start], sample.context[sample.start : end]
    context = f"{before}»{held}«{sample.context[end:]}"
    step = "" if sample.seq is None else f" step {sample.seq}"
    if sample.path.startswith("/"):
        where = field_words(sample.path) + (" of" if step else "")
    else:
        where = linearise_path(sample.path) if sample.path else ""
    return f"{where}{step}: {_one_line(context)}".strip(" :")


def _one_line(text: str) -> str:
    line = linearise(text.strip()).replace("\n", "⏎ ")
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…"
