"""Format the items to check as text, for the full screens and the line dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.text.linear import linearise, linearise_path

if TYPE_CHECKING:
    from signoff_collector.review.checking.groups import Group, Sample

_KINDS: Final = {
    "novel": "of no known word",
    "redaction": "masked by sealing",
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
    count = f" ({group.count})" if group.count > 1 else ""
    return f"{state:<10} {_KINDS[group.kind]}: {_one_line(group.title)}{count}{sample}"


def group_text(group: Group) -> str:
    """Return a group with all its samples."""
    lines = [
        _one_line(group.title),
        f"{group.count} in all; {_KINDS[group.kind]}; decided: {group.state or 'not yet'}",
        f"actions: {', '.join(group.actions)}",
        "",
    ]
    return "\n".join([*lines, *(f"{_sample(sample)}\n" for sample in group.samples)])


def _sample(sample: Sample) -> str:
    """Return one sample with the finding between marks."""
    end = sample.start + sample.length
    before, held = sample.context[: sample.start], sample.context[sample.start : end]
    context = f"{before}»{held}«{sample.context[end:]}"
    step = "" if sample.seq is None else f" step {sample.seq}"
    where = linearise_path(sample.path) if sample.path else ""
    return f"{where}{step}: {_one_line(context)}".strip(" :")


def _one_line(text: str) -> str:
    line = linearise(text.strip()).replace("\n", "⏎ ")
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…"
