"""Shown state: any edits, any masks, the shown edits give the shown text."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.texts.shown import Masks, ShownText, show
from signoff_collector.redaction.texts.texts import Text

CHARS = st.text(st.sampled_from("ab\n😀🚀"), max_size=6)
IDS = 200


@given(
    opened=CHARS,
    edits=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), CHARS), max_size=25),
    masked=st.lists(st.tuples(st.integers(0, 120), st.integers(1, 9), st.integers(1, 2))),
)
def test_shown_edits_lead_from_shown_text_to_shown_text(
    opened: str, edits: list[tuple[int, int, str]], masked: list[tuple[int, int, int]]
) -> None:
    masks = Masks(IDS, lambda group: f"<R{group}>")
    for first, length, group in masked:
        masks.mark(array("i", range(first, first + length)), group)
    text = Text(opened, array("i", range(len(opened))))
    shown = ShownText(text, masks)
    present, next_id = shown.text, len(opened)
    for wanted_start, wanted_length, put in edits:
        start = min(wanted_start, len(text.chars))
        deleted = min(wanted_length, len(text.chars) - start)
        pending = shown.before_edit(start, deleted)
        fresh = array("i", range(next_id, next_id + len(put)))
        next_id += len(put)
        text.replace(start, start + deleted, put, fresh)
        change = pending.done(fresh, put)
        if change is not None:
            end = change.start + change.deleted
            present = present[: change.start] + change.text + present[end:]
        assert present == shown.text
        assert shown.runs == ShownText(text, masks).runs
        offsets = [shown.offset(place) for place in range(len(text.chars) + 1)]
        assert offsets == sorted(offsets)
        assert offsets[-1] == len(present)


def test_a_run_of_several_secrets_is_one_placeholder() -> None:
    masks = Masks(10, lambda group: f"<R{group}>")
    masks.mark(array("i", [1, 2]), 1)
    masks.mark(array("i", [3, 4, 5]), 2)
    shown = ShownText(Text("abcdefg", array("i", range(7))), masks)
    assert show("abcdefg", shown.runs) == "a<R1>g"


def test_more_masks_than_an_array_is_small_for_are_found_alike() -> None:
    length = 500
    masks = Masks(length, lambda group: f"<R{group}>")
    masks.mark(array("i", range(100, 110)), 1)
    masks.mark(array("i", range(400, 499)), 1)
    ids = array("i", range(length))
    runs = [(run.start, run.end) for run in masks.runs(ids)]
    assert runs == [(100, 110), (400, 499)]
    assert [(r.start, r.end) for r in masks.runs(ids[95:115], 95)] == [(100, 110)]
