"""The one table of keys: no key means two things in a place, and all who show it show the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from signoff_schemas.keys import (
    FILE_VIEW,
    PLAYER,
    ROWS,
    SCREENS,
    TITLES,
    as_data,
    help_lines,
    rows_of,
)

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "editor_extensions" / "review_page" / "src"
PLACES = sorted({place for row in ROWS for place in row.places})


@pytest.mark.parametrize("place", PLACES)
def test_a_key_does_one_thing_in_a_place(place: str) -> None:
    done: dict[str, tuple[str, bool]] = {}
    for row in rows_of(place):
        for key, forth in row.each():
            assert done.setdefault(key, (row.id, forth)) == (row.id, forth), key


def test_a_key_of_the_film_is_the_same_in_terminal_and_page() -> None:
    by_place = {
        place: {row.id: row.keys for row in rows_of(place)} for place in (PLAYER, "page:timeline")
    }
    both = by_place[PLAYER].keys() & by_place["page:timeline"].keys()
    assert len(both) > 20
    assert all(by_place[PLAYER][one] == by_place["page:timeline"][one] for one in both)
    assert by_place[PLAYER].keys() - both == {"scroll", "leave"}


def test_the_screens_have_the_same_numbers_in_page_and_terminal() -> None:
    numbered = re.search(
        r"NUMBERED = \[(.*?)\]", (PAGE / "screens.ts").read_text("utf-8"), re.DOTALL
    )
    assert numbered is not None
    assert tuple(re.findall(r'"(\w+)"', numbered[1])) == SCREENS
    titles = "".join(path.read_text("utf-8") for path in PAGE.glob("*/screens.ts"))
    for name, title in zip(SCREENS, TITLES, strict=True):
        assert re.search(rf'"{name}",\s*(title: )?"{title}"', titles), name


def test_the_page_has_the_same_table() -> None:
    text = (ROOT / "schemas" / "json" / "keys.json").read_text("utf-8")
    assert json.loads(text) == json.loads(json.dumps(as_data()))
    generated = (PAGE / "schemas" / "keys.ts").read_text("utf-8")
    assert re.findall(r'id: "(\w+)"', generated) == [row["id"] for row in json.loads(text)]


@pytest.mark.parametrize(("page", "place"), [("replay", PLAYER), ("review", FILE_VIEW)])
def test_the_documents_list_the_same_keys(page: str, place: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    for row in rows_of(place):
        if row.id != "screens":
            assert f"| {row.label} | {row.does} |" in text, row.id


def test_the_review_s_document_lists_what_its_screens_do() -> None:
    text = (ROOT / "docs" / "review.md").read_text("utf-8")
    shown = {row.id: row for name in SCREENS[:4] for row in rows_of(f"terminal:{name}")}
    for row in shown.values():
        if row.id not in {"screens", "row", "do", "mask", "cut"}:
            assert f"| {row.label} | {row.does} |" in text, row.id


@pytest.mark.parametrize("place", PLACES)
def test_help_fits_a_terminal_of_eighty_columns(place: str) -> None:
    assert all(len(line) <= 100 for line in help_lines(place))
    shown = [line for line in help_lines(place) if not line.startswith("1 … 8")]
    assert all(len(line) <= 80 for line in shown)
